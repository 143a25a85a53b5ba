"""Read a bank statement's CSV: every line that can be read, and for every other one which field and why."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime

from marketplace.common.money import parse_yuan
from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import BEIJING, MAX_FEN, Direction, Encoding, MappedField
from marketplace.treasury.services.layouts import STANDARD, Layout
from marketplace.treasury.services.statement_lines import (
    Closing,
    Fault,
    ReadLine,
    fen_of,
    refuse_too_many,
    text_fault,
    tidied,
)

COLUMNS = tuple(name for name in STANDARD.columns if name not in STANDARD.optional)
YUAN = frozenset({"cny", "rmb", "人民币", "人民币元", "156"})
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,2})?|[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]{1,2})?")
_ZERO = re.compile(r"-?0*(\.0*)?|-+")
WORDS_TOLD = 4
WORDS = (MappedField.LINE_ID, MappedField.PAYER_NAME, MappedField.PAYER_ACCOUNT, MappedField.REFERENCE)


def read(content: bytes, layout: Layout = STANDARD) -> Iterator[ReadLine | Fault | Closing]:
    """Read CSV with named columns in any order, as the layout says; times without an offset are Beijing's.

    Where there is a column of balances, the last row's is the closing balance, or the first row's of a file that begins with the newest;
    where that row is at fault there is none.
    Raises StatementUnreadable when there is nothing to read line by line: no text, no heading, a column missing or
    named twice.
    """
    rows = _rows(_text(content, layout), layout)
    heading = next(rows, None)
    if heading is None or isinstance(heading, Fault):
        raise StatementUnreadable(bi("文件是空的，或第一行不是表头。", "The file is empty, or its first line is no heading."))
    places, width = _places(heading[1], layout), len(heading[1])
    balances: list[Closing | None] = []
    moments: list[datetime] = []
    for count, row in enumerate(rows):
        refuse_too_many(count)
        if isinstance(row, Fault):
            yield row
            return
        number, cells = row
        if any(cells):
            line = _line(number, cells, places, width, layout)
            yield line
            balances.append(None)
            if isinstance(line, ReadLine):
                moments.append(line.booked_at)
            if isinstance(line, ReadLine) and MappedField.BALANCE in places:
                balances[-1] = _closing(line, cells[places[MappedField.BALANCE]])
                if balances[-1] is None:
                    yield Fault(
                        number, MappedField.BALANCE, "余额须至多两位小数，如 1200.50", "A balance has at most two decimals, like 1200.50"
                    )
    if moments and (closing := balances[0 if moments[-1] < moments[0] else -1]):
        yield closing


def _text(content: bytes, layout: Layout) -> str:
    for encoding in (Encoding.UTF_8, Encoding.GB18030) if layout.encoding == Encoding.AUTO else (layout.encoding,):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementUnreadable(
        bi("文件不是所选编码（UTF-8 或 GB 18030）的文本。", "The file is no text in UTF-8 or GB 18030, or not in the encoding chosen.")
    )


def _rows(text: str, layout: Layout) -> Iterator[tuple[int, list[str]] | Fault]:
    """Each row with the line it begins on; what breaks the CSV itself ends the reading with a fault."""
    lines = io.StringIO(text, newline="")
    for _ in range(layout.skip_lines):
        lines.readline()
    reader = csv.reader(lines, strict=True, delimiter=layout.delimiter)
    while True:
        number = layout.skip_lines + reader.line_num + 1
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


def _places(heading: list[str], layout: Layout) -> dict[str, int]:
    """In which place each field stands."""
    names = [name.lower() for name in heading]
    wanted = {name: column for name, column in layout.columns.items() if name not in layout.optional or column in names}
    missing = [column for name, column in wanted.items() if names.count(column) != 1 and name not in layout.optional]
    if missing:
        told = [column for name, column in layout.columns.items() if name not in layout.optional]
        raise StatementUnreadable(
            bi(
                f"表头须恰好各有一列：{'、'.join(told)}；有误的是 {'、'.join(missing)}。",
                f"The heading names each of these columns once: {', '.join(told)}; at fault: {', '.join(missing)}.",
            )
        )
    return {name: names.index(column) for name, column in wanted.items()}


def _line(number: int, cells: list[str], places: dict[str, int], width: int, layout: Layout) -> ReadLine | Fault:
    if len(cells) != width:
        return Fault(number, "", f"有 {len(cells)} 列，应为 {width} 列", f"It has {len(cells)} fields and should have {width}")
    row = tidied({name.value: "" for name in WORDS} | {name: cells[place] for name, place in places.items()})
    if fault := text_fault(number, row):
        return fault
    if row.get(MappedField.CURRENCY, "cny").lower() not in YUAN:
        return Fault(number, MappedField.CURRENCY, "只导入人民币", "Only yuan are taken")
    booked_at = layout.moment(row[MappedField.DATE], row.get(MappedField.TIME, ""))
    if booked_at is None:
        return Fault(
            number,
            MappedField.DATE,
            "日期须如 " + " 或 ".join(layout.examples),
            "A date is like " + " or ".join(layout.examples),
        )
    moved = _moved(number, row, layout)
    if isinstance(moved, Fault):
        return moved
    fen, direction = moved
    return ReadLine(number=number, booked_at=booked_at, fen=fen, direction=direction, **{name.value: row[name.value] for name in WORDS})


def _moved(number: int, row: dict[str, str], layout: Layout) -> tuple[int, Direction] | Fault:
    """How much moved and which way: by a word, by which of two columns is filled, or by the sign."""
    amount, word = row[MappedField.AMOUNT], row.get(MappedField.DIRECTION)
    if MappedField.AMOUNT_OUT in row:
        sides = {Direction.IN: amount, Direction.OUT: row[MappedField.AMOUNT_OUT]}
        filled = [(text, side) for side, text in sides.items() if not _ZERO.fullmatch(text)]
        if len(filled) != 1:
            return Fault(number, MappedField.AMOUNT, "收入与支出金额须恰填一个", "Exactly one of amount in and amount out is filled")
        ((amount, direction),) = filled
    elif word is None:
        direction, amount = (Direction.OUT, amount[1:]) if amount.startswith("-") else (Direction.IN, amount.removeprefix("+"))
    fen = _fen(amount)
    if fen is None:
        return Fault(
            number,
            MappedField.AMOUNT,
            "金额须为正数、至多两位小数，如 1200.50",
            "An amount is positive with at most two decimals, like 1200.50",
        )
    if word is not None:
        found = layout.directions.get(word.lower())
        if found is None:
            told = "、".join(list(layout.directions)[:WORDS_TOLD])
            return Fault(
                number,
                MappedField.DIRECTION,
                f"方向须为约定的用词，如：{told}",
                "The direction is none of the words that mean in or out here",
            )
        direction = found
    return fen, direction


def _fen(text: str) -> int | None:
    return fen_of(text) if _AMOUNT.fullmatch(text) else None


def _closing(line: ReadLine, text: str) -> Closing | None:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    fen = parse_yuan(digits) if _AMOUNT.fullmatch(digits) else None
    if fen is None or fen > MAX_FEN:
        return None
    return Closing(sign * fen, line.booked_at.astimezone(BEIJING).date())
