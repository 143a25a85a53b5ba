"""Every byte of every stored column of the log: one turned bit, and the audit of the database says so.

Not asked are the columns that state nothing of the log: our own clock's (`sequenced_at`, `signed_at`, `received_at`, `recorded_at`), row
numbers, and `ledger_subject.money`, which belongs to the books and is checked by them. Rows are changed in memory, one at a time, as the
owner of the tables could change them, and held against the state after the honest entries before. That the audit reads the tables is
proven by `test_ledger_verify_is_content_with_an_honest_log_and_names_what_an_owner_changed`.
"""

import copy
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ledger.app import models, signing, storage
from ledger.app import services as ledger
from ledger.app.services import auditing
from ledger.engine.audit import Audit
from ledger.engine.cosignature import CosigningKey
from ledger.engine.errors import LedgerFault
from ledger.engine.rotation import Keys
from tests.factories.recorded import record

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]),
    pytest.mark.prove,
    pytest.mark.slow,
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def count(at_size):
    return at_size(16, 300)


@pytest.fixture
def log(settings, tmp_path, count):
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)
    for number in range(count):
        record(public=number % 3 > 0, private={"person": f"张三 {number}"})
    ledger.sequence_batch()
    ledger.publish_checkpoint()
    assert ledger.audit() == []


def as_bytes(value):
    if isinstance(value, int):
        return value.to_bytes(8, "big", signed=True)
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return as_bytes((value - EPOCH) // MICROSECOND)
    return value.encode() if isinstance(value, str) else bytes(value)


def from_bytes(data, like):
    if isinstance(like, int):
        return int.from_bytes(data, "big", signed=True)
    if isinstance(like, UUID):
        return UUID(bytes=data)
    if isinstance(like, datetime):
        return EPOCH + int.from_bytes(data, "big", signed=True) * MICROSECOND
    if not isinstance(like, str):
        return data
    text = data.decode()
    if "\0" in text:
        raise ValueError("PostgreSQL stores no such text")
    return text


def changed(row, columns, chance):
    """Yield copies of a row, each with one bit of one byte of one column turned; what no column could hold is passed over."""
    for column in columns:
        value = getattr(row, column)
        data = as_bytes(value)
        for place in range(len(data)):
            turned = bytearray(data)
            turned[place] ^= 1 << chance.randrange(8)
            other = copy.copy(row)
            try:
                setattr(other, column, from_bytes(bytes(turned), value))
            except (ValueError, OverflowError):
                continue
            yield f"{column}, byte {place}", other


def test_every_byte_of_every_column_of_every_entry(log, seed, count):
    chance, state, tried = random.Random(seed), Audit(log=models.Head.objects.get().origin), 0
    for row in storage.entries("default"):
        for what, other in changed(row, ("seq", "id", "type", "at", "leaf_hash", "bytes"), chance):
            after = copy.deepcopy(state)
            try:
                found = after.take(bytes(other.bytes))
            except LedgerFault:
                pass
            else:
                assert auditing._index_differs(other, found, after.prev) is not None, (row.seq, what)
            tried += 1
        state.take(bytes(row.bytes))
    assert tried > 400 * count


def test_every_byte_of_every_tile(log, seed, monkeypatch):
    chance, state, tried = random.Random(seed), Audit(log=models.Head.objects.get().origin), 0
    leaves = {}
    for row in storage.entries("default"):
        state.take(bytes(row.bytes))
        leaves[row.seq] = bytes(row.leaf_hash)
    stored = models.TreeTile.objects.all()
    kept = {column: {(row.level, row.index): bytes(getattr(row, column)) for row in stored} for column in ("hashes", "halfway")}
    monkeypatch.setattr(storage, "tile_reader", lambda alias: lambda level, index: kept["hashes"].get((level, index), b""))
    monkeypatch.setattr(storage, "halfway_reader", lambda alias: lambda level, index: kept["halfway"].get((level, index), b""))
    assert list(auditing._tiles_differ(state)) == []
    for column, rows in kept.items():
        for place, hashes in list(rows.items()):
            for at in range(len(hashes)):
                turned = bytearray(hashes)
                turned[at] ^= 1 << chance.randrange(8)
                rows[place] = bytes(turned)
                assert next(auditing._tiles_differ(state), None), (column, place, at)
                tried += 1
            rows[place] = hashes
    assert tried >= 32 * (len(leaves) + len(leaves) // 16)


def test_every_byte_of_a_checkpoint(log, seed, count):
    chance, row = random.Random(seed), models.SignedCheckpoint.objects.get()
    keys, root = storage.keys("default", size=0), bytes(row.root)
    assert isinstance(keys, Keys)
    assert list(auditing._checkpoint_differs(row, root, keys)) == []
    tried = 0
    for what, other in changed(row, ("root", "note", "vkey"), chance):
        assert list(auditing._checkpoint_differs(other, root, keys)), what
        tried += 1
    assert tried > 200
    # Another size is a checkpoint of other entries: of a root that is not theirs, or of entries that are not there.
    row.size += 1
    assert list(auditing._checkpoint_differs(row, root, keys))


def test_every_byte_of_a_cosignature(log, seed):
    chance, checkpoint = random.Random(seed), models.SignedCheckpoint.objects.get()
    witness, moment = CosigningKey("witness.example/w", bytes(range(32))), 1_772_352_000
    line = witness.cosign(checkpoint.note.partition("\n\n")[0] + "\n", time=moment)
    made = {"vkey": witness.cosigner.vkey, "line": line, "cosigned_at": EPOCH + timedelta(seconds=moment)}
    row = models.Cosignature.objects.using("sequencer").create(checkpoint=checkpoint, **made)
    assert ledger.audit() == []
    tried = 0
    for what, other in changed(row, tuple(made), chance):
        assert auditing._cosignature_differs(other), what
        tried += 1
    assert tried > 150


def test_every_byte_of_the_head_row_and_of_the_first_checkpoints_key(log, seed, monkeypatch):
    chance, head = random.Random(seed), models.Head.objects.get()
    for what, other in changed(head, ("origin", "height", "tail"), chance):
        with monkeypatch.context() as patch:
            patch.setattr(models.Head.objects, "first", lambda other=other: other)
            assert ledger.audit(), what
    assert ledger.audit() == []


def test_every_byte_of_the_private_side(log, seed, count):
    """Links, secrets, and the values and salts behind the commitments."""
    chance, tried = random.Random(seed), 0
    links = models.Subject.objects.in_bulk()
    handles = {(one.kind, one.object_id): one for one in models.Handle.objects.all()}
    for row in storage.entries("default"):
        found = auditing.entries.parse(bytes(row.bytes))
        link = links[row.id]
        handle = handles[link.kind, link.object_id]
        shown = {one.label: one for one in models.Disclosure.objects.filter(intent_id=row.id)}
        assert not auditing._link_differs(link, found, bytes(handle.secret))
        assert list(auditing._values_differ(found, shown)) == []
        for what, other in changed(handle, ("secret",), chance):
            assert auditing._link_differs(link, found, bytes(other.secret)), what
            tried += 1
        for what, other in changed(link, ("kind", "object_id", "type"), chance):
            secret = handles.get((other.kind, other.object_id))
            differs = auditing._link_differs(other, found, None if secret is None else bytes(secret.secret))
            # What a sealed entry is of, its bytes do not say, but a value that it commits to.
            assert differs or auditing._type_differs(other, shown), what
            tried += 1
        for label, one in shown.items():
            for what, other in changed(one, ("label", "value", "salt"), chance):
                rest = {name: held for name, held in shown.items() if name != label}
                assert list(auditing._values_differ(found, {**rest, other.label: other})), (row.seq, label, what)
                tried += 1
    assert tried > 100 * count
