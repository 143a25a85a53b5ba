"""The same file sent twice at the same moment: the second worker waits for the first one's rows and finds them there."""

import contextlib
import threading
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from marketplace.catalogue.importing import batches, running
from marketplace.catalogue.models import Achievement, ImportRun
from tests.factories import accounts
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_once(monkeypatch: pytest.MonkeyPatch) -> list[ImportRun]:
    """Two imports of one file, each in a thread, both of which have looked for stored rows before either may insert."""
    home = accounts.organisation("university")
    content = make.jsonl(make.rows(50))
    monkeypatch.setattr("marketplace.catalogue.services.uploading.start", lambda run_id: None)
    runs = [make.send(content, owner=home) for _ in range(2)]
    meeting = threading.Barrier(2)
    insert = batches.perform_many

    def insert_late(*args: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):  # the other one waits at the lock, as it should
            meeting.wait(1)
        return insert(*args)

    monkeypatch.setattr(batches, "perform_many", insert_late)
    failures: list[Exception] = []

    def work(run_id: UUID) -> None:
        try:
            running.run_import(run_id)
        except IntegrityError as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[run.pk]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Achievement.objects.count() == 50
    if failures:
        raise failures[0]
    return [ImportRun.objects.get(pk=run.pk) for run in runs]


def test_one_brings_the_rows_in_and_the_other_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = at_once(monkeypatch)
    assert sorted((run.phase, run.created, run.unchanged) for run in runs) == [("done", 0, 50), ("done", 50, 0)]


def test_without_taking_turns_both_insert_and_one_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "take_turns", lambda run: None)
    with pytest.raises(IntegrityError, match="achievement_ref_once_per_organisation"):
        at_once(monkeypatch)
