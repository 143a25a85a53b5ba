"""One request to somebody else's server that ends at its deadline, whatever that server, its name or its line do."""

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

LARGEST_ANSWER = 64 * 1024
PORTS = {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}


def post(url: str, body: bytes, *, deadline: float) -> tuple[int, str, bytes]:
    """Return status, content type and body of the answer; raise OSError when it is too long, or not whole at the deadline (monotonic)."""
    try:
        return _answer(url, body, deadline)
    except (OSError, http.client.HTTPException) as trouble:
        if time.monotonic() < deadline:
            raise
        raise OSError("it is too slow") from trouble


def _answer(url: str, body: bytes, deadline: float) -> tuple[int, str, bytes]:
    address = urlsplit(url)
    host, secure, port = address.hostname or "", address.scheme == "https", address.port or PORTS[address.scheme]
    # With its port, or one would be looked for in an address of IPv6.
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port)
    line = _line_to(host, port, deadline)
    if secure:
        # The handshake is part of what is timed.
        line = ssl.create_default_context().wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
    with closing(line), _hung_up_at(deadline, line), closing(connection):
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        connection.sock = line
        connection.request("POST", address.path, body, {"Content-Type": "text/plain; charset=utf-8"})
        answer = connection.getresponse()
        data = b""
        while len(data) <= LARGEST_ANSWER and time.monotonic() < deadline and (chunk := answer.read1(LARGEST_ANSWER)):
            data += chunk
        # What was cut off at the deadline may look like an end.
        if len(data) > LARGEST_ANSWER or time.monotonic() >= deadline:
            raise OSError("its answer is too long")
        return answer.status, answer.headers.get_content_type(), data


def _line_to(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first address of a name that lets us in; each that is left has an equal part of the time that is left."""
    trouble = OSError("its name stands for no address")
    addresses = _resolved(host, port, deadline)
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        if time.monotonic() >= deadline:
            break
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(max(0.001, (deadline - time.monotonic()) / (len(addresses) - number)))
            line.connect(address)
        except OSError as error:
            line.close()
            trouble = error
        else:
            line.settimeout(max(0.001, deadline - time.monotonic()))
            return line
    raise trouble


def _resolved(host: str, port: int, deadline: float) -> list[tuple[Any, ...]]:
    """The addresses of a name. A resolver has no timeout, so that it is asked by a thread that may be left behind."""
    answers: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolving {host}", daemon=True).start()
    try:
        found = answers.get(timeout=max(0.001, deadline - time.monotonic()))
    except queue.Empty:
        raise OSError(f"the name {host} is too slow to resolve") from None
    if isinstance(found, Exception):
        raise OSError(f"the name {host} cannot be resolved: {found}") from found
    return found


@contextmanager
def _hung_up_at(deadline: float, line: socket.socket) -> Iterator[None]:
    """End what is said on this line at that moment: its own timeout begins anew with every byte, of headers and chunks' sizes too."""
    clock = threading.Timer(max(0.0, deadline - time.monotonic()), _hang_up, [line])
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _hang_up(line: socket.socket) -> None:
    # Not by the method of a TLS socket, which takes its state away from under whoever reads.
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)
