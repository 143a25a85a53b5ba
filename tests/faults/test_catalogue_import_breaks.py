"""An import that breaks off goes on where it stopped, and no row goes in twice."""

import json
import tempfile
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from ledger.app import services as ledger
from marketplace.catalogue import tasks
from marketplace.catalogue.importing import batches, running
from marketplace.catalogue.models import Achievement, ImportRun
from marketplace.catalogue.services.uploading import upload
from marketplace.common import clock
from tests.factories import accounts
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing catches it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, call: int) -> None:
    """Let the named function do its work so many times, and then die behind it."""
    real: Callable[..., Any] = getattr(module, name)
    calls = []

    def mortal(*args: Any, **options: Any) -> Any:
        answer = real(*args, **options)
        calls.append(name)
        if len(calls) == call:
            raise Killed
        return answer

    monkeypatch.setattr(module, name, mortal)


CONTENT = make.jsonl([*make.rows(1200), {"ref": "R-3", "title": "重复"}, {"ref": ""}])


@pytest.mark.parametrize(
    ("module", "name", "call", "left_behind"),
    [
        (running, "_check", 1, 0),
        (batches, "perform_many", 2, 500),
        (batches, "_keep_faults", 3, 1000),
        (batches, "save_batch", 2, 1000),
        (running, "record_batch", 1, 1200),
    ],
)
def test_a_worker_killed_anywhere_leaves_whole_batches_and_the_next_finishes(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, call: int, left_behind: int
) -> None:
    run = make.send(CONTENT)
    with monkeypatch.context() as death:
        kill_at(death, module, name, call=call)
        with pytest.raises(Killed):
            running.run_import(run.pk)
    assert Achievement.objects.count() == left_behind
    running.run_import(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.total, run.created, run.updated, run.unchanged, run.bad) == ("done", 1202, 1200, 0, 0, 2)
    assert sorted(run.faults.values_list("line", flat=True)) == [1201, 1202]
    assert Achievement.objects.count() == 1200
    assert [entry.type for entry in ledger.entries_of("import", run.pk)] == ["achievement.batch"]
    whole = make.send(CONTENT, owner=run.organisation)
    running.run_import(whole.pk)
    assert ImportRun.objects.get(pk=whole.pk).root == run.root


def test_a_second_delivery_of_the_task_does_nothing() -> None:
    run = make.send(make.jsonl(make.rows(3)))
    for _ in range(2):
        tasks.run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.attempts, run.created) == (1, 3)


def test_a_lost_hint_is_made_good_by_the_clock() -> None:
    run = make.send(make.jsonl(make.rows(3)))
    tasks.resume_imports()
    assert ImportRun.objects.get(pk=run.pk).phase == "uploaded"
    with clock.shifted(31):
        tasks.resume_imports()
    assert ImportRun.objects.get(pk=run.pk).phase == "done"


def test_a_file_that_kills_its_worker_every_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make.send(make.jsonl(make.rows(3)))
    with monkeypatch.context() as death:
        death.setattr(running, "_work", lambda run: (_ for _ in ()).throw(Killed))
        for _ in range(5):
            with pytest.raises(Killed):
                running.run_import(run.pk)
    running.run_import(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.failure_en) == ("failed", "It broke off too often and was stopped: send the file again.")


def test_a_batch_that_somebody_else_has_brought_in_is_not_brought_in_again() -> None:
    run = make.send(make.jsonl(make.rows(3)))
    running.run_import(run.pk)
    stale = ImportRun.objects.get(pk=run.pk)
    stale.handled = 0
    with pytest.raises(batches.ImportOvertaken):
        batches.save_batch(stale, None, [])


def peak_of(rows: int) -> int:
    """The most memory in bytes that Python holds while a file of so many rows is read, checked and brought in."""
    home = accounts.organisation("university")
    with tempfile.TemporaryFile() as file:
        for number in range(rows):
            # The same two references over and over: what is measured is the reading, not the inserting.
            file.write(json.dumps({"ref": f"R-{number % 2}", "title": "标题", "summary": "字" * 2000}, ensure_ascii=False).encode() + b"\n")
        run = upload(actor=accounts.actor_for(home), kind="achievements", name="a.jsonl", stream=file, content_type="")
        tracemalloc.start()
        try:
            running.run_import(run.pk)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_memory_does_not_grow_with_the_file() -> None:
    small, large = peak_of(600), peak_of(3_000)
    assert large < small * 1.2 + 500_000
    assert large < 9_000_000  # the larger file has 18 MB
