"""Read a bank's statement, in whichever of the two forms it comes."""

from collections.abc import Iterator

from marketplace.treasury.services import camt053, csv_statement
from marketplace.treasury.services.layouts import STANDARD, Layout
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine, refuse_too_large

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(content: bytes, layout: Layout = STANDARD) -> Iterator[ReadLine | Fault | Closing]:
    """Read CSV as the layout says, or ISO 20022 camt.053 where the file is XML: each good line and fault, and the closing balance.

    Raises StatementUnreadable when nothing can be read line by line, or the file is too large.
    """
    refuse_too_large(len(content))
    if content.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"<"):
        return camt053.read(content)
    return csv_statement.read(content, layout)
