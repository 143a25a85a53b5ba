"""Loopback ports: a free one for servers, and a well-known one, or the next, for people."""

import socket

LOOPBACK = "127.0.0.1"


def free() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Say whether a server could not bind this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def first_free_from(wanted: int, *, tries: int = 50) -> int:
    """Return the wanted port, or the next free one above it."""
    for port in range(wanted, wanted + tries):
        if not is_taken(port):
            return port
    return free()
