"""A stranger who trusts one key of the log follows it to the next, and nowhere else."""

import shutil

import pytest

from ledger import verify
from ledger.app import services as ledger
from ledger.app.services import rotating
from ledger.app.services.exporting import export
from ledger.engine import rotation
from tests.factories.recorded import record
from tests.factories.rotation import add, hold

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("memory")]


def test_a_stranger_who_trusts_the_old_key_alone_follows_the_log_to_the_new_one(key, settings, tmp_path, capsys):
    add(3)
    ledger.publish_checkpoint()
    old, new, third = key.old.verifier.vkey, key("new").verifier.vkey, key("third").verifier.vkey

    def say(vkey, *more):
        shutil.rmtree(tmp_path / "log", ignore_errors=True)
        export(tmp_path / "log")
        codes = {
            verify.main([carrier, str(path), "--key", vkey, *more])
            for carrier, path in (("log", tmp_path / "log"), ("export", tmp_path / "log" / "entries.jsonl"))
        }
        (code,) = codes
        return code, capsys.readouterr().out

    (tmp_path / "kept").write_text(ledger.latest_checkpoint().note)
    assert say(new)[0] == 1
    rotating.rotate(key.path / "new")
    # Signed by both: either is enough.
    assert [say(vkey)[0] for vkey in (old, new, third)] == [0, 0, 1]
    hold(settings, "new")
    add()
    ledger.publish_checkpoint()
    code, said = say(old, "--seen", str(tmp_path / "kept"))
    assert (code, f"followed by {new}" in said) == (0, True)
    assert "followed" not in say(new)[1]
    middle = ledger.latest_checkpoint().note
    rotating.rotate(key.path / "third")
    hold(settings, "third")
    rotating.retire_former()
    # What the second key alone signed is known to whoever trusts the first, with the log between them.
    (tmp_path / "kept").write_text(middle)
    code, said = say(old, "--seen", str(tmp_path / "kept"))
    assert (code, f"followed by {third}" in said) == (0, True)
    (tmp_path / "kept").write_text(key("evil").sign(middle.partition("\n\n")[0] + "\n"))
    assert say(old, "--seen", str(tmp_path / "kept"))[0] == verify.BAD_INPUT
    # A thief signs the same log with the retired key.
    thief = ledger.latest_checkpoint().note.partition("\n\n")[0] + "\n"
    (tmp_path / "log" / "checkpoint").write_text(key.old.sign(thief))
    assert verify.main(["log", str(tmp_path / "log"), "--key", old]) == 1
    assert verify.main(["log", str(tmp_path / "log"), "--key", third]) == 1


def test_a_stranger_does_not_follow_a_change_that_the_old_key_did_not_sign(key, settings, tmp_path, capsys):
    add(2)
    ledger.publish_checkpoint()
    evil = key("evil")
    for body in (
        {**rotation.added(evil, by=evil), "by": key.old.verifier.vkey},
        {**rotation.added(evil, by=key.old), "note": key.old.sign(rotation.statement(rotation.ADDED, evil.verifier))},
        rotation.added(evil, by=evil),
    ):
        record(type=rotation.ADDED, body=body)
    add()
    ledger.publish_checkpoint()
    export(tmp_path / "log")
    text = (tmp_path / "log" / "checkpoint").read_text().partition("\n\n")[0] + "\n"
    assert verify.main(["log", str(tmp_path / "log"), "--key", key.old.verifier.vkey]) == 0
    (tmp_path / "log" / "checkpoint").write_text(evil.sign(text))
    assert verify.main(["log", str(tmp_path / "log"), "--key", key.old.verifier.vkey]) == 1
