"""Notices: each organisation concerned is told of an event once, in both languages, with a way to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils.translation import override

from marketplace.accounts.models import Membership, Organisation
from marketplace.common import outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden
from marketplace.common.ids import uuid7
from marketplace.common.models import OutboxEvent
from marketplace.funding.models import CampaignQuestion, CampaignUpdate
from marketplace.notices import selectors
from marketplace.notices.mail import StoredMailBackend
from marketplace.notices.models import Notice, StoredMail
from marketplace.notices.services import telling
from marketplace.treasury.models import StatementLine
from marketplace.workflow import registry
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, catalogue, demands, funding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def told(organisation: Organisation) -> list[str]:
    """The topics that the organisation has been told of, oldest first."""
    return list(Notice.objects.filter(organisation=organisation).order_by("id").values_list("topic", flat=True))


def test_every_rule_is_for_a_topic_that_some_move_emits_on_that_kind_of_object() -> None:
    emitted = {(move.ledger, registered.model) for registered in registry.everyone() for move in registered.machine.moves}
    # News and questions are no moves of a campaign: their services emit, as test_funding_talks.py shows for each.
    talks = {("campaign.updated", CampaignUpdate), ("campaign.asked", CampaignQuestion), ("campaign.answered", CampaignQuestion)}
    # Nor is a bank's charge-back of anything: test_treasury_charge_backs.py shows what it emits.
    lines = {("treasury.charged_back", StatementLine)}
    assert {(topic, rule.model) for topic, rule in telling.RULES.items()} - emitted == talks | lines


def test_each_side_of_an_audit_is_told_when_it_has_something_to_do() -> None:
    active = agreements.active(funding.awarded_demand())
    company, team = accounts.actor_for(active.company), accounts.actor_for(active.university)
    asked = perform("ask", agreements.reported(active), team, text="发票呢？")
    agreements.verified(perform("answer", asked, company, question=asked.questions.get().pk, text="已补。"))
    perform("withdraw", agreements.reported(active, year=2027), company, reason="金额有误")
    outbox.relay()
    told_of_revenue = [[topic for topic in told(who) if topic.startswith("revenue.")] for who in (active.company, active.university)]
    assert told_of_revenue == [
        ["revenue.asked", "revenue.verified"],
        ["revenue.reported", "revenue.answered", "revenue.reported", "revenue.rejected"],
    ]


def test_an_event_is_told_once_to_each_organisation_concerned() -> None:
    made = agreements.frozen(funding.awarded_demand())
    outbox.relay()
    event = OutboxEvent.objects.get(topic="agreement.frozen")
    assert set(Notice.objects.filter(topic="agreement.frozen").values_list("organisation_id", "event_id")) == {
        (made.company_id, event.id),
        (made.university_id, event.id),
    }
    before = Notice.objects.count()
    telling.tell(event)
    outbox.relay()
    assert Notice.objects.count() == before


def test_two_events_of_the_same_kind_are_two_notices() -> None:
    target = demands.demand()
    bid, _ = demands.bid(target)
    for title in ("甲", "乙"):
        target = perform("amend", target, demands.company_of(target), fields={"title_zh": title})
    outbox.relay()
    assert told(bid.organisation) == ["demand.amended"] * 2
    assert told(target.organisation) == ["demand.reviewed"]


def test_a_team_with_two_bids_is_told_of_an_amendment_once() -> None:
    target, home = demands.demand(), accounts.organisation("university")
    for _ in range(2):
        demands.bid(target, by=catalogue.team(home))
    perform("amend", target, demands.company_of(target), fields={"title_zh": "改"})
    outbox.relay()
    assert told(home) == ["demand.amended"]


def test_whoever_was_not_selected_reads_why_in_either_language() -> None:
    target = demands.demand()
    (winner, first), (loser, second) = demands.bid(target), demands.bid(target)
    target = demands.closed(target)
    for bid, receipt in ((winner, first), (loser, second)):
        perform("reveal", bid, demands.SYSTEM, body=demands.offer(), salt=receipt.salt)
    demands.awarded(target, winner)
    outbox.relay()
    assert (told(winner.organisation), told(loser.organisation)) == (["bid.selected"], ["bid.not_selected"])
    notice = Notice.objects.get(topic="bid.not_selected")
    with override("zh-hans"):
        assert notice.text == "投标未中选：低温钠离子电池。理由：路线不同"
    with override("en"):
        assert notice.text == "Your bid was not selected: Sodium-ion cells for the cold. Reason: 路线不同"


def test_pledgers_are_asked_for_an_early_close_and_told_of_a_later_deadline() -> None:
    first, second, invited = funding.funder(300_000), funding.funder(50_000), funding.funder()
    campaign = funding.campaign([first, second, invited])
    company, later = accounts.actor_for(campaign.organisation), campaign.deadline + timedelta(days=7)
    perform("agree_early_close", funding.firm(campaign, first, 300_000), accounts.actor_for(first))
    funding.firm(campaign, second, 50_000)
    perform("ask_early_close", campaign, company)
    perform("ask_extension", campaign, company, until=later, reason="两家机构仍在尽调")
    perform("extend_once", campaign, accounts.staff_actor("reviewer"), until=later)
    outbox.relay()
    assert told(first) == ["campaign.extended"]
    assert told(second) == ["campaign.early_close_asked", "campaign.extended"]
    assert told(invited) == []
    assert told(campaign.organisation)[-1] == "campaign.extended"


def test_nobody_learns_from_a_notice_that_a_bid_was_sealed() -> None:
    target = demands.demand()
    demands.bid(target)
    outbox.relay()
    assert told(target.organisation) == ["demand.reviewed"]


def test_the_money_of_a_milestone_is_told_to_the_team_and_the_review_to_the_company() -> None:
    made = agreements.active(funding.awarded_demand())
    outbox.relay()
    Notice.objects.all().delete()
    agreements.released(made, 1)
    outbox.relay()
    assert told(made.company) == ["milestone.submitted", "agreement.completed"]
    assert told(made.university) == ["milestone.released", "agreement.completed"]


def test_a_notice_leads_to_a_page_that_its_reader_may_open() -> None:
    made = agreements.active(funding.awarded_demand())
    outbox.relay()
    for who in (made.company, made.university):
        client = Client()
        client.force_login(Membership.objects.get(organisation=who).person)
        for path in set(Notice.objects.filter(organisation=who).values_list("path", flat=True)):
            assert client.get(path).status_code == 200, path


def test_an_event_that_concerns_nobody_or_an_object_that_is_gone_passes_by() -> None:
    demands.overdue(demands.demand(until="submitted"))
    for topic in ("demand.escalated", "demand.closed", "house.painted"):
        telling.tell(OutboxEvent(id=uuid7(), topic=topic, kind="demand", object_id=uuid7(), payload={}))
    assert Notice.objects.count() == 0


def test_reading_marks_one_s_own_notices_and_nobody_else_s() -> None:
    made = agreements.frozen(funding.awarded_demand())
    outbox.relay()
    company, team = accounts.actor_for(made.company), accounts.actor_for(made.university)
    unread = selectors.unread_count(company)
    assert unread > 0
    assert telling.notices_read(actor=company) == unread
    assert (selectors.unread_count(company), telling.notices_read(actor=company)) == (0, 0)
    assert selectors.unread_count(team) > 0
    assert list(selectors.notices_for(Actor.anonymous())) == []
    with pytest.raises(Forbidden):
        telling.notices_read(actor=Actor.anonymous())


def test_the_demonstration_keeps_each_mail_for_each_receiver() -> None:
    mail = EmailMessage("验证码", "您的验证码是 123456", to=["Li@Example.org"], cc=["han@example.org"])
    assert StoredMailBackend().send_messages([mail]) == 1
    assert set(StoredMail.objects.values_list("to", "subject", "body")) == {
        ("li@example.org", "验证码", "您的验证码是 123456"),
        ("han@example.org", "验证码", "您的验证码是 123456"),
    }
    assert [row.to for row in selectors.mails_to("LI@example.org")] == ["li@example.org"]


def test_the_demonstration_s_mail_has_no_address_in_production(client: Client, settings: Any) -> None:
    StoredMail.objects.create(to="li@example.org", subject="s", body="b", created_at="2026-03-01T00:00Z")
    assert [row["to"] for row in client.get("/api/v1/demo/mail/").json()] == ["li@example.org"]
    settings.DEMO_LOGINS = False
    assert client.get("/api/v1/demo/mail/").status_code == 404
