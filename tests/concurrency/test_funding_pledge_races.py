"""Pledges against the cap, against the closing of their campaign and against their own double."""

import pytest
from django.db import transaction

from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import pledging
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.locks import without_constraint, without_lock
from tests.factories.racing import outcomes, race, replaced

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PLEDGING = "marketplace.funding.services.pledging"
THE_CAMPAIGN = "the campaign of a pledge"


def two_pledges_for_one_place() -> tuple[list[str], Campaign]:
    """Two funders pledge 400,000 fen each where 600,000 is the cap, and both are let in before either is counted."""
    first, second = funding.funder(400_000), funding.funder(400_000)
    campaign = funding.campaign([first, second])
    results = race(*(lambda who=who: funding.pledge(campaign, who, 400_000) for who in (first, second)), before=f"{PLEDGING}.reserve")
    campaign.refresh_from_db()
    return outcomes(results), campaign


def promised(campaign: Campaign) -> int:
    return balance(books.campaign_escrow(campaign.pk)).incoming_fen


def counted_by_hand(campaign: Campaign, fen: int) -> None:
    """The cap kept as a program without databases would: compare with what was read before, write back."""
    assert campaign.held_fen + fen <= campaign.optimum_fen
    Campaign.objects.filter(pk=campaign.pk).update(held_fen=campaign.held_fen + fen)


def test_two_that_would_pass_the_cap_together_do_not_both_get_in() -> None:
    outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["cap_reached", "done"]
    assert (campaign.held_fen, promised(campaign)) == (400_000, 400_000)


def test_the_conditional_update_alone_keeps_the_cap() -> None:
    with without_lock(THE_CAMPAIGN):
        outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["cap_reached", "done"]
    assert promised(campaign) == 400_000


@pytest.mark.breaks_books
def test_twin_without_lock_and_conditional_update_the_cap_is_passed() -> None:
    with without_lock(THE_CAMPAIGN), replaced(f"{PLEDGING}.reserve", lambda conditional: counted_by_hand):
        outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["done", "done"]
    assert (campaign.held_fen, promised(campaign)) == (400_000, 800_000)


def pledge_while_the_campaign_closes() -> tuple[list[str], Campaign]:
    """The closing is written but not committed when the pledge is confirmed."""
    early, late = funding.funder(300_000), funding.funder(100_000)
    campaign = funding.campaign([early, late])
    perform("agree_early_close", funding.firm(campaign, early, 300_000), accounts.actor_for(early))
    company = accounts.actor_for(campaign.organisation)

    @transaction.atomic
    def close() -> None:
        perform("close_early", campaign, company)

    results = race(close, lambda: funding.pledge(campaign, late, 100_000), after="marketplace.workflow.performing.perform")
    campaign.refresh_from_db()
    return outcomes(results), campaign


def test_a_pledge_that_meets_the_closing_is_refused() -> None:
    outcome, campaign = pledge_while_the_campaign_closes()
    assert (outcome, campaign.state, campaign.held_fen) == (["campaign_not_open", "done"], "clearing", 300_000)


def test_twin_without_the_lock_a_pledge_gets_into_a_closed_campaign() -> None:
    with without_lock(THE_CAMPAIGN):
        outcome, campaign = pledge_while_the_campaign_closes()
    assert (outcome, campaign.state) == (["done", "done"], "clearing")
    assert campaign.pledges.filter(state="cooling_off").count() == 1


def three_clicks() -> list[str]:
    """All three have found no earlier intent when the first is written."""
    funder = funding.funder(100_000)
    campaign, key, actor = funding.campaign([funder]), uuid7(), accounts.actor_for(funder)

    def click() -> None:
        pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000, id=key)

    return outcomes(race(click, click, click, before="marketplace.workflow.performing.begin"))


def test_a_double_click_is_one_intent() -> None:
    assert three_clicks() == ["done", "done", "done"]
    assert Pledge.objects.count() == 1


def test_twin_without_the_primary_key_each_click_is_an_intent() -> None:
    with without_constraint("funding_pledge_pkey", "workflow_change_pkey"):
        assert three_clicks() == ["done", "done", "done"]
        assert Pledge.objects.count() == 3


def confirmed_twice() -> tuple[list[str], Campaign]:
    """One intent, and both confirmations have seen that there is no other live pledge."""
    funder = funding.funder(100_000)
    campaign, actor = funding.campaign([funder]), accounts.actor_for(funder)
    intent = pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000)

    def confirm() -> None:
        perform("confirm", intent, actor, **funding.accepted(campaign))

    return outcomes(race(confirm, confirm, after=f"{PLEDGING}.can_confirm")), campaign


def test_a_double_confirmation_holds_once() -> None:
    outcome, campaign = confirmed_twice()
    assert outcome == ["done", "wrong_state"]
    assert promised(campaign) == 50_000


@pytest.mark.breaks_books("the second hold belongs to no pledge")
def test_twin_without_the_locks_one_pledge_is_held_twice() -> None:
    with without_lock(THE_CAMPAIGN, "the row"):
        outcome, campaign = confirmed_twice()
    assert outcome == ["done", "done"]
    assert promised(campaign) == 100_000


def two_funders_for_one_place() -> list[str]:
    """One place is left among the funders, and both have counted it as free unless the campaign's row kept one out."""
    first, second = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([first, second], max_funders=1)
    jobs = (lambda who=who: funding.pledge(campaign, who, 50_000) for who in (first, second))
    return outcomes(race(*jobs, after=f"{PLEDGING}.can_confirm"))


def test_two_funders_do_not_both_take_the_last_place() -> None:
    assert two_funders_for_one_place() == ["done", "too_many_funders"]


def test_twin_without_the_lock_there_are_more_funders_than_agreed() -> None:
    with without_lock(THE_CAMPAIGN):
        assert two_funders_for_one_place() == ["done", "done"]
