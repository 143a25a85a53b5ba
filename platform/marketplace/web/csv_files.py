"""Tables as CSV files that spreadsheets open as they are meant."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from marketplace.common.money import yuan

# By it spreadsheets know that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def csv_file(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Answer with the rows, of which the first is the head, as a file of this name."""
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    csv.writer(response).writerows(rows)
    return response


def safe_cell(text: str) -> str:
    """A title that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def yuan_cell(fen: int) -> str:
    """An amount to count with: 12345678 fen is "123456.78"."""
    return yuan(fen).replace(",", "")
