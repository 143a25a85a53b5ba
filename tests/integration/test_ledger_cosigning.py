"""The log asks its witnesses, keeps what they say, and serves it; whatever a witness does, the log goes on."""

import socket
import threading
import time
from contextlib import closing, suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections

from ledger import verify
from ledger.app import models, published, selectors, signing
from ledger.app import services as ledger
from ledger.app.services import cosigning
from ledger.app.services.exporting import export
from ledger.app.witnesses import configured
from ledger.engine import policy
from ledger.engine.cosignature import cosignatures
from ledger.engine.errors import LedgerFault
from ledger.witness.protocol import Answer
from ledger.witness.server import WitnessHandler
from ledger.witness.store import Store
from tests.factories.recorded import record
from tests.factories.witnesses import serving, wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


@pytest.fixture(autouse=True)
def key(settings, tmp_path):
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(tmp_path / "key"), ""
    return signing.make_key(tmp_path / "key", origin=settings.LEDGER_ORIGIN)


@pytest.fixture
def witness(settings, tmp_path, key):
    store = Store.create(tmp_path / "witness", name="witness.example/w1")
    store.trust(key.verifier.vkey)
    with serving(store) as client:
        settings.LEDGER_WITNESSES = [f"http://127.0.0.1:{client.port} {store.key().cosigner.vkey} ours"]
        yield client


def grow(count=1):
    for _ in range(count):
        record()
    ledger.sequence_batch()
    return ledger.publish_checkpoint()


def test_a_checkpoint_is_cosigned_and_served_so_to_everybody(witness, key, client, settings):
    grow(3)
    assert cosigning.ask_all() == []
    note = client.get("/ledger/checkpoint").content.decode()
    (one,) = cosignatures(note, [witness.store.key().cosigner])
    assert note == ledger.latest_checkpoint().note == models.SignedCheckpoint.objects.get().note + one.line
    (state,) = selectors.cosigners()
    assert (state.name, state.ours, state.size, state.at.timestamp()) == ("witness.example/w1", True, 3, one.time)
    assert client.get("/ledger/keys").content.decode().splitlines()[-2:] == [
        "# witness, run by this platform itself",
        witness.store.key().cosigner.vkey,
    ]


def test_growth_is_proven_from_what_the_witness_cosigned_last(witness):
    for count in (1, 2, 300, 1):
        grow(count)
        assert cosigning.ask_all() == []
    sizes = models.Cosignature.objects.order_by("checkpoint_id").values_list("checkpoint_id", flat=True)
    assert list(sizes) == [1, 3, 303, 304]
    assert cosigning.ask(configured()[0]) is False  # nothing new: the witness is left in peace


def test_a_witness_that_knows_another_size_than_we_remember_is_answered_from_that_size(witness):
    grow(5)
    assert cosigning.ask_all() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_cosignature DISABLE TRIGGER USER; DELETE FROM ledger_cosignature")
        for name in ("stays", "kept"):
            cursor.execute(f"ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER ledger_cosignature_{name}")
    grow(2)
    assert cosigning.ask_all() == []
    assert list(models.Cosignature.objects.values_list("checkpoint_id", flat=True)) == [7]


def test_a_witness_that_is_away_is_named_and_asked_again(witness, settings):
    (there,) = settings.LEDGER_WITNESSES
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.LEDGER_WITNESSES = [there.replace(str(witness.port), str(taken.getsockname()[1]))]
        grow()
        (trouble,) = cosigning.ask_all()
    assert trouble.startswith("witness.example/w1: ")
    assert ledger.latest_checkpoint().size == 1
    settings.LEDGER_WITNESSES = [there]
    grow()
    assert cosigning.ask_all() == []
    assert selectors.cosigners()[0].size == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(500, "oh"), "answers 500"),
        (Answer(403, "no trusted key\n"), "answers 403: no trusted key"),
        (Answer(409, "7\n", "text/x.tlog.size"), "has cosigned 7 entries of this log, which here has 2"),
        (Answer(409, "1\n", "text/x.tlog.size"), "answers 409"),
        (Answer(409, "1\n"), "409 without the size"),
        (Answer(409, "many\n", "text/x.tlog.size"), "409 without the size"),
        (Answer(200, ""), "no cosignature by"),
        (Answer(200, "hello\n"), "em dash"),
        (Answer(200, "\u2014 other.example/w AAAAAAAAAAAA\n"), "no cosignature by"),
        (Answer(200, "x" * 100_000), "too long"),
    ],
)
def test_whatever_else_a_witness_answers_is_not_kept(witness, monkeypatch, answer, why):
    grow(2)
    monkeypatch.setattr(WitnessHandler, "_judge", lambda self, body: answer)
    (trouble,) = cosigning.ask_all()
    assert why in trouble
    assert models.Cosignature.objects.count() == 0
    assert "witness.example" not in ledger.latest_checkpoint().note


def test_a_cosignature_over_another_text_is_not_kept(witness, monkeypatch):
    grow(2)
    other = witness.store.key().cosign("other.example/log\n2\nAAAA\n", time=1_772_352_000)
    monkeypatch.setattr(WitnessHandler, "_judge", lambda self, body: Answer(200, other))
    assert "does not hold" in cosigning.ask_all()[0]


def test_a_cosignature_that_holds_only_with_the_empty_line_of_its_answer_is_not_kept(witness, monkeypatch):
    note = models.SignedCheckpoint.objects.get(size=grow(2).size).note
    line = witness.store.key().cosign(note, time=1_772_352_000)
    monkeypatch.setattr(WitnessHandler, "_judge", lambda self, body: Answer(200, f"\n{line}"))
    assert "does not hold" in cosigning.ask_all()[0]
    assert models.Cosignature.objects.count() == 0


def test_the_threads_cosign_what_comes_and_a_silent_witness_holds_up_nobody(witness, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(cosigning, "TIMEOUT_SECONDS", 1.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        deaf = Store.create(tmp_path / "deaf", name="deaf.example/w").key().cosigner.vkey
        settings.LEDGER_WITNESSES = [f"http://127.0.0.1:{silent.getsockname()[1]} {deaf}", *settings.LEDGER_WITNESSES]
        asking = cosigning.Cosigning().start()
        try:
            for size in (1, 2, 3):
                grow()
                asking.wake()
                wait_until(lambda size=size: selectors.cosigners()[1].size == size, 5)
            assert selectors.cosigners()[0].size is None
        finally:
            asking.stop()
    wait_until(lambda: not any(thread.name.startswith("cosigning") for thread in threading.enumerate()), 10)


HEADERS = b"HTTP/1.1 200 OK\r\nX-Patience: x"
CHUNKED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0"


@pytest.mark.parametrize("begun_with", [HEADERS, CHUNKED], ids=["headers", "the size of a chunk"])
def test_a_witness_that_drips_is_left_when_its_time_is_over(witness, settings, monkeypatch, begun_with):
    monkeypatch.setattr(cosigning, "TIMEOUT_SECONDS", 0.4)
    stopped = threading.Event()
    last = time.monotonic() + 6

    def drip(server):
        peer, _ = server.accept()
        with closing(peer), suppress(OSError):
            peer.sendall(begun_with)
            while not stopped.wait(0.02) and time.monotonic() < last:
                peer.sendall(begun_with[-1:])

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        settings.LEDGER_WITNESSES = [settings.LEDGER_WITNESSES[0].replace(str(witness.port), str(server.getsockname()[1]))]
        dripping = threading.Thread(target=drip, args=[server])
        dripping.start()
        grow()
        begun = time.monotonic()
        (trouble,) = cosigning.ask_all()
        spent = time.monotonic() - begun
        stopped.set()
        dripping.join()
    assert "too slow" in trouble
    assert spent < 3


def test_a_checkpoint_is_judged_again_only_when_it_or_the_policy_says_something_else(witness, settings, tmp_path, monkeypatch):
    file, parsed, parse = tmp_path / "policy", [], policy.parse
    monkeypatch.setattr(policy, "parse", lambda text: parsed.append(text) or parse(text))
    settings.LEDGER_POLICY_FILE = str(file)
    alone = grow().note
    cosigning.ask_all()
    cosigned = ledger.latest_checkpoint().note
    asked = f"witness w {witness.store.key().cosigner.vkey}\nquorum w\n"
    for text, note, enough in ((asked, alone, False), (asked, alone, False), ("quorum none\n", alone, True), (asked, cosigned, True)):
        file.write_text(text)
        assert published.is_cosigned(note) is enough
    assert len(parsed) == 3


def test_a_proof_under_a_cosigned_checkpoint_is_one_statement_too(witness, django_assert_num_queries):
    grow(3)
    cosigning.ask_all()
    with django_assert_num_queries(1):
        assert "witness.example" in selectors.proof(1).checkpoint


def test_a_proof_stands_under_the_newest_checkpoint_with_enough_cosignatures(witness, settings, tmp_path, key):
    grow(3)
    cosigning.ask_all()
    grow(2)
    assert (ledger.latest_checkpoint().size, selectors.proof(1).checkpoint.split("\n")[1]) == (5, "3")
    assert selectors.proof(4).checkpoint.split("\n")[1] == "5"
    cosigning.ask_all()
    assert selectors.proof(1).checkpoint.split("\n")[1] == "5"
    # A policy that asks for a witness who never came: no proof can meet it, and the newest checkpoint is what there is.
    other = Store.create(tmp_path / "other", name="other.example/w").key().cosigner.vkey
    grow(1)
    (tmp_path / "policy").write_text(f"log {key.verifier.vkey}\nwitness other {other}\nquorum other\n")
    settings.LEDGER_POLICY_FILE = str(tmp_path / "policy")
    assert selectors.proof(1).checkpoint.split("\n")[1] == "6"


def test_the_proposed_policy_can_be_read_and_is_met_once_cosigned(witness, client, key, settings, tmp_path):
    grow(2)
    proposed = policy.parse(client.get("/ledger/policy").content)
    assert (proposed.logs, proposed.quorum) == ([key.verifier], "witnesses")
    with pytest.raises(LedgerFault, match="nobody"):
        policy.check(ledger.latest_checkpoint().note, proposed)
    cosigning.ask_all()
    assert policy.check(ledger.latest_checkpoint().note, proposed)[0].size == 2
    settings.LEDGER_WITNESSES = []
    assert policy.parse(client.get("/ledger/policy").content).quorum == "none"


def test_the_commands_have_the_checkpoint_cosigned(witness):
    record()
    call_command("ledger_sequence", stdout=StringIO())
    assert selectors.cosigners()[0].size == 1
    record()
    ledger.sequence_batch()
    out = StringIO()
    call_command("ledger_checkpoint", stdout=out)
    assert out.getvalue() == ledger.latest_checkpoint().note
    assert selectors.cosigners()[0].size == 2


def test_an_audit_finds_a_cosignature_that_was_changed(witness):
    grow(2)
    cosigning.ask_all()
    assert ledger.audit() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_cosignature DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_cosignature SET line = overlay(line PLACING 'AAAA' FROM 50)")
        for name in ("stays", "kept"):
            cursor.execute(f"ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER ledger_cosignature_{name}")
    assert [(one.seq, "is not by" in one.words) for one in ledger.audit()] == [(1, True)]


def test_an_export_carries_the_cosignatures(witness, key, tmp_path):
    grow(2)
    cosigning.ask_all()
    export(tmp_path / "log")
    assert cosignatures((tmp_path / "log" / "checkpoint").read_text(), [witness.store.key().cosigner])
    assert verify.main(["log", str(tmp_path / "log"), "--key", key.verifier.vkey]) == 0


def test_a_stranger_asks_for_the_quorum_over_http(witness, key, tmp_path, live_server, capsys):
    grow(3)
    (tmp_path / "policy").write_text(f"witness w {witness.store.key().cosigner.vkey}\nquorum w\n")
    words = ["log", f"{live_server.url}/ledger", "--key", key.verifier.vkey, "--policy", str(tmp_path / "policy")]
    assert verify.main(words) == 3
    assert "cosigned by: nobody" in capsys.readouterr().out
    cosigning.ask_all()
    assert verify.main(words) == 0
    assert "cosigned by witness.example/w1" in capsys.readouterr().out
