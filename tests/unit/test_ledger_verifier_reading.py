"""The verifier at a hostile address and on a plain terminal: bounded in memory, and never a crash in place of a verdict."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ledger import verify
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, write_log

Served = tuple[str, list[bytes]]
SIGNER = Signer(ORIGIN, bytes([1]) * 32)


@pytest.fixture
def packed() -> Iterator[Served]:
    """An address that answers everything with these bytes, said to be gzip."""
    answers: list[bytes] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, format: str, *args: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", answers
        server.shutdown()


def test_a_packed_answer_is_unpacked_no_further_than_the_largest_file(packed: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    address, answers = packed
    monkeypatch.setattr(verify, "LARGEST_FILE", 1000)
    answers[:] = [gzip.compress(b"x" * 900)]
    assert verify.Source(address).get("checkpoint") == b"x" * 900
    answers[:] = [gzip.compress(bytes(500_000))]
    assert verify.Source(address).get("checkpoint") == bytes(1000)


@pytest.mark.parametrize(
    "answer", [gzip.compress(b"x" * 900, mtime=0)[:-9], b"no gzip at all", b""], ids=["cut off", "not packed", "empty"]
)
def test_a_packed_answer_that_is_cut_off_or_broken_cannot_be_checked(packed: Served, answer: bytes) -> None:
    address, answers = packed
    answers[:] = [answer]
    assert verify.main(["log", address, "--key", SIGNER.verifier.vkey]) == verify.BAD_INPUT


def test_a_terminal_without_chinese_gets_the_same_verdict(tmp_path: Path) -> None:
    entries = chain(3)
    place = write_log(tmp_path / "log", entries, checkpoint(entries, SIGNER))
    words = [sys.executable, verify.__file__, "log", str(place), "--key", SIGNER.verifier.vkey]
    done = subprocess.run(words, env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, check=False)
    assert (done.returncode, done.stdout[:5], done.stderr) == (0, b"SOUND", b"")


def test_a_key_named_in_no_utf_8_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "policy").write_bytes(b"log \xff" + SIGNER.verifier.vkey.encode() + b"\nquorum none\n")
    entries = chain(3)
    place = write_log(tmp_path / "log", entries, checkpoint(entries, SIGNER))
    words = ["log", str(place), "--key", SIGNER.verifier.vkey, "--policy", str(tmp_path / "policy")]
    assert verify.main(words) == verify.BAD_INPUT
