"""The scanner at the storage door: a clean file is kept, one with a find is not, and neither is one that nobody could judge."""

import io
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from marketplace.common import files, scanning
from marketplace.common.ids import uuid7
from marketplace.common.models import ScanState, StoredFile

pytestmark = pytest.mark.django_db


@contextmanager
def scanner(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon that takes one INSTREAM conversation and answers so; gives its address and what it was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[bytes] = []

        def talk() -> None:
            line, _ = server.accept()
            with line, line.makefile("rb") as sent:
                assert sent.read(10) == b"zINSTREAM\0"
                while length := struct.unpack(">L", sent.read(4))[0]:
                    received.append(sent.read(length))
                line.sendall(answer)

        thread = threading.Thread(target=talk)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", received
        thread.join(timeout=20)


def keep(content: bytes = b"%PDF-1.7 report") -> StoredFile:
    return files.store(
        owner_id=uuid7(), name="report.pdf", stream=io.BytesIO(content), content_type="application/pdf", purpose="deliverable"
    )


def test_without_a_scanner_a_file_is_kept_and_says_that_nobody_looked(settings) -> None:
    settings.FILE_SCANNER = ""
    assert keep().scan_state == ScanState.UNCHECKED


def test_a_clean_file_is_kept_after_every_byte_of_it_was_looked_at(settings) -> None:
    content = b"%PDF-" + bytes(3 * scanning.CHUNK + 7)
    with scanner(b"stream: OK\0") as (settings.FILE_SCANNER, received):
        stored = keep(content)
    assert b"".join(received) == content
    assert stored.scan_state == ScanState.CLEAN
    with files.open_file(stored) as kept:
        assert kept.read() == content


def test_a_file_with_a_find_is_refused_by_name_and_nothing_is_kept(settings) -> None:
    with (
        scanner(b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as (settings.FILE_SCANNER, _),
        pytest.raises(files.FileRefused, match=r"Win\.Test\.EICAR_HDB-1"),
    ):
        keep()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK but\0"])
def test_what_the_scanner_could_not_judge_is_not_kept(settings, answer: bytes) -> None:
    with scanner(answer) as (settings.FILE_SCANNER, _), pytest.raises(scanning.ScannerAway):
        keep()
    assert not StoredFile.objects.exists()


def test_while_the_scanner_is_away_nothing_is_kept(settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.FILE_SCANNER = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(scanning.ScannerAway):
        keep()
    assert not StoredFile.objects.exists()
