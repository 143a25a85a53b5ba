"""A witness of a small log: in this process or, to be killed, in its own; and what a log would say to it."""

import base64
import http.client
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from ledger.engine import merkle, tiles
from ledger.engine.checkpoint import Checkpoint
from ledger.engine.notes import Signer
from ledger.witness.server import WitnessServer
from ledger.witness.store import Store
from marketplace.config.devstack.stack import ROOT

ORIGIN = "log.example/jinqiao"
LOG = Signer(ORIGIN, bytes(range(32)))
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(600)]
FORKED = [*LEAVES[:7], *(merkle.leaf_hash(f"fork {number}".encode()) for number in range(7, 600))]


def note_of(leaves: Sequence[bytes], size: int, signer: Signer = LOG) -> str:
    """The signed checkpoint of the first leaves."""
    return Checkpoint(signer.name, size, merkle.root_of(leaves[:size])).sign(signer)


def proof_of(leaves: list[bytes], old: int, new: int) -> list[bytes]:
    """The consistency proof between two sizes, none from nothing."""
    kept = tiles.grow(lambda level, index: b"", 0, leaves)
    return merkle.consistency_proof(tiles.subtree_hashes(lambda level, index: kept[level, index]), old, new) if 0 < old < new else []


def request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body of an add-checkpoint request."""
    return "".join([f"old {old}\n", *(base64.b64encode(one).decode() + "\n" for one in proof), "\n", note]).encode()


def growth(old: int, new: int, leaves: list[bytes] = LEAVES) -> bytes:
    """An honest request, or with other leaves a fork's."""
    return request(old, proof_of(leaves, old, new), note_of(leaves, new))


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Client:
    """Speaks to one witness, and looks into its folder."""

    def __init__(self, store: Store, port: int, server: WitnessServer | None = None) -> None:
        self.store, self.port, self.server = store, port, server

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers["Content-Type"] or ""

    def add(self, body: bytes) -> tuple[int, str, str]:
        return self.ask("POST", "/add-checkpoint", body)

    def state(self) -> str | None:
        return self.store.latest(ORIGIN)


@contextmanager
def serving(store: Store) -> Iterator[Client]:
    """Serve a store from a thread of this process."""
    with WitnessServer(("127.0.0.1", 0), store) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield Client(store, server.server_address[1], server)
        finally:
            server.shutdown()
            thread.join()


def serve_in_a_process(store: Store, *, before: str = "pass") -> tuple[Any, Client]:
    """Start the real program, with a sentence of Python run first, and return it with its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = textwrap.dedent(f"""
        import os, signal, sys
        from ledger.witness.store import Store
        {before}
        from ledger.witness.__main__ import main
        sys.exit(main(["serve", "--bind", "127.0.0.1:{port}", {str(store.folder)!r}]))
    """)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)})
    assert b"witnesses at" in process.stderr.readline()
    return process, Client(store, port)


def ended(process: Any, with_signal: int) -> int:
    """Send a signal and return the exit code."""
    process.send_signal(with_signal)
    process.wait(10)
    process.stderr.close()
    code: int = process.returncode
    return code
