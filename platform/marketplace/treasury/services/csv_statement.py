"""Read a bank statement's CSV: every line that can be read, and for every other one which field and why."""

import csv
import io
import re
from collections.abc import Iterator

from marketplace.common.money import parse_yuan
from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import BEIJING, MAX_FEN, Direction
from marketplace.treasury.services.statement_lines import (
    Closing,
    Fault,
    ReadLine,
    fen_of,
    moment_of,
    refuse_too_many,
    text_fault,
)

# After each line what the account held then, in yuan; a bank may leave it out.
BALANCE = "balance_yuan"
COLUMNS = ("bank_line_id", "booked_at", "amount_yuan", "direction", "payer_name", "payer_account", "reference")
_DIRECTIONS = {"in": Direction.IN, "收入": Direction.IN, "out": Direction.OUT, "支出": Direction.OUT}
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,2})?|[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]{1,2})?")


def read(content: bytes) -> Iterator[ReadLine | Fault | Closing]:
    """Read UTF-8 or GB 18030 CSV with named columns in any order; times without an offset are Beijing's.

    Where there is a column `balance_yuan`, its last amount is the closing balance.
    Raises StatementUnreadable when there is nothing to read line by line: no text, no heading, a column missing or
    named twice.
    """
    rows = _rows(_text(content))
    heading = next(rows, None)
    if heading is None or isinstance(heading, Fault):
        raise StatementUnreadable(bi("文件是空的，或第一行不是表头。", "The file is empty, or its first line is no heading."))
    places = _places(heading[1])
    closing: Closing | None = None
    for count, row in enumerate(rows):
        refuse_too_many(count)
        if isinstance(row, Fault):
            yield row
            return
        number, cells = row
        if cells:
            line = _line(number, cells, places)
            yield line
            if isinstance(line, ReadLine) and BALANCE in places:
                closing = _closing(line, cells[places[BALANCE]])
                if closing is None:
                    yield Fault(number, BALANCE, "余额须至多两位小数，如 1200.50", "A balance has at most two decimals, like 1200.50")
    if closing is not None:
        yield closing


def _text(content: bytes) -> str:
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
    told = {BALANCE: names.index(BALANCE)} if BALANCE in names else {}
    return {name: names.index(name) for name in COLUMNS} | {"": len(names)} | told


def _line(number: int, cells: list[str], places: dict[str, int]) -> ReadLine | Fault:
    if len(cells) != places[""]:
        return Fault(number, "", f"有 {len(cells)} 列，应为 {places['']} 列", f"It has {len(cells)} fields and should have {places['']}")
    row = {name: cells[places[name]] for name in COLUMNS}
    if fault := text_fault(number, row):
        return fault
    booked_at = moment_of(row["booked_at"])
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


def _fen(text: str) -> int | None:
    return fen_of(text) if _AMOUNT.fullmatch(text) else None


def _closing(line: ReadLine, text: str) -> Closing | None:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    fen = parse_yuan(digits) if _AMOUNT.fullmatch(digits) else None
    if fen is None or fen > MAX_FEN:
        return None
    return Closing(sign * fen, line.booked_at.astimezone(BEIJING).date())
