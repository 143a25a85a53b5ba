"""A campaign's deadline moves later once, and earlier only with the consent of whoever has pledged."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.common.errors import Forbidden, Invalid
from marketplace.funding import errors
from marketplace.funding.models import Campaign
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db


def test_a_deadline_is_moved_once_when_the_company_asks_and_a_reviewer_agrees() -> None:
    campaign = funding.campaign()
    company, reviewer, first = accounts.actor_for(campaign.organisation), accounts.staff_actor("reviewer"), campaign.deadline
    with pytest.raises(errors.NoExtensionAsked):
        perform("extend_once", campaign, reviewer, until=first)
    later = first + timedelta(days=20)
    campaign = perform("ask_extension", campaign, company, until=later, reason="两家机构仍在尽调")
    assert (campaign.state, campaign.deadline, campaign.due_at) == ("open", first, first)
    assert campaign.extension_reason == "两家机构仍在尽调"
    with pytest.raises(Forbidden):
        perform("extend_once", campaign, company, until=later)
    campaign = perform("extend_once", campaign, reviewer, until=later)
    assert (campaign.deadline, campaign.due_at, campaign.extended_from) == (later, later, first)
    for action, actor, data in (
        ("ask_extension", company, {"until": later + timedelta(days=1), "reason": "再延"}),
        ("extend_once", reviewer, {"until": later}),
    ):
        with pytest.raises(errors.ExtendedAlready):
            perform(action, campaign, actor, **data)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(extended_from=later)


def test_a_reviewer_grants_the_time_that_was_read_and_no_other() -> None:
    campaign = funding.campaign()
    company, reviewer, first = accounts.actor_for(campaign.organisation), accounts.staff_actor("reviewer"), campaign.deadline
    read, replaced = first + timedelta(days=7), first + timedelta(days=60)
    perform("ask_extension", campaign, company, until=read, reason="补充尽调")
    campaign = perform("ask_extension", campaign, company, until=replaced, reason="另有安排")
    with pytest.raises(errors.ExtensionChanged):
        perform("extend_once", campaign, reviewer, until=read)
    campaign.refresh_from_db()
    assert (campaign.deadline, campaign.extended_from) == (first, None)
    assert perform("extend_once", campaign, reviewer, until=replaced).deadline == replaced


@pytest.mark.parametrize("days", [0, -1, 61])
def test_the_new_deadline_is_later_and_not_too_late(days: int) -> None:
    campaign = funding.campaign()
    with pytest.raises(Invalid) as refused:
        perform(
            "ask_extension",
            campaign,
            accounts.actor_for(campaign.organisation),
            until=campaign.deadline + timedelta(days=days),
            reason="x",
        )
    assert list(refused.value.fields) == ["until"]


def test_after_the_deadline_nothing_is_extended() -> None:
    campaign = funding.campaign()
    company = accounts.actor_for(campaign.organisation)
    campaign = perform("ask_extension", campaign, company, until=campaign.deadline + timedelta(days=1), reason="x")
    with pytest.raises(errors.CampaignNotOpen):
        perform("extend_once", funding.overdue(campaign), accounts.staff_actor("reviewer"), until=campaign.extension_until)


def test_an_early_close_waits_for_the_consent_of_every_pledger() -> None:
    first, second = funding.funder(300_000), funding.funder(50_000)
    campaign = funding.campaign([first, second])
    company = accounts.actor_for(campaign.organisation)
    pledges = [funding.firm(campaign, first, 300_000), funding.firm(campaign, second, 50_000)]
    perform("agree_early_close", pledges[0], accounts.actor_for(first))
    with pytest.raises(errors.AgreedAlready):
        perform("agree_early_close", pledges[0], accounts.actor_for(first))
    with pytest.raises(errors.EarlyCloseNotAgreed) as refused:
        perform("close_early", campaign, company)
    assert refused.value.extra["waiting_for"] == 1
    with pytest.raises(Forbidden):
        perform("agree_early_close", pledges[1], accounts.staff_actor("reviewer"))
    perform("agree_early_close", pledges[1], accounts.actor_for(second))
    assert perform("close_early", campaign, company).state == "clearing"


def test_a_company_asks_its_pledgers_once_when_nothing_but_their_consent_is_missing() -> None:
    first, second = funding.funder(300_000), funding.funder(50_000)
    campaign = funding.campaign([first, second])
    company = accounts.actor_for(campaign.organisation)
    with pytest.raises(errors.GoalNotReached):
        perform("ask_early_close", campaign, company)
    pledges = [funding.firm(campaign, first, 300_000), funding.pledge(campaign, second, 50_000)]
    with pytest.raises(errors.StillCoolingOff):
        perform("ask_early_close", campaign, company)
    pledges[1] = funding.passed(pledges[1], "cooling_passed")
    with pytest.raises(Forbidden):
        perform("ask_early_close", campaign, accounts.actor_for(first))
    campaign = perform("ask_early_close", campaign, company)
    assert (campaign.state, campaign.close_asked_at is not None) == ("open", True)
    with pytest.raises(errors.ConsentAskedAlready):
        perform("ask_early_close", campaign, company)


def test_where_everybody_has_agreed_nobody_is_asked() -> None:
    funder = funding.funder(300_000)
    campaign = funding.campaign([funder])
    perform("agree_early_close", funding.firm(campaign, funder, 300_000), accounts.actor_for(funder))
    with pytest.raises(errors.NobodyToAsk):
        perform("ask_early_close", campaign, accounts.actor_for(campaign.organisation))


def test_a_full_campaign_closes_early_without_asking() -> None:
    funder = funding.funder(600_000)
    campaign = funding.campaign([funder])
    funding.firm(campaign, funder, 600_000)
    assert perform("close_early", campaign, accounts.actor_for(campaign.organisation)).state == "clearing"
