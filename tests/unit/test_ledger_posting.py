"""What is asked of a witness ends at its deadline, whatever its name stands for and however it answers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ledger.app import posting
from ledger.app.services import cosigning
from ledger.engine.errors import LedgerFault

Address = tuple[str, int]
# A TLS record of 16 KB begins, and never ends.
RECORD = b"\x16\x03\x03\x40\x00"


@contextmanager
def hanging() -> Iterator[Address]:
    """An address that never lets anybody in: its queue is full, and what more comes is dropped."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(server.getsockname())
        yield server.getsockname()
        for one in waiting:
            one.close()


@contextmanager
def answering() -> Iterator[Address]:
    """A server that says thank you."""

    class Thanking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"thanks for " + said)

        def log_message(self, format: str, *args: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Thanking) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield ("127.0.0.1", server.server_address[1])
        server.shutdown()


@pytest.fixture
def stands_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let every name stand for these addresses."""

    def name(*addresses: Address) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: found)

    return name


def asked(url: str, seconds: float = 0.4) -> tuple[Any, float]:
    """What came of it, and after how many seconds."""
    begun = time.monotonic()
    try:
        said: Any = posting.post(url, b"news", deadline=begun + seconds)
    except OSError as trouble:
        said = str(trouble)
    return said, time.monotonic() - begun


def test_of_many_addresses_that_hang_none_has_more_than_its_part_of_the_time(stands_for: Callable[..., None]) -> None:
    with hanging() as address:
        stands_for(*[address] * 20)
        said, seconds = asked("http://witness.example/add-checkpoint")
    assert said == "it is too slow"
    assert 0.3 < seconds < 1


def test_a_first_address_that_hangs_leaves_time_for_the_second(stands_for: Callable[..., None]) -> None:
    with hanging() as silent, answering() as there:
        stands_for(silent, there)
        (status, _, body), _ = asked("http://witness.example/add-checkpoint", 1.6)
    assert (status, body) == (200, b"thanks for news")


def test_an_address_of_ipv6_is_asked_at_the_usual_port(stands_for: Callable[..., None]) -> None:
    with answering() as there:
        stands_for(there)
        (status, _, body), _ = asked("http://[2001:db8::abcd]/add-checkpoint", 1.6)
    assert (status, body) == (200, b"thanks for news")


def test_a_name_that_is_not_resolved_in_time_or_not_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said, _ = asked("http://a..b/add-checkpoint")
    assert said.startswith("the name a..b cannot be resolved")
    waiting = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: waiting.wait(3) and [])
    said, seconds = asked("http://witness.example/add-checkpoint")
    waiting.set()
    assert (said, seconds < 1) == ("it is too slow", True)


def test_a_handshake_that_drips_is_hung_up_on() -> None:
    stopped = threading.Event()

    def drip(server: socket.socket) -> None:
        peer, _ = server.accept()
        with closing(peer), suppress(OSError):
            peer.sendall(RECORD)
            while not stopped.wait(0.02):
                peer.sendall(b"\0")

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        dripping = threading.Thread(target=drip, args=[server], daemon=True)
        dripping.start()
        threading.Timer(3, stopped.set).start()
        said, seconds = asked(f"https://127.0.0.1:{server.getsockname()[1]}/add-checkpoint")
        stopped.set()
        dripping.join()
    assert (said, seconds < 1) == ("it is too slow", True)


def test_a_witness_that_knows_another_size_has_no_more_time_for_its_second_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(cosigning, "_submit", lambda witness, note, **how: asked.append(how) or (409, cosigning.SIZE, b"1\n"))
    with pytest.raises(LedgerFault, match="answers 409"):
        cosigning._cosignature(None, "a note", size=3, last=0)  # type: ignore[arg-type]
    assert [how["old"] for how in asked] == [0, 1]
    assert asked[0]["deadline"] == asked[1]["deadline"]
