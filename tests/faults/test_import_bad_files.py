"""Files that nobody should send: each is told what is wrong in both languages, nothing goes in by halves, memory stays bounded."""

import io
import json
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from django.test import override_settings

from marketplace.catalogue.importing import limits, running, workbooks
from marketplace.catalogue.importing.faults import FileFault, both
from marketplace.catalogue.models import Achievement, ImportRun
from marketplace.catalogue.services.uploading import upload
from marketplace.common.files import FileRefused
from marketplace.common.models import StoredFile
from tests.factories import accounts
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db

MIB = limits.MEBIBYTE
GOOD = make.jsonl(make.rows(600))


@pytest.fixture(autouse=True)
def media() -> Iterator[Path]:
    """A folder for what is kept, gone after the test: some of these files are large."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        yield Path(folder)


def sent(stream: IO[bytes], name: str) -> ImportRun:
    """The run of a file when its worker is done."""
    home = accounts.organisation("university")
    run = upload(actor=accounts.actor_for(home), kind="achievements", name=name, stream=stream, content_type="")
    running.run_import(run.pk)
    run.refresh_from_db()
    return run


def done_with(content: bytes, name: str) -> ImportRun:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return sent(file, name)


def most_memory(work: Callable[[], Any]) -> int:
    """The most bytes that Python held at once while it ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "content", "zh", "en"),
    [
        (
            "gbk.csv",
            "ref,title\nA,甲\n".encode("gb18030"),
            "第 2 行不是 UTF-8 编码。请另存为「CSV UTF-8」或 UTF-8 文本后再上传。",
            "Line 2 is not UTF-8. Save the file as “CSV UTF-8” or as UTF-8 text and send it again.",
        ),
        (
            "late.jsonl",
            GOOD + b'{"ref":"A","title":"\xff"}',
            "第 601 行不是 UTF-8 编码。请另存为「CSV UTF-8」或 UTF-8 文本后再上传。",
            "Line 601 is not UTF-8. Save the file as “CSV UTF-8” or as UTF-8 text and send it again.",
        ),
        ("blank.csv", b"\n,,\n", "文件没有标题行。", "The file has no line of headings."),
        ("headings.csv", b"ref,title\n", "文件中没有数据行。", "The file has no rows."),
        ("many.jsonl", GOOD + GOOD, "超过 1,000 行，请拆分后分次上传。", "More than 1,000 rows: split the file."),
        ("wide.jsonl", GOOD + b'{"ref":"' + b"A" * MIB, "第 601 行超过 1 MB。", "Line 601 is longer than 1 MB."),
        (
            "bomb.xlsx",
            make.archive({"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"0" * 30_000_000}),
            "工作簿解压后过大（上限 100 MB，且不超过压缩大小的 100 倍）。请拆分，或改用 CSV。",
            "The workbook unpacks to too much (up to 100 MB and 100 times its size): split it, or use CSV.",
        ),
        ("broken.xlsx", b"PK\x03\x04 and nothing more", "不是可读取的 XLSX 工作簿。", "This is not an XLSX workbook that can be read."),
    ],
)
def test_a_file_with_a_fault_as_a_whole_fails_in_both_languages_and_leaves_nothing_behind(
    name: str, content: bytes, zh: str, en: str
) -> None:
    with override_settings(IMPORT_MAX_ROWS=1_000):
        run = done_with(content, name)
    assert (run.phase, run.failure_zh, run.failure_en) == ("failed", zh, en)
    assert (run.created, run.faults.count(), Achievement.objects.count()) == (0, 0, 0)


def workbook(beside: int, sheet: int) -> IO[bytes]:
    """An archive with so many bytes of shared texts, and of a sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as made:
        made.writestr("xl/sharedStrings.xml", bytes(beside))
        made.writestr("xl/worksheets/sheet1.xml", bytes(sheet))
    return stream


def test_a_workbook_whose_texts_would_fill_the_memory_is_refused_before_it_is_unpacked() -> None:
    workbooks.check_archive(workbook(20 * MIB, 30 * MIB))
    with pytest.raises(FileFault) as refusal:
        workbooks.check_archive(workbook(20 * MIB + 1, 0))
    assert (refusal.value.zh, refusal.value.en) == (
        "工作簿的文字与附件超过 20 MB。请拆分、删去图片，或改用 CSV。",
        "Texts and pictures of the workbook exceed 20 MB: split it, remove pictures, or use CSV.",
    )


def refused(stream: IO[bytes], name: str) -> tuple[str, str]:
    with pytest.raises(FileRefused) as refusal:
        sent(stream, name)
    return both(refusal.value.detail)


@pytest.mark.parametrize(
    ("name", "content", "zh", "en"),
    [
        ("a.jsonl", b"", "文件是空的。", "The file is empty."),
        ("a.xlsx", b"ref,title\n", "文件内容与扩展名 .xlsx 不符。", "The content is not that of a .xlsx file."),
        ("a.csv", b"PK\0\0", "文件内容与扩展名 .csv 不符。", "The content is not that of a .csv file."),
    ],
)
def test_a_file_that_is_not_what_it_says_is_not_even_kept(media: Path, name: str, content: bytes, zh: str, en: str) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        assert refused(file, name) == (zh, en)
    assert not StoredFile.objects.exists()
    assert list(media.iterdir()) == []


def test_a_byte_more_than_two_hundred_megabytes_is_refused_without_being_held_or_kept(media: Path) -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(200 * MIB + 1)
        words: list[tuple[str, str]] = []
        most = most_memory(lambda: words.append(refused(file, "large.csv")))
    assert words == [("文件超过 200 MB，请压缩或拆分后再传。", "The file is larger than 200 MB: compress or split it.")]
    assert most < 8 * MIB
    assert list(media.iterdir()) == []


@pytest.mark.slow
def test_two_hundred_megabytes_are_read_line_by_line() -> None:
    bad, good = (json.dumps({"ref": ref, "title": "T", "summary": text}).encode() for ref, text in (("B", "x" * 1_000_000), ("G", "")))
    runs: list[ImportRun] = []
    with tempfile.TemporaryFile() as file:
        for line in (*[bad] * 199, good):
            file.write(line.ljust(MIB - 1) + b"\n")
        assert file.tell() == 200 * MIB
        most = most_memory(lambda: runs.append(sent(file, "large.jsonl")))
    (run,) = runs
    assert (run.phase, run.total, run.created, run.bad) == ("done", 200, 1, 199)
    assert most < 16 * MIB


def test_ten_thousand_bad_rows_are_each_told_why() -> None:
    run = done_with(make.jsonl(make.rows(1)) + b'{"ref": "", "title": "T"}\n' * 10_000, "bad.jsonl")
    assert (run.phase, run.total, run.created, run.bad) == ("done", 10_001, 1, 10_000)
    assert set(run.faults.values_list("field", "reason_zh", "reason_en")) == {("ref", "不能为空。", "This may not be empty.")}
    assert list(run.faults.order_by("line").values_list("line", flat=True)) == list(range(2, 10_002))


def test_a_formula_in_a_workbook_is_a_fault_of_its_row_and_the_others_go_in() -> None:
    run = done_with(make.xlsx(["ref", "title"], ["A", "=1+1"], ["B", "文字"]), "a.xlsx")
    assert (run.phase, run.created, run.bad) == ("done", 1, 1)
    fault = run.faults.get()
    assert (fault.line, fault.reason_zh, fault.reason_en) == (
        2,
        "单元格是公式，请粘贴为数值。",
        "The cell is a formula: paste it as a value.",
    )
