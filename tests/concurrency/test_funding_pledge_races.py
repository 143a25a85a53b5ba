"""Pledges against the cap, against the closing of their campaign and against their own double."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from marketplace.common.errors import DomainError
from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import pledging
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
from marketplace.workflow import registry
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_the_same_time(*works: Callable[[], Any]) -> list[str]:
    """Each work in a thread and connection of its own; what each came to, sorted."""
    outcome: list[str] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
            outcome.append("done")
        except DomainError as refusal:
            outcome.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(outcome)


def two_pledges_for_one_place() -> tuple[list[str], Campaign]:
    """Two funders pledge 400,000 fen each where 600,000 is the cap."""
    first, second = funding.funder(400_000), funding.funder(400_000)
    campaign = funding.campaign([first, second])
    outcome = at_the_same_time(
        lambda: funding.pledge(campaign, first, 400_000),
        lambda: funding.pledge(campaign, second, 400_000),
    )
    campaign.refresh_from_db()
    return outcome, campaign


def promised(campaign: Campaign) -> int:
    return balance(books.campaign_escrow(campaign.pk)).incoming_fen


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(registry.named("pledge").locks, "confirm")


@pytest.fixture
def counting_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap kept as a program without databases would: read, compare, write back."""
    both_have_read = threading.Barrier(2)

    def reserve(campaign: Campaign, fen: int) -> None:
        held = Campaign.objects.get(pk=campaign.pk).held_fen
        both_have_read.wait(10)
        assert held + fen <= campaign.optimum_fen
        Campaign.objects.filter(pk=campaign.pk).update(held_fen=held + fen)

    monkeypatch.setattr(pledging, "reserve", reserve)


def test_two_that_would_pass_the_cap_together_do_not_both_get_in() -> None:
    outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["cap_reached", "done"]
    assert (campaign.held_fen, promised(campaign)) == (400_000, 400_000)
    assert list(check()) == []


def test_the_conditional_update_alone_keeps_the_cap(without_the_lock: None) -> None:
    outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["cap_reached", "done"]
    assert promised(campaign) == 400_000


def test_without_lock_and_conditional_update_the_cap_is_passed(without_the_lock: None, counting_by_hand: None) -> None:
    outcome, campaign = two_pledges_for_one_place()
    assert outcome == ["done", "done"]
    assert (campaign.held_fen, promised(campaign)) == (400_000, 800_000)


def pledge_while_the_campaign_closes() -> tuple[str, Campaign]:
    """The closing is written but not committed when the pledge is confirmed."""
    early, late = funding.funder(300_000), funding.funder(100_000)
    campaign = funding.campaign([early, late])
    funding.firm(campaign, early, 300_000)
    outcome: list[str] = []
    thread = threading.Thread(target=lambda: outcome.extend(at_the_same_time(lambda: funding.pledge(campaign, late, 100_000))))
    with transaction.atomic():
        perform("close_early", campaign, accounts.actor_for(campaign.organisation))
        thread.start()
        thread.join(1)  # it waits for the campaign's row
    thread.join(20)
    campaign.refresh_from_db()
    return outcome[0], campaign


def test_a_pledge_that_meets_the_closing_is_refused() -> None:
    outcome, campaign = pledge_while_the_campaign_closes()
    assert (outcome, campaign.state, campaign.held_fen) == ("campaign_not_open", "clearing", 300_000)


def test_without_the_lock_a_pledge_gets_into_a_closed_campaign(without_the_lock: None) -> None:
    outcome, campaign = pledge_while_the_campaign_closes()
    assert (outcome, campaign.state) == ("done", "clearing")
    assert campaign.pledges.filter(state="cooling_off").count() == 1


def test_a_double_click_is_one_intent() -> None:
    funder = funding.funder(100_000)
    campaign, key, actor = funding.campaign([funder]), uuid7(), accounts.actor_for(funder)

    def click() -> None:
        pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000, id=key)

    assert at_the_same_time(click, click, click) == ["done", "done", "done"]
    assert Pledge.objects.count() == 1


def test_a_double_confirmation_holds_once() -> None:
    funder = funding.funder(100_000)
    campaign, actor = funding.campaign([funder]), accounts.actor_for(funder)
    intent = pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000)

    def confirm() -> None:
        perform("confirm", intent, actor, risk_version=campaign.risk_version, suitable=True)

    assert at_the_same_time(confirm, confirm) == ["done", "wrong_state"]
    assert promised(campaign) == 50_000
