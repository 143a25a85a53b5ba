"""What anybody can fetch: exactly the signed log, cacheable, with proofs that a stranger can check."""

import base64
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from ledger import verify
from ledger.app import checks, signing
from ledger.app import services as ledger
from tests.factories.recorded import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


@pytest.fixture
def key(settings, tmp_path):
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    return signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)


@pytest.fixture
def log(key):
    """258 signed entries and one that is not signed yet."""
    same = uuid4()
    with transaction.atomic():
        for _ in range(258):
            record(object_id=same)
    ledger.sequence_batch()
    ledger.publish_checkpoint()
    record()
    ledger.sequence_batch()
    return key


def test_before_the_first_checkpoint_there_is_nothing(client):
    assert client.get("/ledger/checkpoint").status_code == 404
    assert client.get("/ledger/tile/0/000").status_code == 404
    assert client.get("/ledger/entries/0.json").status_code == 404
    assert client.get("/ledger/keys").content == b""


def test_the_public_log_is_served_and_cached_as_the_specification_says(client, log):
    checkpoint = client.get("/ledger/checkpoint")
    assert checkpoint["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint["Cache-Control"] == "public, max-age=5"
    assert checkpoint.content.decode() == ledger.latest_checkpoint().note
    assert client.get("/ledger/keys").content.decode() == f"# from seq 0\n{log.verifier.vkey}\n"
    tile = client.get("/ledger/tile/0/000")
    assert (len(tile.content), tile["Content-Type"]) == (8192, "application/octet-stream")
    assert "immutable" in tile["Cache-Control"]
    assert len(client.get("/ledger/tile/0/001.p/2").content) == 64
    assert len(client.get("/ledger/tile/1/000.p/1").content) == 32
    assert client.get("/ledger/tile/entries/001.p/2").status_code == 200
    assert checkpoint["Access-Control-Allow-Origin"] == "*"


def test_what_the_signed_tree_does_not_have_is_not_served(client, log):
    beyond = ["0/001.p/3", "0/001", "0/002.p/1", "1/000", "entries/001.p/3", "entries/001", "2/000.p/1", "0/" + 7 * "x999/" + "999"]
    for path in [*beyond, "0/1", "x", "00/000", "0/000.p/256"]:
        assert client.get(f"/ledger/tile/{path}").status_code == 404, path


def test_an_entry_is_served_with_bytes_proof_and_receipt(client, log, tmp_path):
    answer = client.get("/ledger/entries/200.json").json()
    assert set(answer) == {"seq", "bytes", "entry", "proof", "receipt"}
    raw = base64.b64decode(answer["bytes"])
    assert (answer["seq"], answer["entry"]["seq"], answer["receipt"]["seq"]) == (200, 200, 200)
    assert answer["receipt"]["status"] == "sealed"
    assert ledger.receipt(answer["receipt"]["id"]).leaf_hash == answer["receipt"]["leaf_hash"]
    (tmp_path / "one.tlog-proof").write_text(answer["proof"])
    assert verify.main(["proof", str(tmp_path / "one.tlog-proof"), "--key", log.verifier.vkey]) == 0
    assert base64.b64encode(raw).decode() in answer["proof"]


def test_an_entry_that_is_not_signed_yet_has_no_proof(client, log):
    assert client.get("/ledger/entries/258.json").json()["proof"] is None
    assert client.get("/ledger/entries/259.json").status_code == 404
    assert client.get("/ledger/entries/99999999999999999999.json").status_code == 404


def test_a_stranger_checks_the_log_over_http(live_server, log, capsys):
    assert verify.main(["log", f"{live_server.url}/ledger", "--key", log.verifier.vkey]) == 0
    assert "258 entries" in capsys.readouterr().out
    assert verify.main(["log", f"{live_server.url}/nothing", "--key", log.verifier.vkey]) == 2


def test_the_public_side_only_answers_questions(client, log):
    assert client.post("/ledger/checkpoint").status_code == 405


def test_the_log_cannot_be_renamed_once_it_has_entries(log):
    assert checks.origin_never_changes(databases=["default"]) == []
    with override_settings(LEDGER_ORIGIN="other.example/log"):
        assert [found.id for found in checks.origin_never_changes(databases=["default"])] == ["ledger.E002"]
        record()
        with pytest.raises(ledger.LedgerFault, match="holds the log"):
            ledger.sequence_batch()


def test_a_log_without_a_usable_name_is_an_error_before_anything_starts():
    with override_settings(LEDGER_ORIGIN="has space"):
        assert [found.id for found in checks.origin_is_a_name()] == ["ledger.E001"]
    assert checks.origin_is_a_name() == []


def test_the_sequencing_command_drains_the_inbox_and_signs(key, capsys):
    for _ in range(3):
        record()
    call_command("ledger_sequence")
    assert capsys.readouterr().out == "3\n"
    assert ledger.latest_checkpoint().size == 3
    call_command("ledger_checkpoint")
    assert capsys.readouterr().out == ledger.latest_checkpoint().note
