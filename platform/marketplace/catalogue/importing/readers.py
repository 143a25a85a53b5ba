"""Read JSONL, CSV and XLSX as a stream of rows: what is in memory does not grow with the file."""

import csv
import json
from collections.abc import Iterator
from itertools import count
from pathlib import PurePath
from typing import IO, Any, NoReturn

from marketplace.catalogue.importing import columns, limits, workbooks
from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import FileFault, RowFault
from marketplace.catalogue.importing.rows import Row

Rows = Iterator[Row | tuple[int, RowFault]]
BOM = b"\xef\xbb\xbf"
FORMATS = (".jsonl", ".csv", ".xlsx")


def read(name: str, stream: IO[bytes], adapter: type[Adapter[Any]]) -> Rows:
    """Each row of the file in order, or the line number and what is wrong with it.

    Raises FileFault as soon as the file as a whole turns out to be unreadable.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".jsonl":
        return _jsonl(stream, adapter)
    if suffix == ".csv":
        return _csv(stream, adapter)
    return workbooks.read(stream, adapter)


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a UTF-8 text, each bounded in size."""
    for number in count(1):
        line = stream.readline(limits.LINE_BYTES + 1)
        if not line:
            return
        if len(line) > limits.LINE_BYTES:
            raise FileFault(f"第 {number} 行超过 1 MB。", f"Line {number} is longer than 1 MB.")
        try:
            yield (line.removeprefix(BOM) if number == 1 else line).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileFault(
                f"第 {number} 行不是 UTF-8 编码。请另存为「CSV UTF-8」或 UTF-8 文本后再上传。",
                f"Line {number} is not UTF-8. Save the file as “CSV UTF-8” or as UTF-8 text and send it again.",
            ) from error


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _jsonl(stream: IO[bytes], adapter: type[Adapter[Any]]) -> Rows:
    known = columns.accepted(adapter)
    for number, line in enumerate(_lines(stream), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            yield number, RowFault("", "不是有效的 JSON 对象。", "This is not a JSON object.")
            continue
        yield _of_object(number, value, known)


def _of_object(number: int, value: Any, known: columns.Columns) -> Row | tuple[int, RowFault]:
    if not isinstance(value, dict):
        return number, RowFault("", "不是有效的 JSON 对象。", "This is not a JSON object.")
    cells: dict[str, Any] = {}
    for heading, cell in value.items():
        name = known.get(columns.plain(heading))
        if name is None:
            return number, RowFault(heading.encode("ascii", "replace").decode(), "不认识的字段。", "This field is not known.")
        if name in cells:
            return number, RowFault(name, "字段出现了两次。", "This field stands twice.")
        cells[name] = cell
    return Row(number, cells)


def _csv(stream: IO[bytes], adapter: type[Adapter[Any]]) -> Rows:
    lines = _lines(stream)
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    table = csv.reader(_with_first(first, lines), delimiter=delimiter, strict=True)
    try:
        headings = next(table, [])
        if not any(cell.strip() for cell in headings):
            raise FileFault("文件没有标题行。", "The file has no line of headings.")
        names = columns.of_headings(headings, adapter)
        while True:
            start = table.line_num + 1
            cells = next(table, None)
            if cells is None:
                return
            if any(cells):
                yield columns.of_cells(start, cells, names)
    except csv.Error as error:
        raise FileFault(
            f"第 {table.line_num} 行附近的引号或分隔符有误。", f"Quotes or separators are wrong near line {table.line_num}."
        ) from error


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
