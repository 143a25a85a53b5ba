"""The list of keys in a folder says what the log states of them, or the stranger's verifier says that it does not."""

import functools
import random
import threading
from collections.abc import Callable
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from ledger import verify
from ledger.engine import rotation
from ledger.engine.notes import Signer
from tests.factories.damaged_logs import KEY, NEXT, SIGNER, listing, stating
from tests.factories.tampering import given, turned, verdict

CHANGED = listing(("2", NEXT.verifier.vkey), ("0, retired at seq 3", KEY))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log whose key was changed and retired, and the list of its keys."""
    said = [(rotation.ADDED, rotation.added(NEXT, by=SIGNER)), (rotation.RETIRED, rotation.retired(SIGNER.verifier, by=NEXT))]
    folder = stating(tmp_path, said, NEXT)
    (folder / "keys").write_text(CHANGED)
    return folder


@pytest.mark.prove
def test_every_changed_byte_is_found(log: Path, seed: int, at_size: Callable[[int, int], int]) -> None:
    asked, chance, step = given(KEY), random.Random(seed), at_size(5, 1)
    assert verdict(lambda: verify.check_log(str(log), asked)) == (verify.SOUND, None)
    places = range(chance.randrange(step), len(CHANGED), step)
    for place in turned(log / "keys", chance, places):
        assert verdict(lambda: verify.check_log(str(log), asked))[0] == verify.TAMPERED, place
    assert (log / "keys").read_text() == CHANGED


def test_whoever_trusts_a_later_key_finds_what_is_said_of_it_and_of_none_before(log: Path) -> None:
    asked = given(NEXT.verifier.vkey)
    for text, code in ((CHANGED, 0), (CHANGED.replace("from seq 2", "from seq 1"), 1), (CHANGED.replace("at seq 3", "at seq 4"), 0)):
        (log / "keys").write_text(text)
        assert verdict(lambda: verify.check_log(str(log), asked))[0] == code, text


def test_an_export_that_still_names_the_addresses_of_its_witnesses_is_as_honest(log: Path) -> None:
    earlier = CHANGED.replace("itself\n", "itself: http://our.example:8000/\n").replace(
        "# witness\n", "# witness: https://other.example/w\n"
    )
    asked = given(KEY)
    for text, code in ((earlier, 0), (earlier.replace("/w\n", "/w and more\n"), 1), (earlier.replace("seq 2\n", "seq 2: x\n"), 1)):
        (log / "keys").write_text(text)
        assert verdict(lambda: verify.check_log(str(log), asked))[0] == code, text


def test_a_list_at_an_address_may_be_newer_than_the_checkpoint(log: Path) -> None:
    (log / "keys").write_text(listing(("9", Signer.generate(SIGNER.name).verifier.vkey)) + CHANGED)
    serving = functools.partial(SimpleHTTPRequestHandler, directory=str(log))
    with HTTPServer(("127.0.0.1", 0), serving) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        assert verify.main(["log", f"http://127.0.0.1:{server.server_address[1]}", "--key", KEY]) == verify.SOUND
        server.shutdown()
    assert verify.main(["log", str(log), "--key", KEY]) == verify.TAMPERED
