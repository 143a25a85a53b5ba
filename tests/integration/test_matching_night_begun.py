"""When a night begins, who takes it up where it got stuck, and what the command tells."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from matching.app import tasks
from matching.app.models import Run
from matching.app.services import nightly
from matching.app.services import pieces as piecework
from tests.factories.nights import everything, night, with_nothing_remembered

pytestmark = pytest.mark.django_db


_fresh = pytest.fixture(autouse=True)(with_nothing_remembered)


def test_the_worker_begins_the_night_once_and_takes_up_what_got_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    sent: list[int] = []
    monkeypatch.setattr(tasks.match_piece, "delay", lambda piece, _following=(): sent.append(piece))
    tasks.keep_matching()
    run = Run.objects.get()
    assert sent == list(nightly.left(run)) != []
    tasks.keep_matching()
    assert len(sent) == 1  # neither begun again nor sent again while it is fresh
    Run.objects.update(started_at=datetime.now(UTC) - timedelta(minutes=3))
    tasks.keep_matching()
    assert len(sent) == 2
    tasks.match_piece(sent[0])
    run.refresh_from_db()
    assert run.serving
    tasks.match_piece(sent[1])
    tasks.keep_matching()
    assert (len(sent), Run.objects.count()) == (2, 1)


def test_a_run_that_got_stuck_is_taken_up_by_few_messages_that_pass_on_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    run = nightly.begin("achievement", block=1, shard=4)
    left = list(nightly.left(run))
    Run.objects.update(started_at=datetime.now(UTC) - timedelta(minutes=3))
    sent: list[tuple[int, Sequence[int]]] = []
    monkeypatch.setattr(tasks.match_piece, "delay", lambda *told: sent.append(told))
    tasks.keep_matching()
    assert (len(left), [first for first, _ in sent]) == (35, left[:16])
    assert sorted(id_ for first, following in sent for id_ in (first, *following)) == left
    monkeypatch.setattr(piecework, "do_piece", lambda piece: 1 // (piece - left[16]) < 0)
    tasks.match_piece(*sent[0])
    assert sent[16:] == [(left[16], [left[32]])]
    with pytest.raises(ZeroDivisionError):
        tasks.match_piece(*sent[16])
    assert sent[17:] == [(left[32], [])]


@pytest.mark.parametrize(("hours", "due"), [(0, False), (25, True)])
def test_a_run_is_due_once_a_night(hours: int, due: bool) -> None:
    assert not nightly.is_due("achievement")  # nothing to match
    everything()
    assert nightly.is_due("achievement")
    night()
    Run.objects.update(started_at=datetime.now(UTC) - timedelta(hours=hours))
    assert nightly.is_due("achievement") is due


def test_the_command_matches_now_and_tells_how_far_it_is() -> None:
    everything()
    out = StringIO()
    call_command("match_all", verbosity=2, stdout=out)
    assert "achievement: under way, 1 of 1 pieces" in out.getvalue()
    assert "5 of 5 demands have matches" in out.getvalue()
    run = nightly.begin("achievement")
    out = StringIO()
    call_command("match_all", "--progress", stdout=out)
    assert "achievement: under way, 0 of 1 pieces" in out.getvalue()
    assert len(nightly.left(run)) == 1
