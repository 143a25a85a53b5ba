"""Checkpoints: what is signed, what is refused, what is exported, and that a stranger can check it."""

import json
import stat
import zipfile
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from ledger import verify
from ledger.app import models, selectors, signing
from ledger.app import services as ledger
from ledger.app.services.exporting import export
from ledger.engine import merkle
from ledger.engine.checkpoint import open_checkpoint
from ledger.engine.errors import LedgerFault
from ledger.engine.notes import Verifier
from tests.factories.recorded import MOMENT, record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


@pytest.fixture(autouse=True)
def key(settings, tmp_path):
    settings.LEDGER_KEY_FILE = str(tmp_path / "key")
    settings.LEDGER_LAST_CHECKPOINT_FILE = ""
    return signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)


def add(count):
    for number in range(count):
        record(public=number % 2 == 0)
    ledger.sequence_batch()


def as_owner(statement):
    """Do to the database what only its owner can: with the guards lowered."""
    tables = ["ledger_entry", "ledger_tile", "ledger_checkpoint", "ledger_head", "ledger_disclosure", "ledger_subject"]
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def test_a_checkpoint_states_size_and_root_of_the_whole_log_and_only_growth_makes_another(key):
    assert ledger.publish_checkpoint() is None
    add(5)
    first = ledger.publish_checkpoint()
    leaves = [bytes(one) for one in models.Entry.objects.order_by("seq").values_list("leaf_hash", flat=True)]
    opened = open_checkpoint(first.note, [key.verifier])
    assert (opened.origin, opened.size, opened.root) == (key.name, 5, merkle.root_of(leaves))
    assert ledger.publish_checkpoint() is None
    add(1)
    assert ledger.publish_checkpoint().size == 6
    assert ledger.latest_checkpoint().size == 6
    assert selectors.vkeys() == [key.verifier.vkey]


def test_a_database_restored_to_before_the_last_checkpoint_refuses_to_sign(tmp_path):
    add(5)
    ledger.publish_checkpoint()
    as_owner("DELETE FROM ledger_checkpoint; DELETE FROM ledger_entry WHERE seq > 2; UPDATE ledger_head SET height = 3")
    with pytest.raises(LedgerFault, match="restored to before"):
        ledger.publish_checkpoint()
    with pytest.raises(CommandError, match="restored to before"):
        call_command("ledger_sequence", stdout=StringIO())


def test_a_restored_database_that_grew_another_way_refuses_to_sign(key):
    add(3)
    ledger.publish_checkpoint()
    as_owner("DELETE FROM ledger_checkpoint; DELETE FROM ledger_entry; DELETE FROM ledger_tile; DELETE FROM ledger_head")
    add(4)
    with pytest.raises(LedgerFault, match="rewritten"):
        ledger.publish_checkpoint()


def test_an_entry_changed_after_it_was_sequenced_is_not_signed():
    add(3)
    # With its leaf hash made anew, so that the row itself is consistent.
    as_owner(
        "UPDATE ledger_entry SET bytes = changed.bytes, leaf_hash = sha256('\\x00'::bytea || changed.bytes) FROM ("
        "  SELECT seq, convert_to(replace(convert_from(bytes, 'UTF8'), '需求', '要求'), 'UTF8') AS bytes FROM ledger_entry"
        ") AS changed WHERE ledger_entry.seq = 0 AND changed.seq = 0"
    )
    with pytest.raises(LedgerFault):
        ledger.publish_checkpoint()
    # The chain breaks at the entry that names another one before it.
    assert [finding.seq for finding in ledger.audit()] == [1]


def test_a_lost_file_of_the_last_checkpoint_stops_signing_until_it_is_put_back(settings):
    add(2)
    note = ledger.publish_checkpoint().note
    memory = Path(f"{settings.LEDGER_KEY_FILE}.last-checkpoint")
    memory.unlink()
    add(1)
    with pytest.raises(LedgerFault, match="put the newest published checkpoint"):
        ledger.publish_checkpoint()
    memory.write_text(note)
    assert ledger.publish_checkpoint().size == 3


def test_a_checkpoint_that_was_signed_before_the_process_died_is_published_as_it_was(settings):
    add(2)
    note = ledger.publish_checkpoint().note
    as_owner("DELETE FROM ledger_checkpoint")
    assert ledger.publish_checkpoint().note == note


def test_a_key_that_others_can_read_is_refused(settings):
    Path(settings.LEDGER_KEY_FILE).chmod(0o640)
    with pytest.raises(LedgerFault, match="chmod 600"):
        ledger.publish_checkpoint()


def test_keygen_makes_a_private_file_prints_the_public_key_and_never_overwrites(tmp_path):
    out = StringIO()
    call_command("ledger_keygen", str(tmp_path / "new"), origin="log.example/a", stdout=out)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert Verifier.parse(out.getvalue()).name == "log.example/a"
    with pytest.raises(CommandError, match="never overwritten"):
        call_command("ledger_keygen", str(tmp_path / "new"), origin="log.example/a", stdout=out)


def test_the_export_is_sound_for_a_stranger_and_names_no_private_value(key, tmp_path):
    for _ in range(3):
        record(private={"person": "张三金丝雀"}, public=False)
    add(258)
    ledger.publish_checkpoint()
    assert export(tmp_path / "log") == 261
    assert verify.main(["log", str(tmp_path / "log"), "--key", key.verifier.vkey]) == 0
    assert verify.main(["export", str(tmp_path / "log" / "entries.jsonl"), "--key", key.verifier.vkey]) == 0
    files = {str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log").rglob("*") if path.is_file()}
    assert files == {
        "checkpoint", "keys", "entries.jsonl", "tile/0/000", "tile/0/001.p/5", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/5",
    }  # fmt: skip
    assert all("张三金丝雀".encode() not in path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file())


def test_the_evidence_file_of_a_sealed_object_is_sound_and_discloses_what_was_recorded(key, tmp_path, capsys):
    same = uuid4()
    record(kind="bid", object_id=same, public=False, type="bid.submitted", body={"fen": 5}, private={"plan": "方案"})
    add(3)
    with pytest.raises(LedgerFault, match="try again"):
        ledger.evidence("bid", same)
    ledger.publish_checkpoint()
    record(kind="bid", object_id=same, public=False, type="bid.withdrawn")
    (tmp_path / "evidence.zip").write_bytes(ledger.evidence("bid", same))
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", key.verifier.vkey]) == 0
    assert "seq 0: bid.submitted" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        shown = {one["label"]: one["value"] for one in json.loads(archive.read("entries/0.disclosures.json"))}
        readme = archive.read("README.txt").decode()
    assert (shown["plan"], shown["body"], shown["type"]) == ("方案", {"fen": 5}, "bid.submitted")
    assert "1 entries are not under a signed checkpoint" in readme


def test_an_evidence_file_still_holds_after_erasure(key, tmp_path):
    same = uuid4()
    record(object_id=same, private={"person": "张三"})
    ledger.erase("张三", at=MOMENT)
    ledger.sequence_batch()
    ledger.publish_checkpoint()
    packed = ledger.evidence("demand", same)
    (tmp_path / "evidence.zip").write_bytes(packed)
    assert verify.main(["certificate", str(tmp_path / "evidence.zip"), "--key", key.verifier.vkey]) == 0


def test_ledger_verify_is_content_with_an_honest_log_and_names_what_an_owner_changed(capsys):
    add(300)
    ledger.publish_checkpoint()
    out = StringIO()
    call_command("ledger_verify", stdout=out)
    assert "300" in out.getvalue()
    for statement, seq in (
        ("UPDATE ledger_entry SET type = 'demand.other' WHERE seq = 4", 4),
        ("UPDATE ledger_entry SET at = at + interval '1 ms' WHERE seq = 5", 5),
        ("UPDATE ledger_entry SET id = gen_random_uuid() WHERE seq = 6", 6),
        ("UPDATE ledger_tile SET hashes = overlay(hashes PLACING '\\x00'::bytea FROM 33) WHERE level = 0 AND index = 1", 256),
        ("UPDATE ledger_checkpoint SET root = sha256('x')", 299),
        ("UPDATE ledger_head SET height = 299", 300),
        ("UPDATE ledger_disclosure SET value = '2' FROM ledger_entry e WHERE label = 'body' AND intent_id = e.id AND seq = 7", 7),
        ("UPDATE ledger_subject s SET type = 'demand.other' FROM ledger_entry e WHERE s.id = e.id AND seq = 7", 7),
        ("UPDATE ledger_disclosure SET intent_id = gen_random_uuid() WHERE label = 'sealed'", None),
    ):  # fmt: skip
        before = ledger.audit()
        as_owner(statement)
        fresh = [finding.seq for finding in ledger.audit() if finding not in before]
        assert seq in fresh, statement
    with pytest.raises(CommandError):
        call_command("ledger_verify", stderr=StringIO())
