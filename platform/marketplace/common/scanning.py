"""Ask a virus scanner about a file before it is kept: ClamAV's daemon over TCP, the INSTREAM command of clamd(8)."""

import socket
import struct
from typing import IO

from django.conf import settings

from marketplace.common.errors import DomainError
from marketplace.common.text import bi

CHUNK = 64 * 1024
SECONDS = 60
LONGEST_ANSWER = 4096


class ScannerAway(DomainError):
    code = "scanner_away"
    status = 503
    title = bi("暂时无法查毒，文件未保存，请稍后再传", "The virus scanner does not answer: nothing was kept, send the file again later")


def is_set() -> bool:
    """Whether files are scanned here: FILE_SCANNER names the scanner's host:port."""
    return bool(settings.FILE_SCANNER)


def found_in(stream: IO[bytes]) -> str | None:
    """Return the name of what the scanner found in the stream, None when it is clean.

    Raises ScannerAway when the scanner cannot be reached, breaks off, or cannot judge (the stream is longer than it allows).
    """
    host, _, port = settings.FILE_SCANNER.rpartition(":")
    stream.seek(0)
    try:
        with socket.create_connection((host, int(port)), timeout=SECONDS) as line:
            line.sendall(b"zINSTREAM\0")
            while chunk := stream.read(CHUNK):
                line.sendall(struct.pack(">L", len(chunk)) + chunk)
            line.sendall(struct.pack(">L", 0))
            answer = _answer(line)
    except OSError as error:
        raise ScannerAway from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerAway


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        part = line.recv(LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
