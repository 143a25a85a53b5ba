"""The storage door: what is kept is what it says it is, under a name nobody chose."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from marketplace.common import files
from marketplace.common.errors import NotFound
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n" + b"x" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def keep(content: bytes, name: str, **options: Any) -> StoredFile:
    return files.store(owner_id=uuid7(), name=name, stream=BytesIO(content), content_type="application/pdf", purpose="test", **options)


def refusal(content: bytes, name: str, **options: Any) -> str:
    with pytest.raises(files.FileRefused) as refused:
        keep(content, name, **options)
    assert (refused.value.status, set(refused.value.fields)) == (422, {"file"})
    with override("en"):
        return str(refused.value)


def test_what_comes_out_is_what_went_in_with_its_hash_and_size(folder: Path) -> None:
    stored = keep(PDF, "报告.pdf")
    assert (stored.name, stored.size, stored.sha256) == ("报告.pdf", 109, hashlib.sha256(PDF).hexdigest())
    with files.open_file(stored) as opened:
        assert opened.read() == PDF
    (on_disk,) = folder.iterdir()
    assert "pdf" not in on_disk.name
    assert len(on_disk.name) == 32
    assert on_disk.stat().st_mode & 0o077 == 0


def test_two_files_of_the_same_name_and_content_are_two() -> None:
    first, second = keep(PDF, "a.pdf"), keep(PDF, "a.pdf")
    assert first.storage_name != second.storage_name


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.pdf", "The file is empty."),
        (b"MZ\x90\x00", "a.pdf", "not that of a .pdf"),
        (PDF, "a.png", "not that of a .png"),
        (PNG, "a.pdf", "not that of a .pdf"),
        (b" " + PDF, "a.pdf", "not that of a .pdf"),
        (b"PK\x05\x06", "a.docx", "not that of a .docx"),
        (b"a,b\n\0", "a.csv", "not that of a .csv"),
        (b"<script>", "a.html", ".html is not taken"),
        (b"<svg/>", "a.svg", ".svg is not taken"),
        (PDF, "a.pdf.exe", ".exe is not taken"),
        (PDF, "a", "No extension is not taken"),
        (PDF, ".pdf", "No extension is not taken"),
        (PDF, "..", "No extension is not taken"),
        (PDF, "", "No extension is not taken"),
        (PDF, "invoice\u202efdp.exe", ".exe is not taken"),
        (PDF, "a.pdf\0.exe", ".exe is not taken"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_and_nothing_is_kept(content: bytes, name: str, why: str, folder: Path) -> None:
    assert why in refusal(content, name)
    assert not folder.exists() or list(folder.iterdir()) == []
    assert StoredFile.objects.count() == 0


def test_a_file_may_be_exactly_as_large_as_allowed_and_no_larger(folder: Path) -> None:
    limit = 2 * 1024 * 1024
    exact = PDF + b"x" * (limit - len(PDF))
    assert keep(exact, "a.pdf", max_bytes=limit).size == limit
    assert "larger than 2 MB" in refusal(exact + b"x", "b.pdf", max_bytes=limit)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("/abs/olute.pdf", "olute.pdf"),
        ("line\r\nbreak.pdf", "linebreak.pdf"),
        ("right\u202eto\u2066left.pdf", "righttoleft.pdf"),
        ("REPORT.PDF", "REPORT.PDF"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf"),
    ],
)
def test_a_name_loses_its_folders_and_every_character_that_plays_tricks(name: str, kept: str, folder: Path) -> None:
    assert keep(PDF, name).name == kept
    assert [path.parent for path in folder.rglob("*")] == [folder]


def test_an_erased_file_is_gone_and_its_hash_stays(folder: Path) -> None:
    stored = keep(PDF, "张三的简历.pdf")
    files.erase(stored)
    assert list(folder.iterdir()) == []
    stored.refresh_from_db()
    assert (stored.name, stored.sha256) == ("", hashlib.sha256(PDF).hexdigest())
    with pytest.raises(NotFound):
        files.open_file(stored)


def test_a_negative_size_is_refused_by_the_database() -> None:
    stored = keep(PDF, "a.pdf")
    with pytest.raises(IntegrityError, match="file_size_not_negative"), transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).update(size=-1)
