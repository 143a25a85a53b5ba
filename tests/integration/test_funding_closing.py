"""Closing as a run: foretold, staged, checked, resumable, and fast enough for ten thousand pledges."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from ledger.app.models import Subject
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import closing, settling
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import closing as crowds
from tests.factories import funding
from tests.factories.racing import replaced

pytestmark = pytest.mark.django_db


def told(*options: str) -> str:
    out = StringIO()
    call_command("close_campaign", *options, stdout=out)
    return out.getvalue()


def posted_once(campaign: Campaign) -> bool:
    """Each pledge is captured, by one transfer and one sealed entry of its own."""
    rows = list(Pledge.objects.filter(campaign=campaign))
    posts = Transfer.objects.filter(kind="post", pending__in=[row.hold_id for row in rows])
    entries = Subject.objects.filter(kind="pledge", type="pledge.captured", object_id__in=[row.pk for row in rows])
    return {row.state for row in rows} == {"captured"} and posts.count() == entries.count() == len(rows)


def test_the_prediction_names_who_pays_and_changes_nothing() -> None:
    campaign = crowds.crowd(3)
    foretold = closing.predict(campaign=campaign)
    assert (foretold.ends, foretold.pays_fen, foretold.returns_fen, foretold.not_before) == ("funded", 300, 0, None)
    assert [share.pays_fen for share in foretold.shares] == [100, 100, 100]
    before = Transfer.objects.count()
    printed = told(str(campaign.pk), "--predict")
    assert all(str(pledge.pk) in printed for pledge in campaign.pledges.all())
    campaign.refresh_from_db()
    assert (campaign.state, Transfer.objects.count()) == ("open", before)


def test_a_goal_missed_by_one_fen_is_foretold_and_every_hold_returns() -> None:
    campaign = crowds.crowd(3, minimum_fen=301, spare_fen=1)
    foretold = closing.predict(campaign=campaign)
    assert (foretold.ends, foretold.pays_fen, foretold.returns_fen) == ("failed_closed", 0, 300)
    assert [step.state for step in closing.close(campaign=campaign)][-1] == "failed_closed"
    assert {pledge.state for pledge in campaign.pledges.all()} == {"released"}


def test_the_command_closes_only_when_told_to_and_says_every_step() -> None:
    campaign = crowds.crowd(2)
    printed = told(str(campaign.pk), "--apply")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.captured_fen) == ("funded", 200)
    assert printed.count("✓") == 5
    with pytest.raises(CommandError):
        told(str(campaign.pk))
    with pytest.raises(CommandError):
        told(str(funding.some_id()))


def test_a_campaign_whose_time_has_not_come_is_not_closed() -> None:
    funder = funding.funder(300_000)
    campaign = funding.campaign([funder])
    pledge = funding.cooling(campaign, funder, 300_000)
    assert closing.predict(campaign=campaign).not_before == campaign.deadline
    with pytest.raises(errors.DeadlineNotPassed):
        list(closing.close(campaign=campaign))
    campaign = funding.overdue(campaign)
    assert closing.predict(campaign=campaign).not_before == pledge.due_at
    with pytest.raises(errors.StillCoolingOff):
        list(closing.close(campaign=campaign))


@pytest.mark.parametrize("steps", range(6))
def test_a_run_that_ends_after_any_step_is_resumed_with_nothing_twice(steps: int, monkeypatch) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)
    campaign = crowds.crowd(5)
    run = closing.close(campaign=campaign)
    states = [next(run).state for _ in range(steps)]
    assert states == ["clearing", "successful", "successful", "successful", "successful", "funded"][:steps]
    run.close()
    campaign.refresh_from_db()
    assert closing.predict(campaign=campaign).pays_fen == 500
    assert [step.state for step in closing.close(campaign=campaign)][-1] == "funded"
    assert posted_once(campaign)
    assert balance(books.campaign_escrow(campaign.pk)).posted_fen == 500


@pytest.mark.parametrize(
    "where",
    [
        "marketplace.treasury.services.transferring.post_each",
        "marketplace.workflow.performing.enter",
        "marketplace.workflow.performing.record",
    ],
)
def test_a_batch_that_breaks_anywhere_leaves_nothing_and_the_next_run_ends_it(where: str) -> None:
    campaign = crowds.crowd(3)
    run = closing.close(campaign=campaign)
    assert [next(run).state, next(run).state] == ["clearing", "successful"]

    def broken(*args, **options):
        raise DatabaseError("the server is gone")

    with replaced(where, lambda original: broken), pytest.raises(DatabaseError):
        next(run)
    campaign.refresh_from_db()
    assert (campaign.held_fen, campaign.captured_fen) == (300, 0)
    list(closing.close(campaign=campaign))
    assert posted_once(campaign)


def test_a_run_stops_where_the_books_disagree_with_it() -> None:
    campaign = crowds.crowd(3)
    run = closing.close(campaign=campaign)
    next(run)
    Campaign.objects.filter(pk=campaign.pk).update(held_fen=299)
    with pytest.raises(closing.ClosingDiffers) as stopped:
        next(run)
    assert "299 ≠ 300 ≠ 300" in str(stopped.value)
    Campaign.objects.filter(pk=campaign.pk).update(held_fen=300)


def test_a_campaign_called_off_while_it_was_captured_returns_both_kinds_of_money(monkeypatch) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)
    campaign = crowds.crowd(3)
    run = closing.close(campaign=campaign)
    campaign = [next(run) for _ in range(3)][-1]
    assert (campaign.held_fen, campaign.captured_fen) == (100, 200)
    campaign = perform("demand_lost", campaign, funding.SYSTEM)
    assert closing.predict(campaign=campaign).returns_fen == 300
    assert [step.state for step in closing.close(campaign=campaign)][-1] == "cancelled_closed"
    assert sorted(campaign.pledges.values_list("state", flat=True)) == ["refunded", "refunded", "released"]


def test_no_campaign_that_is_not_closing_is_closed() -> None:
    with pytest.raises(closing.NothingToClose):
        closing.predict(campaign=funding.campaign(until="approved"))


def test_settlement_takes_a_few_statements_a_batch_and_little_time_a_pledge(at_size, django_assert_max_num_queries) -> None:
    number = at_size(60, 10_000)
    campaign = crowds.crowd(number)
    batches = -(-number // settling.BATCH)
    started = time.monotonic()
    with django_assert_max_num_queries(120 + 80 * batches):
        steps = list(closing.close(campaign=campaign))
    seconds = time.monotonic() - started
    assert len(steps) == 3 + batches
    assert steps[-1].captured_fen == number * 100
    assert number < 10_000 or seconds <= 60
