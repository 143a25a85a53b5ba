"""HTTP for the witness: bounded in request size, in time for each request, and in connections."""

import re
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.engine.cosignature import CosigningKey
from ledger.engine.errors import LedgerFault
from ledger.witness import judge, protocol
from ledger.witness.protocol import Answer, Refused
from ledger.witness.store import Store

LARGEST_REQUEST = 256 * 1024
# What is read and thrown away so that a client who sends too much still gets to read its answer.
LARGEST_DRAIN = 8 * 1024 * 1024
REQUEST_SECONDS = 20.0
MOST_CONNECTIONS = 64
_MONITORED = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile(r"[0-9]{1,18}")


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness; a connection that takes too long over a request is cut, one too many is not accepted."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], store: Store) -> None:
        self.store = store
        self.key: CosigningKey = store.key()
        self.deadlines: dict[socket.socket, float] = {}
        super().__init__(address, WitnessHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if len(self.deadlines) >= MOST_CONNECTIONS:
            self.shutdown_request(request)
            return
        self.deadlines[request] = time.monotonic() + REQUEST_SECONDS
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Cut what is over its time; called twice a second and after each new connection."""
        for request, deadline in list(self.deadlines.items()):
            if time.monotonic() > deadline:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    self.deadlines.pop(request, None)

    def close_request(self, request: Any) -> None:
        self.deadlines.pop(request, None)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        say(f"{client_address[0]}: the connection broke: {sys.exception()!r}")


class WitnessHandler(BaseHTTPRequestHandler):
    """One connection; many requests may follow each other on it."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    error_content_type = protocol.PLAIN
    error_message_format = "%(code)d %(message)s\n"

    def do_POST(self) -> None:
        """Answer `POST /add-checkpoint`."""
        body = self._body()
        if body is None:
            return
        if self.path != "/add-checkpoint":
            self._answer(Answer(404, "POST /add-checkpoint is all that can be asked here\n"))
            return
        self._answer(self._judge(body))

    def do_GET(self) -> None:
        """Answer `GET /<origin hash>/checkpoint`, and `GET /` with who this is."""
        match = _MONITORED.fullmatch(self.path)
        note = self.server.store.by_hash(match[1]) if match else None
        if self.path == "/":
            origins = "".join(f"{verifier.name}\n" for verifier in self.server.store.logs())
            self._answer(Answer(200, f"{self.server.key.cosigner.vkey}\n\n{origins}"))
        elif note is None:
            self._answer(Answer(404, "nothing of that name was cosigned here\n"))
        else:
            self._answer(Answer(200, note))

    def handle_one_request(self) -> None:
        self.server.deadlines[self.request] = time.monotonic() + REQUEST_SECONDS
        super().handle_one_request()

    def version_string(self) -> str:
        return "witness"

    def log_message(self, format: str, *args: Any) -> None:
        # What a client sent must not draw on its keeper's terminal.
        say(f"{self.client_address[0]} {ascii(format % args)[1:-1]}")

    def _judge(self, body: bytes) -> Answer:
        try:
            submission = protocol.read(body)
        except Refused as refusal:
            return refusal.answer
        try:
            return judge.add_checkpoint(submission, store=self.server.store, key=self.server.key)
        except Refused as refusal:
            if refusal.answer.status == 422:
                # Signed by the log, and at odds with what it signed before: this may be the only copy of the proof.
                say(f"INCONSISTENT: {refusal}\n{submission.note}")
            return refusal.answer
        except (LedgerFault, OSError, ValueError) as fault:
            say(f"FAULT: {fault}")
            return Answer(500, "this witness cannot answer: its keeper must look\n")

    def _body(self) -> bytes | None:
        """Return the request's body; None after answering that it is too large, of unknown length, or came short."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or _LENGTH.fullmatch(length) is None:
            self.close_connection = True
            self._answer(Answer(400, "the request needs a Content-Length\n"))
            return None
        if int(length) > LARGEST_REQUEST:
            self.close_connection = True
            self._drain(min(int(length), LARGEST_DRAIN))
            self._answer(Answer(400, f"a request has at most {LARGEST_REQUEST} bytes\n"))
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _drain(self, count: int) -> None:
        while count > 0 and (chunk := self.rfile.read(min(count, 65536))):
            count -= len(chunk)

    def _answer(self, answer: Answer) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)


def say(words: str) -> None:
    """Write to the witness's log, which is stderr."""
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), words, file=sys.stderr, flush=True)
