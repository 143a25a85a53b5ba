"""Rival sequencers and writers at once: one unbroken row, each intent once; and what happens when the lock is off."""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from ledger.app import models, signing, storage
from ledger.app import services as ledger
from ledger.app.management.commands.ledger_sequence import Command
from tests.factories.locks import without_constraint, without_lock
from tests.factories.racing import outcomes, race
from tests.factories.recorded import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


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
    results = race(*[sequence_until(count, 7) for _ in range(3)], seconds=600)
    assert sum(results) == count, results
    assert ledger.audit() == []
    assert [row.id for row in models.Entry.objects.order_by("seq")] == ids


def test_twin_without_the_head_rows_lock_the_same_rivals_collide():
    """Two rivals read the same head, and the second cannot place its entry."""
    for _ in range(4):
        record()
    ledger.sequence_batch(limit=1)
    with without_lock("the log's head"):
        results = race(*[lambda: ledger.sequence_batch(limit=1)] * 2, before="ledger.app.services.sequencing._place")
    assert outcomes(results) == ["IntegrityError", "done"]
    # The database refused the second: even so nothing is lost or doubled.
    assert ledger.height() == 2
    assert models.Inbox.objects.count() == 2


def test_each_writers_order_is_kept_while_writers_and_rivals_run_together(at_size):
    writers, each = 4, at_size(12, 300)
    objects = [uuid4() for _ in range(writers)]

    def write(object_id: UUID) -> Callable[[], list[UUID]]:
        return lambda: [record(object_id=object_id, body={"number": number}) for number in range(each)]

    total = writers * each
    results = race(*[write(one) for one in objects], *[sequence_until(total, 5) for _ in range(2)], seconds=600)
    assert sum(results[writers:]) == total, results
    for one, written in zip(objects, results, strict=False):
        rows = ledger.entries_of("demand", one)
        assert [row.id for row in rows] == written
        assert [row.body["number"] for row in rows] == list(range(each))
    assert ledger.audit() == []


def first_entries_of_one_object() -> list[object]:
    """Six writers none of whom has found a secret of the object."""
    same = uuid4()
    return race(*[lambda: record(object_id=same)] * 6, before="ledger.app.services.recording._made")


def test_two_first_entries_of_one_object_agree_on_its_secret():
    assert len(set(first_entries_of_one_object())) == 6
    assert models.Handle.objects.count() == 1
    ledger.sequence_batch()
    assert models.Entry.objects.count() == 6


def test_twin_without_the_unique_key_the_object_has_a_secret_for_each():
    with without_constraint("ledger_handle_of_object"):
        first_entries_of_one_object()
        assert models.Handle.objects.count() > 1


def one_id_recorded_by_four() -> list[object]:
    return race(*[lambda: record(id=UUID(int=9), object_id=UUID(int=8))] * 4)


def test_the_same_id_recorded_twice_at_once_is_recorded_once():
    assert outcomes(one_id_recorded_by_four()) == ["IntegrityError"] * 3 + ["done"]
    assert ledger.sequence_batch() == 1


def test_twin_without_the_unique_keys_the_same_id_waits_four_times_for_its_place():
    with without_constraint("ledger_inbox_recorded", "ledger_subject_pkey", "ledger_inbox_id_key"):
        assert outcomes(one_id_recorded_by_four()) == ["done"] * 4
        assert models.Inbox.objects.filter(id=UUID(int=9)).count() == 4


def growing_under_the_audit(monkeypatch) -> None:
    """Let a sequencer add what waits just after the audit has read the head row."""
    read = storage.entries

    def entries(alias):
        race(ledger.sequence_batch)
        return read(alias)

    monkeypatch.setattr(storage, "entries", entries)


def test_a_log_that_grows_while_it_is_audited_is_sound(monkeypatch):
    record()
    ledger.sequence_batch()
    record()
    growing_under_the_audit(monkeypatch)
    assert ledger.audit() == []
    assert ledger.height() == 2


def test_twin_without_one_moment_for_all_reads_the_audit_would_accuse_a_sound_log(monkeypatch):
    """The head row is of one moment, the entries of a later one."""
    record()
    ledger.sequence_batch()
    record()
    growing_under_the_audit(monkeypatch)
    monkeypatch.setattr(storage, "snapshot", lambda alias: nullcontext())
    assert [one.words for one in ledger.audit()] == ["the head row says 1 entries, there are 2"]


@pytest.fixture
def key(settings, tmp_path):
    """A key to sign with, and five sealed entries."""
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)
    for _ in range(5):
        record()
    ledger.sequence_batch()


class Turns:
    """Stops a sequencer after so many looks at the inbox, without waiting."""

    def __init__(self, left: int) -> None:
        self.left = left

    def is_set(self) -> bool:
        return self.left == 0

    def wait(self, _pause: float) -> None:
        self.left -= 1


def test_entries_whose_sequencer_was_killed_before_it_signed_are_signed_by_the_survivor(key):
    """The batch is a rival's: this one finds an empty inbox from its first look to its last."""
    signed = []
    asking = SimpleNamespace(wake=lambda: signed.append(ledger.latest_checkpoint()))
    Command()._go_on(Turns(3), asking)
    assert [checkpoint.size for checkpoint in signed] == [5]


def published_by_four() -> list[object]:
    """All have found the size unsigned, and made their own signature, when the first tells of it."""
    return race(*[ledger.publish_checkpoint] * 4, before="ledger.app.signing.remember")


def test_rivals_that_publish_at_once_sign_each_size_once(key):
    results = published_by_four()
    assert [result is not None and result.size for result in results] == [5, False, False, False]


def test_twin_without_the_head_rows_lock_all_four_sign_and_the_table_refuses_three(key):
    with without_lock("the log's head"):
        assert outcomes(published_by_four()) == ["IntegrityError"] * 3 + ["done"]
