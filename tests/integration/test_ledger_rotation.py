"""The signing key changes: recorded in the log, signed by the key before, and refused in every other way."""

import shutil
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from ledger.app import models, selectors, signing
from ledger.app import services as ledger
from ledger.app.services import rotating
from ledger.engine import canonical, rotation
from ledger.engine.errors import LedgerFault
from ledger.engine.notes import open_note
from tests.factories.recorded import record
from tests.factories.rotation import add, hold

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("memory")]


def signers(note, *keys):
    return open_note(note, [key.verifier for key in keys])[1]


def test_the_change_stands_in_the_log_its_checkpoint_is_signed_by_both_and_later_ones_by_the_new_key(key, settings):
    old = key.old
    add(3)
    first = ledger.publish_checkpoint()
    new = key("new")
    out = StringIO()
    call_command("ledger_rotate", str(key.path / "new"), stdout=out)
    assert new.verifier.vkey in out.getvalue()
    entry = models.Entry.objects.get(seq=3)
    body = canonical.decode(bytes(entry.bytes))["body"]
    assert (entry.type, body["vkey"], body["by"]) == ("log.key_added", new.verifier.vkey, old.verifier.vkey)
    covering = ledger.latest_checkpoint()
    assert (covering.size, signers(covering.note, old, new)) == (4, [old.verifier, new.verifier])
    assert signers(first.note, old, new) == [old.verifier]
    hold(settings, "new")
    add()
    later = ledger.publish_checkpoint()
    assert (later.vkey, signers(later.note, old, new)) == (new.verifier.vkey, [new.verifier])
    assert ledger.audit() == []


def test_the_former_key_is_retired_by_the_new_one_and_then_signs_no_more(key, settings, client):
    add(3)
    ledger.publish_checkpoint()
    new = key("new")
    rotating.rotate(key.path / "new")
    hold(settings, "new")
    add()
    out = StringIO()
    call_command("ledger_rotate", "--retire-former", stdout=out)
    assert key.old.verifier.vkey in out.getvalue()
    assert models.Entry.objects.get(seq=5).type == "log.key_retired"
    assert selectors.vkeys() == [new.verifier.vkey]
    assert client.get("/ledger/keys").content.decode() == (
        f"# from seq 3\n{new.verifier.vkey}\n# from seq 0, retired at seq 5\n{key.old.verifier.vkey}\n"
    )
    assert ledger.audit() == []
    add()
    hold(settings, "old")
    with pytest.raises(LedgerFault, match="may not sign"):
        ledger.publish_checkpoint()
    hold(settings, "new")
    assert ledger.publish_checkpoint().size == 7
    assert rotating.retire_former() == []


def test_a_key_whose_addition_was_never_recorded_is_refused(key, settings, memory):
    add(2)
    note = ledger.publish_checkpoint().note
    key("new")
    hold(settings, "new")
    add()
    with pytest.raises(LedgerFault, match="may not sign"):
        ledger.publish_checkpoint()
    with pytest.raises(CommandError, match="may not sign"):
        call_command("ledger_sequence", stdout=StringIO())
    assert memory.read_text() == note
    hold(settings, "old")
    assert ledger.publish_checkpoint().size == 3


def test_a_key_that_was_recorded_without_the_signature_of_the_key_before_is_refused_and_the_audit_says_so(key, settings):
    add(2)
    ledger.publish_checkpoint()
    evil = key("evil")
    # Whoever may record entries can write this much.
    record(type=rotation.ADDED, body={**rotation.added(evil, by=evil), "by": key.old.verifier.vkey})
    add()
    ledger.publish_checkpoint()
    hold(settings, "evil")
    add()
    with pytest.raises(LedgerFault, match="may not sign"):
        ledger.publish_checkpoint()
    assert selectors.vkeys() == [key.old.verifier.vkey]
    assert [(one.seq, one.words.split()[0]) for one in ledger.audit()] == [(2, "log.key_added")]


def test_the_new_key_is_refused_while_no_checkpoint_of_the_old_one_covers_its_addition(key, settings, monkeypatch):
    add(2)
    ledger.publish_checkpoint()
    new = key("new")
    body = rotation.added(new, by=key.old)
    record(type=rotation.ADDED, body=body)
    hold(settings, "new")
    for _ in range(2):
        # First it waits in the inbox, then it stands in the log, but under no checkpoint.
        with pytest.raises(LedgerFault, match="may not sign"):
            ledger.publish_checkpoint()
        add()
    hold(settings, "old")
    assert ledger.publish_checkpoint().vkey == key.old.verifier.vkey
    hold(settings, "new")
    add()
    assert ledger.publish_checkpoint().vkey == new.verifier.vkey


class PowerCut(BaseException):
    pass


def cut(*_: object, **__: object) -> None:
    raise PowerCut


def remember_and_cut(note, remember=signing.remember, **where):
    remember(note, **where)
    raise PowerCut


@pytest.mark.parametrize(
    "broken",
    [
        (rotating, "record", cut),
        (rotating, "sequence_batch", cut),
        (signing, "remember", cut),
        (signing, "remember", remember_and_cut),
    ],
    ids=["before it is recorded", "before it is sequenced", "before it is signed", "before the checkpoint is published"],
)
def test_a_rotation_that_breaks_off_anywhere_goes_on_when_it_is_called_again(broken, key, settings, monkeypatch):
    add(3)
    ledger.publish_checkpoint()
    new = key("new")
    with monkeypatch.context() as patch:
        patch.setattr(*broken)
        with pytest.raises(PowerCut):
            rotating.rotate(key.path / "new")
    # Meanwhile the old key may go on signing.
    add()
    ledger.publish_checkpoint()
    rotating.rotate(key.path / "new")
    assert models.Entry.objects.filter(type="log.key_added").count() == 1
    hold(settings, "new")
    add()
    assert ledger.publish_checkpoint().vkey == new.verifier.vkey
    assert ledger.audit() == []


def test_a_checkpoint_signed_by_the_old_key_before_the_process_died_is_published_under_that_key(key, settings, monkeypatch):
    add(3)
    ledger.publish_checkpoint()
    key("new")
    rotating.rotate(key.path / "new")
    add()
    with monkeypatch.context() as patch:
        patch.setattr(signing, "remember", remember_and_cut)
        with pytest.raises(PowerCut):
            ledger.publish_checkpoint()
    hold(settings, "new")
    assert ledger.publish_checkpoint().vkey == key.old.verifier.vkey
    assert ledger.audit() == []


def test_a_key_of_another_log_or_one_that_the_log_had_is_not_added(key, settings, tmp_path):
    add()
    ledger.publish_checkpoint()
    signing.make_key(tmp_path / "other", origin="other.example/log")
    with pytest.raises(LedgerFault, match="named"):
        rotating.rotate(tmp_path / "other")
    with pytest.raises(LedgerFault, match="has or had"):
        rotating.rotate(key.path / "old")
    key("new")
    rotating.rotate(key.path / "new")
    hold(settings, "new")
    rotating.retire_former()
    with pytest.raises(LedgerFault, match="has or had"):
        rotating.rotate(key.path / "old")
    shutil.copy(tmp_path / "new", tmp_path / "readable")
    (tmp_path / "readable").chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        call_command("ledger_rotate", str(tmp_path / "readable"))


def test_an_owner_who_forges_a_checkpoint_with_a_key_of_his_own_is_found_by_the_audit(key, settings):
    add(2)
    ledger.publish_checkpoint()
    evil = key("evil")
    add()
    settings.LEDGER_LAST_CHECKPOINT_FILE = settings.LEDGER_LAST_CHECKPOINT_FILE + ".evil"
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM ledger_checkpoint")
        cursor.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER USER; DELETE FROM ledger_checkpoint")
    hold(settings, "evil")
    forged = ledger.publish_checkpoint()
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO ledger_checkpoint SELECT * FROM kept")
        for name in ("stays", "kept"):
            cursor.execute(f"ALTER TABLE ledger_checkpoint ENABLE ALWAYS TRIGGER ledger_checkpoint_{name}")
    assert (forged.size, forged.vkey) == (3, evil.verifier.vkey)
    assert [(one.seq, "entitles" in one.words) for one in ledger.audit()] == [(2, True)]


def test_the_last_checkpoint_goes_with_the_key_where_it_is_kept_beside_it(key, settings):
    settings.LEDGER_LAST_CHECKPOINT_FILE = ""
    add()
    ledger.publish_checkpoint()
    new = key("new")
    rotating.rotate(key.path / "new")
    hold(settings, "new")
    add()
    assert ledger.publish_checkpoint().vkey == new.verifier.vkey
