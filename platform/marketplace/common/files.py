"""One storage door: a random name, SHA-256, size and scan recorded, permission at download, retention, erasure."""

import hashlib
import re
import secrets
from datetime import timedelta
from pathlib import PurePath
from typing import IO
from uuid import UUID

import structlog
from django.core.files.base import File
from django.core.files.storage import storages

from marketplace.common import clock, scanning
from marketplace.common.errors import Conflict, Invalid, NotFound
from marketplace.common.models import ScanState, StoredFile
from marketplace.common.text import bi

log = structlog.get_logger(__name__)

MAX_BYTES = 20 * 1024 * 1024
CHUNK = 1024 * 1024
# How long a file has to be kept, by what it is for. What was paid for is kept as long as the books that show the payment;
# an import only until nobody asks any more what was in it.
RETAINED = {"deliverable": timedelta(days=3653), "revenue_evidence": timedelta(days=3653), "import": timedelta(days=90)}
# What is thrown away once it no longer has to be kept; everything else stays until somebody erases it.
TEMPORARY = ("import",)
ALLOWED = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".zip": (b"PK\x03\x04",),
    ".csv": (),
    ".txt": (),
    ".json": (),
    ".jsonl": (),
    ".md": (),
}


class FileRefused(Invalid):
    code = "file_refused"
    title = bi("文件不能接收", "The file cannot be taken")


class FileRetained(Conflict):
    code = "file_retained"
    title = bi("文件尚在保存期内", "The file still has to be kept")


def store(
    *,
    owner_id: UUID,
    name: str,
    stream: IO[bytes],
    content_type: str,
    purpose: str,
    max_bytes: int = MAX_BYTES,
) -> StoredFile:
    """Keep a file under a random name and record its SHA-256 and size, and until when it has to be kept.

    Raises FileRefused when the kind is not allowed, the content is not of that kind, the file is empty, larger than
    `max_bytes`, or the scanner found something in it, and ScannerAway when the scanner that is set does not answer;
    nothing is kept then.
    """
    plain = _plain_name(name)
    suffix = PurePath(plain).suffix.lower()
    if suffix not in ALLOWED:
        kinds = " ".join(sorted(ALLOWED))
        raise _refused(
            f"不接收 {suffix or '无扩展名'} 文件；可用：{kinds}",
            f"{suffix or 'No extension'} is not taken; use one of: {kinds}",
        )
    digest, size = _measure(stream, max_bytes)
    _check_content(stream, suffix)
    scan_state = _scan(stream)
    stream.seek(0)
    now, retained = clock.now(), RETAINED.get(purpose)
    storage_name = storages["default"].save(f"{secrets.token_hex(16)}", File(stream))
    return StoredFile.objects.create(
        owner_id=owner_id,
        purpose=purpose,
        name=plain,
        content_type=content_type[:100],
        size=size,
        sha256=digest,
        storage_name=storage_name,
        scan_state=scan_state,
        created_at=now,
        retain_until=now + retained if retained else None,
    )


def open_file(stored: StoredFile) -> "File[bytes]":
    """The content, for a caller whose permission has been checked; NotFound once erased."""
    if stored.erased_at is not None:
        raise NotFound(bi("文件已按规定删除", "The file has been erased"))
    return storages["default"].open(stored.storage_name)


def erase(stored: StoredFile) -> None:
    """Delete the content for good; the record of size and hash stays, without the name. Raises FileRetained before its time."""
    if stored.retain_until is not None and stored.retain_until > clock.now():
        day = f"{stored.retain_until:%Y-%m-%d}"
        raise FileRetained(bi(f"须保存至 {day}，此后才可删除。", f"It has to be kept until {day} and can be erased from then on."))
    storages["default"].delete(stored.storage_name)
    StoredFile.objects.filter(pk=stored.pk).update(name="", erased_at=clock.now())


def throw_away_old() -> int:
    """Erase every temporary file that no longer has to be kept, and return how many.

    One that the store will not let go is logged and stays for the next time.
    """
    old = StoredFile.objects.filter(purpose__in=TEMPORARY, erased_at=None, retain_until__lte=clock.now())
    count = 0
    for stored in old.iterator():
        try:
            erase(stored)
        except Exception:  # each kind of store fails in its own way, and the other files have to go
            log.exception("file_not_erased", file=str(stored.pk))
        else:
            count += 1
    return count


def _scan(stream: IO[bytes]) -> ScanState:
    if not scanning.is_set():
        return ScanState.UNCHECKED
    found = scanning.found_in(stream)
    if found:
        raise _refused(f"查毒发现 {found}，文件未保存。", f"The scanner found {found} in it: the file was not kept.")
    return ScanState.CLEAN


def _plain_name(name: str) -> str:
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", last)[-255:]


def _measure(stream: IO[bytes], max_bytes: int) -> tuple[str, int]:
    sha, size = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > max_bytes:
            limit = max_bytes // (1024 * 1024)
            raise _refused(
                f"文件超过 {limit} MB，请压缩或拆分后再传。",
                f"The file is larger than {limit} MB: compress or split it.",
            )
        sha.update(chunk)
    if size == 0:
        raise _refused("文件是空的。", "The file is empty.")
    return sha.hexdigest(), size


def _check_content(stream: IO[bytes], suffix: str) -> None:
    marks = ALLOWED[suffix]
    stream.seek(0)
    head = stream.read(16)
    if (marks and not head.startswith(marks)) or (not marks and b"\0" in head):
        raise _refused(f"文件内容与扩展名 {suffix} 不符。", f"The content is not that of a {suffix} file.")


def _refused(zh: str, en: str) -> FileRefused:
    text = bi(zh, en)
    return FileRefused(text, fields={"file": [text]})
