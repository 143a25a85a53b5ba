"""Rival sequencers and writers at once: one unbroken row, each intent once; and what happens when the lock is off."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections

from ledger.app import models, storage
from ledger.app import services as ledger
from ledger.app.services import sequencing
from tests.factories.recorded import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs in threads of their own, let go at one moment, and return each one's result or error."""
    results: list[object] = [None] * len(jobs)
    start = threading.Barrier(len(jobs), timeout=20)

    def run(place: int, job: Callable[[], object]) -> None:
        try:
            start.wait()
            results[place] = job()
        except Exception as error:  # noqa: BLE001 - the test looks at every kind
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def sequence_until(count: int, limit: int) -> Callable[[], int]:
    def job() -> int:
        moved = 0
        while ledger.height() < count:
            moved += ledger.sequence_batch(limit)
        return moved

    return job


def test_rivals_make_one_unbroken_log_with_every_intent_once(at_size):
    count = at_size(120, 3000)
    ids = [record() for _ in range(count)]
    results = together(*[sequence_until(count, 7) for _ in range(3)])
    assert sum(results) == count, results
    assert ledger.audit() == []
    assert [row.id for row in models.Entry.objects.order_by("seq")] == ids


def test_without_the_head_rows_lock_the_same_rivals_collide(monkeypatch):
    """The twin: two rivals read the same head, and the second cannot place its entry."""
    for _ in range(4):
        record()
    ledger.sequence_batch(limit=1)
    both_have_read = threading.Barrier(2, timeout=10)

    def unlocked():
        head = models.Head.objects.using(sequencing.SEQUENCER).get()
        both_have_read.wait()
        return head

    monkeypatch.setattr(sequencing, "lock_head", unlocked)
    results = together(lambda: ledger.sequence_batch(limit=1), lambda: ledger.sequence_batch(limit=1))
    assert sorted(isinstance(result, IntegrityError) for result in results) == [False, True], results
    # The database refused the second: even so nothing is lost or doubled.
    assert ledger.height() == 2
    assert models.Inbox.objects.count() == 2


def test_each_writers_order_is_kept_while_writers_and_rivals_run_together(at_size):
    writers, each = 4, at_size(12, 300)
    objects = [uuid4() for _ in range(writers)]

    def write(object_id: UUID) -> Callable[[], list[UUID]]:
        return lambda: [record(object_id=object_id, body={"number": number}) for number in range(each)]

    total = writers * each
    results = together(*[write(one) for one in objects], *[sequence_until(total, 5) for _ in range(2)])
    assert sum(results[writers:]) == total, results
    for one, written in zip(objects, results, strict=False):
        rows = ledger.entries_of("demand", one)
        assert [row.id for row in rows] == written
        assert [row.body["number"] for row in rows] == list(range(each))
    assert ledger.audit() == []


def test_two_first_entries_of_one_object_agree_on_its_secret():
    same = uuid4()
    results = together(*[lambda: record(object_id=same) for _ in range(6)])
    assert len(set(results)) == 6
    assert models.Handle.objects.filter(object_id=same).count() == 1
    ledger.sequence_batch()
    assert len({row.subject for row in ledger.entries_of("demand", same)}) == 1


def test_the_same_id_recorded_twice_at_once_is_recorded_once():
    results = together(*[lambda: record(id=UUID(int=9), object_id=UUID(int=8)) for _ in range(4)])
    assert sum(result == UUID(int=9) for result in results) == 1
    assert sum(isinstance(result, IntegrityError) for result in results) == 3
    assert ledger.sequence_batch() == 1


def growing_under_the_audit(monkeypatch) -> None:
    """Let a sequencer add what waits just after the audit has read the head row."""
    read = storage.entries

    def entries(alias):
        together(ledger.sequence_batch)
        return read(alias)

    monkeypatch.setattr(storage, "entries", entries)


def test_a_log_that_grows_while_it_is_audited_is_sound(monkeypatch):
    record()
    ledger.sequence_batch()
    record()
    growing_under_the_audit(monkeypatch)
    assert ledger.audit() == []
    assert ledger.height() == 2


def test_without_one_moment_for_all_reads_the_audit_would_accuse_a_sound_log(monkeypatch):
    """The twin: the head row is of one moment, the entries of a later one."""
    record()
    ledger.sequence_batch()
    record()
    growing_under_the_audit(monkeypatch)
    monkeypatch.setattr(storage, "snapshot", lambda alias: nullcontext())
    assert [one.words for one in ledger.audit()] == ["the head row says 1 entries, there are 2"]


def test_rivals_that_publish_at_once_sign_each_size_once(settings, tmp_path):
    from ledger.app import signing

    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)
    for _ in range(5):
        record()
    ledger.sequence_batch()
    results = together(*[ledger.publish_checkpoint for _ in range(4)])
    assert sum(result is not None and result.size == 5 for result in results) == 1, results
    assert results.count(None) == 3
