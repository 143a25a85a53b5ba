"""An account's statement as a file: CSV for programs, XLSX for people."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from marketplace.common.text import pick
from marketplace.treasury import selectors
from marketplace.treasury.labels import label_of
from marketplace.treasury.models import BEIJING, Account
from marketplace.web.csv_files import BYTE_ORDER_MARK

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = {"A": 20, "B": 24, "C": 20, "D": 18, "E": 18, "F": 38}

Row = tuple[str, str, str, Decimal | str, Decimal | str, str]


class _Line:
    """What the csv module writes a line to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(account: Account, since: date, until: date) -> HttpResponseBase:
    """Stream the statement, line by line."""
    writer = csv.writer(_Line())
    lines = (writer.writerow(row) for row in _rows(account, since, until))
    response = StreamingHttpResponse(_after(BYTE_ORDER_MARK, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(since, until)}.csv"'
    return response


def as_xlsx(account: Account, since: date, until: date) -> HttpResponseBase:
    """The same as a workbook with amounts that a spreadsheet can add."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(pick("账户明细", "Statement"))
    sheet.freeze_panes = "A2"
    for column, width in WIDTHS.items():
        sheet.column_dimensions[column].width = width
    for place, row in enumerate(_rows(account, since, until)):
        # A workbook keeps numbers as doubles, which hold every amount of the books to the fen.
        cells = [WriteOnlyCell(sheet, value=float(value) if isinstance(value, Decimal) else value) for value in row]
        for cell in cells:
            if place == 0:
                cell.font = Font(bold=True)
            elif isinstance(cell.value, float):
                cell.number_format = "#,##0.00"
        sheet.append(cells)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_name(since, until)}.xlsx", content_type=XLSX)


def _rows(account: Account, since: date, until: date) -> Iterator[Row]:
    """The heading, what there was, every movement with the balance after it, and what there is."""
    yield (
        pick("时间（北京）", "Time (Beijing)"), pick("事由", "For"), pick("对方账户", "Other account"), pick("金额（元）", "Amount (CNY)"),
        pick("余额（元）", "Balance (CNY)"), pick("账本条目", "Ledger entry"),
    )  # fmt: skip
    balance_fen = selectors.opening_fen(account, since)
    yield (f"{since} 00:00:00", pick("期初余额", "Opening balance"), "", "", _yuan(balance_fen), "")
    for row in selectors.statement_rows(account, since, until):
        balance_fen = row.balance_fen
        moment = f"{row.transfer.created_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
        words, other = str(label_of(row.transfer.code)), str(row.counterpart.label)
        yield (moment, words, other, _yuan(row.fen), _yuan(row.balance_fen), str(row.transfer.group_id))
    yield (f"{until} 24:00:00", pick("期末余额", "Closing balance"), "", "", _yuan(balance_fen), "")


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _name(since: date, until: date) -> str:
    return f"jinqiao-statement-{since:%Y%m%d}-{until:%Y%m%d}"


def _after(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
