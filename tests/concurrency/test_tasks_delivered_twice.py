"""A task whose message is delivered again while it still runs, as where it takes longer than the broker waits: the second does nothing.

One meeting of each kind in `make test`, twenty in `make prove`. What each is like without its lock is shown beside the others of its
kind (closing, importing, matching) and here for the relay.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from marketplace.common import outbox
from marketplace.common.ids import uuid7
from marketplace.common.models import OutboxEvent
from marketplace.common.tasks import relay_outbox
from marketplace.funding.models import Campaign, Pledge
from marketplace.treasury.models import StatementImport, StatementLine, Transfer
from marketplace.treasury.tasks import run_import
from marketplace.workflow.performing import perform
from marketplace.workflow.tasks import sweep
from matching.app import memory
from matching.app.models import Piece, Run
from matching.app.services import nightly
from matching.app.tasks import match_piece
from tests.factories import closing as crowds
from tests.factories import funding, nights
from tests.factories.racing import outcomes, race
from tests.factories.treasury import previewed

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.prove]
Size = Callable[[int, int], int]
EVENTS = 5


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many events each thread has handed to the only consumer there is."""
    by = Counter[str]()
    counting = outbox.Consumer("test.counting", "", lambda event: by.update([threading.current_thread().name]))
    monkeypatch.setattr(outbox, "_consumers", {counting.name: counting})
    return by


def events() -> None:
    OutboxEvent.objects.all().delete()
    with transaction.atomic():
        outbox.emit_many("one.changed", kind="one", payloads={uuid7(): {} for _ in range(EVENTS)})


def at_once(task: Callable[..., Any], *arguments: Any, after: str) -> None:
    """Begin the task, and begin it again while the first stands behind that function."""
    assert outcomes(race(*[partial(task, *arguments)] * 2, after=after, seconds=60)) == ["done", "done"]


def test_a_second_relay_leaves_the_events_to_the_first(at_size: Size, handled: Counter[str]) -> None:
    for _ in range(at_size(1, 20)):
        handled.clear()
        events()
        at_once(relay_outbox, after="marketplace.common.outbox.deliver")
        assert list(handled.values()) == [EVENTS]  # all by one of them
        assert not OutboxEvent.objects.filter(delivered_at=None).exists()


def test_twin_without_its_lock_the_second_relay_delivers_too(handled: Counter[str]) -> None:
    events()
    at_once(outbox._relay_waiting, 500, after="marketplace.common.outbox.deliver")
    assert len(handled) == 2


def test_a_second_sweep_captures_no_pledge_again(at_size: Size) -> None:
    for _ in range(at_size(1, 20)):
        campaign = crowds.crowd(6)
        for action in ("deadline", "succeed"):
            campaign = perform(action, campaign, funding.SYSTEM)
        Campaign.objects.filter(pk=campaign.pk).update(due_at=campaign.deadline)
        at_once(sweep, after="marketplace.treasury.services.transferring.post_each")
        pledges = Pledge.objects.filter(campaign=campaign)
        assert set(pledges.values_list("state", flat=True)) == {"captured"}
        assert Transfer.objects.filter(kind="post", pending__in=pledges.values("hold_id")).count() == 6
        campaign.refresh_from_db()
        assert (campaign.held_fen, campaign.captured_fen) == (0, 600)


def test_a_second_worker_at_a_bank_s_file_books_none_of_its_lines_again(at_size: Size) -> None:
    for _ in range(at_size(1, 20)):
        run = previewed(*(f"{uuid7()},2026-11-23,1.00,in,,," for _ in range(5)))
        StatementImport.objects.filter(pk=run.pk).update(phase="running")
        at_once(run_import, str(run.pk), after="marketplace.treasury.services.statements.take")
        run.refresh_from_db()
        lines = StatementLine.objects.filter(statement=run.statement)
        assert (run.phase, run.handled, run.total, lines.count()) == ("done", 5, 5, 5)
        assert len(set(lines.values_list("bank_line_id", flat=True))) == 5


@pytest.fixture
def night(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    memory._held.clear()
    nights.everything()
    yield
    memory._held.clear()


@pytest.mark.usefixtures("night")
def test_a_second_worker_at_a_night_s_piece_ranks_nothing(at_size: Size) -> None:
    ranked = 0
    wanted = nights.placed(nights.night(block=5, shard=25))
    while ranked < at_size(1, 20):
        run = nightly.begin("achievement", block=5, shard=13)
        for piece in nightly.left(run):
            at_once(match_piece, piece, after="matching.app.services.pieces.ranked")
            ranked += 1
        assert Piece.objects.filter(run=run).exclude(done_at=None).count() in (0, 2)  # the last one has changed over and tidied
        assert Run.objects.get(serving=True).pk == run.pk
        assert nights.placed(run) == wanted
