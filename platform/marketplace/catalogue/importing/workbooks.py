"""Read the first sheet of an XLSX workbook without trusting what the archive says of itself."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from marketplace.catalogue.importing import columns, limits
from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import FileFault, RowFault
from marketplace.catalogue.importing.rows import Row

# What the library raises for archives that are not workbooks, or are broken or hostile ones.
_UNREADABLE = (
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
FORMULA = "f"


def read(stream: IO[bytes], adapter: type[Adapter[Any]]) -> Iterator[Row | tuple[int, RowFault]]:
    """Each row of the first sheet; a row with a formula is refused, since its value is whatever a program last left there."""
    check_archive(stream)
    try:
        yield from _rows(stream, adapter)
    except _UNREADABLE as error:
        raise FileFault("不是可读取的 XLSX 工作簿。", "This is not an XLSX workbook that can be read.") from error


def check_archive(stream: IO[bytes]) -> None:
    """Refuse an archive that would unpack to too much, before anything is unpacked."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileFault("不是可读取的 XLSX 工作簿。", "This is not an XLSX workbook that can be read.") from error
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > limits.ARCHIVE_ENTRIES:
        raise FileFault("工作簿内的文件过多。", "The workbook holds too many files.")
    if unpacked > limits.UNPACKED_BYTES or unpacked > limits.UNPACKING_RATIO * max(packed, 1):
        size = limits.UNPACKED_BYTES // limits.MEBIBYTE
        raise FileFault(
            f"工作簿解压后过大（上限 {size} MB，且不超过压缩大小的 {limits.UNPACKING_RATIO} 倍）。请拆分，或改用 CSV。",
            f"The workbook unpacks to too much (up to {size} MB and {limits.UNPACKING_RATIO} times its size): split it, or use CSV.",
        )
    if sum(e.file_size for e in entries if not e.filename.startswith(limits.SHEETS)) > limits.BESIDE_SHEETS_BYTES:
        size = limits.BESIDE_SHEETS_BYTES // limits.MEBIBYTE
        raise FileFault(
            f"工作簿的文字与附件超过 {size} MB。请拆分、删去图片，或改用 CSV。",
            f"Texts and pictures of the workbook exceed {size} MB: split it, remove pictures, or use CSV.",
        )
    stream.seek(0)


def _rows(stream: IO[bytes], adapter: type[Adapter[Any]]) -> Iterator[Row | tuple[int, RowFault]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - only where a workbook is read: it is slow to load

    book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims would be padded with empty cells
        names: list[str] | None = None
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > limits.SHEET_ROWS:
                raise FileFault("工作表行数超出 XLSX 的上限。", "The sheet has more rows than XLSX allows.")
            values = [cell.value for cell in cells]
            if all(value in (None, "") for value in values):
                continue
            if names is None:
                names = columns.of_headings(values, adapter)
                continue
            formulas = [at for at, cell in enumerate(cells) if cell.data_type == FORMULA]
            if formulas:
                field = names[formulas[0]] if formulas[0] < len(names) else ""
                yield number, RowFault(field, "单元格是公式，请粘贴为数值。", "The cell is a formula: paste it as a value.")
                continue
            yield columns.of_cells(number, [_plain(value) for value in values], names)
    finally:
        book.close()


def _plain(value: Any) -> Any:
    """Dates and times as text; text and numbers as they are."""
    return value.isoformat() if hasattr(value, "isoformat") else value
