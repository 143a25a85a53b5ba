"""A witness that is lied to or flooded: it answers as the specification says, and what it kept stays."""

import base64
import http.client
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress

import pytest

from ledger.engine.checkpoint import Checkpoint, parse_text
from ledger.engine.cosignature import cosignatures
from ledger.engine.notes import Signer, signature_line
from ledger.witness import server as serving_module
from ledger.witness.store import Store, hash_of
from tests.factories.witnesses import FORKED, LEAVES, LOG, ORIGIN, growth, note_of, proof_of, request, serving, wait_until


@pytest.fixture
def witness(tmp_path):
    store = Store.create(tmp_path / "witness", name="witness.example/w1")
    store.trust(LOG.verifier.vkey)
    with serving(store) as client:
        yield client


def test_a_growing_log_is_cosigned_and_its_newest_checkpoint_served(witness):
    cosigner = witness.store.key().cosigner
    assert witness.ask("GET", f"/{hash_of(ORIGIN)}/checkpoint")[0] == 404
    before, old = int(time.time()), 0
    for new in (1, 2, 7, 8, 9, 256, 257, 600):
        status, line, _ = witness.add(growth(old, new))
        assert status == 200
        (one,) = cosignatures(note_of(LEAVES, new) + line, [cosigner])
        assert before <= one.time <= int(time.time())
        old = new
    note = witness.ask("GET", f"/{hash_of(ORIGIN)}/checkpoint")[1]
    assert note == note_of(LEAVES, 600) + line
    assert witness.ask("GET", "/")[1] == f"{cosigner.vkey}\n\n{ORIGIN}\n"


def test_a_log_trusted_after_a_line_that_somebody_left_unended_stands_on_its_own(tmp_path):
    store = Store.create(tmp_path / "witness", name="witness.example/w1")
    (tmp_path / "witness" / "logs").write_text(Signer("other.example/log", bytes(32)).verifier.vkey)
    store.trust(LOG.verifier.vkey)
    assert [one.name for one in store.logs()] == ["other.example/log", ORIGIN]


def test_an_empty_log_is_cosigned_and_may_grow(witness):
    assert witness.add(growth(0, 0))[0] == 200
    assert witness.add(growth(0, 5))[0] == 200
    assert witness.add(growth(5, 5))[0] == 200
    wrong = Checkpoint(ORIGIN, 0, bytes(32)).sign(LOG)
    assert witness.add(request(0, [], wrong))[:2] == (409, "5\n")


def broken(note):
    """The same note with its signature's last bytes changed."""
    line = note.rpartition("\n\n")[2]
    data = bytearray(base64.b64decode(line.split(" ")[2]))
    data[-1] ^= 1
    return note.rpartition("\n\n")[0] + "\n\n" + signature_line(ORIGIN, bytes(data))


OTHER = Signer("other.example/log", bytes(range(7, 39)))
SAME_NAME = Signer(ORIGIN, bytes(range(8, 40)))
TEXT = note_of(LEAVES, 30).partition("\n\n")[0] + "\n"

REFUSED = [
    ("a replay of the request that was answered", growth(0, 20), 409),
    ("an older state of the log", growth(0, 10), 409),
    ("a jump from an older size", growth(10, 30), 409),
    ("an old size that this witness never saw", growth(25, 30), 409),
    ("an old size beyond the checkpoint", request(21, [], note_of(LEAVES, 20)), 400),
    ("a fork of the same size", request(20, [], note_of(FORKED, 20)), 422),
    ("a fork that grew, with its own proof", growth(20, 30, FORKED), 422),
    ("growth without a proof", request(20, [], note_of(LEAVES, 30)), 422),
    ("a proof that is too short", request(20, proof_of(LEAVES, 20, 30)[:-1], note_of(LEAVES, 30)), 422),
    ("a proof that is too long", request(20, [*proof_of(LEAVES, 20, 30), bytes(32)], note_of(LEAVES, 30)), 422),
    ("a proof in another order", request(20, proof_of(LEAVES, 20, 30)[::-1], note_of(LEAVES, 30)), 422),
    ("a proof for the size that stands", request(20, [bytes(32)], note_of(LEAVES, 20)), 422),
    ("a log that is not watched", request(0, [], note_of(LEAVES, 5, OTHER)), 404),
    ("a key of the same name that is not trusted", request(20, proof_of(LEAVES, 20, 30), note_of(LEAVES, 30, SAME_NAME)), 403),
    ("a signature that does not hold", request(20, proof_of(LEAVES, 20, 30), broken(note_of(LEAVES, 30))), 403),
    ("a good signature beside a broken one", growth(20, 30) + broken(note_of(LEAVES, 30)).rpartition("\n\n")[2].encode(), 403),
    ("a cosigner's line in place of the log's", request(20, proof_of(LEAVES, 20, 30), TEXT + "\n\u2014 w.example AAAAAAAAAAAA\n"), 403),
    ("64 proof lines", request(20, [bytes(32)] * 64, note_of(LEAVES, 30)), 400),
    ("63 proof lines that prove nothing", request(20, [bytes(32)] * 63, note_of(LEAVES, 30)), 422),
    ("a hash of 31 bytes", request(20, [bytes(31)], note_of(LEAVES, 30)), 400),
    ("a proof line with stray bits", growth(20, 30).replace(b"=\n", b"=x\n", 1), 400),
    ("an old size with a leading zero", growth(20, 30).replace(b"old 20", b"old 020"), 400),
    ("a negative old size", growth(20, 30).replace(b"old 20", b"old -20"), 400),
    ("no old size", growth(20, 30).partition(b"\n")[2], 400),
    ("no blank line", growth(20, 30).replace(b"\n\n", b"\n"), 400),
    ("a checkpoint without signatures", request(20, [], TEXT), 400),
    ("a checkpoint cut off", growth(20, 30)[:-1], 400),
    ("a carriage return", growth(20, 30).replace(b"\n", b"\r\n"), 400),
    ("what is not UTF-8", growth(20, 30).replace(b"log.example", b"log\xffexample"), 400),
    ("a signed note that is no checkpoint", request(20, [], LOG.sign("hello\n")), 400),
    ("nothing", b"", 400),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "status"), REFUSED, ids=[what for what, _, _ in REFUSED])
def test_a_lie_gets_its_status_and_changes_nothing(witness, what, body, status):
    assert witness.add(growth(0, 20))[0] == 200
    kept = witness.state()
    answer = witness.add(body)
    assert answer[0] == status, answer
    if status == 409:
        assert answer[1:] == ("20\n", "text/x.tlog.size")
    assert witness.state() == kept
    assert witness.add(growth(20, 30))[0] == 200


def test_a_checkpoint_of_nothing_with_a_root_and_a_proof_from_nothing_are_refused(witness):
    assert witness.add(request(0, [], Checkpoint(ORIGIN, 0, bytes(32)).sign(LOG)))[0] == 422
    assert witness.add(request(0, [bytes(32)], note_of(LEAVES, 5)))[0] == 422
    assert witness.add(growth(3, 5))[:2] == (409, "0\n")
    assert witness.state() is None


def test_one_key_of_several_suffices_and_unknown_signatures_are_passed_over(witness):
    new = Signer(ORIGIN, bytes(range(9, 41)))
    text = note_of(LEAVES, 5).partition("\n\n")[0] + "\n"
    both = note_of(LEAVES, 5, new) + LOG.sign(text).rpartition("\n\n")[2] + "\u2014 w.example/w AAAAAAAAAAAA\n"
    assert witness.add(request(0, [], both))[0] == 200
    assert [line.split(" ")[1] for line in witness.state().rpartition("\n\n")[2].splitlines()] == [ORIGIN, "witness.example/w1"]
    # A log that changes its key is followed once its keeper trusts the new one; no restart is needed.
    turned = request(5, proof_of(LEAVES, 5, 9), note_of(LEAVES, 9, new))
    assert witness.add(turned)[0] == 403
    witness.store.trust(new.verifier.vkey)
    assert witness.add(turned)[0] == 200


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Length": "abc"}, b"old 0\n"),
        ({"Content-Length": "-1"}, b""),
        ({"Transfer-Encoding": "chunked"}, b"5\r\nold 0\r\n0\r\n\r\n"),
        ({}, None),
    ],
)
def test_a_body_of_unknown_length_is_refused(witness, headers, body):
    with closing(socket.create_connection(("127.0.0.1", witness.port), timeout=20)) as raw:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n{lines}\r\n".encode() + (body or b""))
        assert raw.recv(100).startswith(b"HTTP/1.1 400 ")


def test_garbage_of_every_size_up_to_a_megabyte_is_refused(witness, seed):
    assert witness.add(growth(0, 20))[0] == 200
    kept = witness.state()
    chance = random.Random(seed)
    for size in (1, 1000, 200_000, 1_000_000):
        assert witness.add(chance.randbytes(size))[0] == 400
        assert witness.add(b"old 20\n" + b"A" * size)[0] == 400
        assert witness.add(request(20, [], LOG.sign("x" * size + "\n")))[0] == 400
    # Not even HTTP: it may be cut off in the middle.
    with closing(socket.create_connection(("127.0.0.1", witness.port), timeout=20)) as raw, suppress(OSError):
        raw.sendall(chance.randbytes(1_000_000))
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65536):
            pass
    assert witness.state() == kept
    assert witness.add(growth(20, 30))[0] == 200


def test_no_changed_bit_of_a_good_request_gets_a_wrong_tree_cosigned(witness, seed):
    assert witness.add(growth(0, 20))[0] == 200
    body, chance = growth(20, 30), random.Random(seed)
    accepted = set()
    for _ in range(300):
        mangled = bytearray(body)
        mangled[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        status, answer, _ = witness.add(bytes(mangled))
        assert status in (400, 403, 404, 409, 422), answer
        accepted.add(parse_text(witness.state().partition("\n\n")[0] + "\n").size)
    assert accepted == {20}


def test_other_paths_and_methods_are_not_there(witness):
    assert witness.ask("POST", "/sign-subtree", growth(0, 5))[0] == 404
    assert witness.ask("GET", "/add-checkpoint")[0] == 404
    assert witness.ask("GET", f"/{hash_of('other')}/checkpoint")[0] == 404
    assert witness.ask("GET", "/../key")[0] == 404
    assert witness.ask("DELETE", "/add-checkpoint")[0] == 501


def test_many_requests_may_follow_on_one_connection(witness):
    with closing(http.client.HTTPConnection("127.0.0.1", witness.port, timeout=20)) as connection:
        for old, new in ((0, 5), (5, 6), (6, 20)):
            connection.request("POST", "/add-checkpoint", growth(old, new))
            answer = connection.getresponse()
            assert (answer.status, answer.read()[:4]) == (200, "\u2014 ".encode())


def test_of_many_at_once_from_the_same_state_one_is_cosigned_and_the_size_never_falls(witness):
    assert witness.add(growth(0, 20))[0] == 200
    bodies = [growth(20, size) for size in range(21, 45)] + [growth(20, size, FORKED) for size in range(21, 45)]
    random.Random(1).shuffle(bodies)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(witness.add, bodies))
    assert sorted(status for status, _, _ in answers if status == 200) == [200]
    assert {status for status, _, _ in answers} <= {200, 409, 422}
    size = parse_text(witness.state().partition("\n\n")[0] + "\n").size
    assert witness.add(growth(size, 600))[0] == 200


def test_without_the_lock_a_slow_request_rolls_the_log_back(witness, monkeypatch):
    """The twin of the test before: the race of the specification (tlog-witness, "add-checkpoint"), with the lock off."""
    assert witness.add(growth(0, 20))[0] == 200
    checked, larger_is_kept, kept = threading.Event(), threading.Event(), Store.keep

    def keep(self, origin, note):
        if "\n30\n" in note:
            checked.set()
            larger_is_kept.wait(10)
        kept(self, origin, note)

    monkeypatch.setattr(Store, "locked", lambda self, origin: nullcontext())
    monkeypatch.setattr(Store, "keep", keep)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(witness.add, growth(20, 30))
        checked.wait(10)
        assert witness.add(growth(20, 40))[0] == 200
        larger_is_kept.set()
        assert slow.result()[0] == 200
    assert parse_text(witness.state().partition("\n\n")[0] + "\n").size == 30


def test_a_connection_that_dawdles_is_cut_and_others_are_served_meanwhile(witness, monkeypatch):
    monkeypatch.setattr(serving_module, "REQUEST_SECONDS", 0.5)
    with closing(socket.create_connection(("127.0.0.1", witness.port), timeout=20)) as slow:
        slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\nold")
        assert witness.add(growth(0, 5))[0] == 200
        begun = time.monotonic()
        assert slow.recv(100) == b""
        assert time.monotonic() - begun < 10


def test_one_connection_too_many_is_turned_away_and_room_is_made_again(witness, monkeypatch):
    monkeypatch.setattr(serving_module, "MOST_CONNECTIONS", 3)
    held = [socket.create_connection(("127.0.0.1", witness.port), timeout=20) for _ in range(3)]
    wait_until(lambda: len(witness.server.deadlines) == 3)
    with pytest.raises((http.client.HTTPException, OSError)):
        witness.add(growth(0, 5))
    assert witness.state() is None
    for one in held:
        one.close()
    wait_until(lambda: not witness.server.deadlines)
    assert witness.add(growth(0, 5))[0] == 200


@pytest.mark.parametrize("damage", ["", "cut", "a forged root"])
def test_a_damaged_memory_stops_the_witness_instead_of_letting_it_forget(witness, damage):
    assert witness.add(growth(0, 20))[0] == 200
    path = witness.store.folder / hash_of(ORIGIN) / "checkpoint"
    note = path.read_text()
    path.write_text({"": "", "cut": note[:-9], "a forged root": note.replace("\n20\n", "\n10\n")}[damage])
    for body in (growth(0, 30), growth(20, 30), growth(10, 30)):
        assert witness.add(body)[0] == 500
    path.write_text(note)
    assert witness.add(growth(20, 30))[0] == 200
