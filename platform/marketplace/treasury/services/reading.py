"""Read a bank statement's CSV: every line that can be read, and for every other one which field and why."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from marketplace.common.money import parse_yuan
from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import MAX_FEN, Direction

COLUMNS = ("bank_line_id", "booked_at", "amount_yuan", "direction", "payer_name", "payer_account", "reference")
LONGEST = {"bank_line_id": 64, "payer_name": 200, "payer_account": 64, "reference": 400}
MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 50_000
BEIJING = ZoneInfo("Asia/Shanghai")
_DIRECTIONS = {"in": Direction.IN, "收入": Direction.IN, "out": Direction.OUT, "支出": Direction.OUT}
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,2})?|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One good line: `number` counts the file's lines from the heading, which is 1."""

    number: int
    bank_line_id: str
    booked_at: datetime
    fen: int
    direction: Direction
    payer_name: str
    payer_account: str
    reference: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One line that was not taken: the field at fault and the reason in both languages."""

    line: int
    field: str
    zh: str
    en: str

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def read(content: bytes) -> Iterator[ReadLine | Fault]:
    """Read UTF-8 or GB 18030 CSV with named columns in any order; times without an offset are Beijing's.

    Raises StatementUnreadable when there is nothing to read line by line: no text, no heading, a
    column missing or named twice, or a file that is too large.
    """
    rows = _rows(_text(content))
    heading = next(rows, None)
    if heading is None or isinstance(heading, Fault):
        raise StatementUnreadable(bi("文件是空的，或第一行不是表头。", "The file is empty, or its first line is no heading."))
    places = _places(heading[1])
    for count, row in enumerate(rows):
        if count >= MAX_LINES:
            raise StatementUnreadable(bi(f"超过 {MAX_LINES} 行，请分次导入。", f"More than {MAX_LINES} lines: import it in parts."))
        if isinstance(row, Fault):
            yield row
            return
        number, cells = row
        if cells:
            yield _line(number, cells, places)


def refuse_too_large(size: int) -> None:
    """Refuse a file by its size in bytes, before it is read. Raises StatementUnreadable over 20 MB."""
    if size > MAX_BYTES:
        raise StatementUnreadable(bi("文件超过 20 MB，请分次导入。", "The file is larger than 20 MB: import it in parts."))


def _text(content: bytes) -> str:
    refuse_too_large(len(content))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementUnreadable(bi("文件不是 UTF-8 或 GB 18030 编码的文本。", "The file is no text in UTF-8 or GB 18030."))


def _rows(text: str) -> Iterator[tuple[int, list[str]] | Fault]:
    """Each row with the line it begins on; what breaks the CSV itself ends the reading with a fault."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Fault(
                number, "", "引号或分隔符有误，此行及以后未读", "Quotes or separators are wrong: nothing was read from this line on"
            )
            return
        yield number, [cell.strip() for cell in cells]


def _places(heading: list[str]) -> dict[str, int]:
    names = [name.lower() for name in heading]
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise StatementUnreadable(
            bi(
                f"第一行须恰好各有一列：{'、'.join(COLUMNS)}；有误的是 {'、'.join(missing)}。",
                f"The first line names each of these columns once: {', '.join(COLUMNS)}; at fault: {', '.join(missing)}.",
            )
        )
    return {name: names.index(name) for name in COLUMNS} | {"": len(names)}


def _line(number: int, cells: list[str], places: dict[str, int]) -> ReadLine | Fault:
    if len(cells) != places[""]:
        return Fault(number, "", f"有 {len(cells)} 列，应为 {places['']} 列", f"It has {len(cells)} fields and should have {places['']}")
    row = {name: cells[places[name]] for name in COLUMNS}
    for name, longest in LONGEST.items():
        if len(row[name]) > longest:
            return Fault(number, name, f"超过 {longest} 字", f"Longer than {longest} characters")
        if _CONTROL.search(row[name]):
            return Fault(number, name, "含控制字符", "It holds control characters")
    if not row["bank_line_id"]:
        return Fault(number, "bank_line_id", "缺少银行流水号", "The bank's line id is missing")
    booked_at = _moment(row["booked_at"])
    if booked_at is None:
        return Fault(
            number,
            "booked_at",
            "日期须如 2026-11-23 或 2026-11-23T09:40:00",
            "A date is like 2026-11-23 or 2026-11-23T09:40:00",
        )
    fen = _fen(row["amount_yuan"])
    if fen is None:
        return Fault(
            number, "amount_yuan", "金额须为正数、至多两位小数，如 1200.50", "An amount is positive with at most two decimals, like 1200.50"
        )
    direction = _DIRECTIONS.get(row["direction"].lower())
    if direction is None:
        return Fault(number, "direction", "方向须为 in（收入）或 out（支出）", "The direction is in or out")
    return ReadLine(
        number=number,
        bank_line_id=row["bank_line_id"],
        booked_at=booked_at,
        fen=fen,
        direction=direction,
        payer_name=row["payer_name"],
        payer_account=row["payer_account"],
        reference=row["reference"],
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= moment.year < 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _fen(text: str) -> int | None:
    if not _AMOUNT.fullmatch(text):
        return None
    fen = parse_yuan(text)
    return fen if 0 < fen <= MAX_FEN else None
