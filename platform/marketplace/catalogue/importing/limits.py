"""How much one file may hold; the settings of the same names overrule these figures."""

from django.conf import settings

MEBIBYTE = 1024 * 1024

# One line of JSONL or CSV: more than the longest row that a table takes, little enough to hold in memory.
LINE_BYTES = MEBIBYTE
# Faults that are kept to be read; all are counted.
STORED_FAULTS = 10_000
COLUMNS = 100
# A workbook is a zip archive: how much it may unpack to, and how far that may exceed what was sent.
UNPACKED_BYTES = 100 * MEBIBYTE
UNPACKING_RATIO = 100
ARCHIVE_ENTRIES = 1_000
# Sheets are read as a stream; the texts that their cells share, and whatever else lies beside them, are held whole.
SHEETS = "xl/worksheets/"
BESIDE_SHEETS_BYTES = 20 * MEBIBYTE
SHEET_ROWS = 1_048_576


def file_bytes() -> int:
    """IMPORT_MAX_BYTES: size of one file in bytes, 200 MB."""
    return int(getattr(settings, "IMPORT_MAX_BYTES", 200 * MEBIBYTE))


def file_rows() -> int:
    """IMPORT_MAX_ROWS: rows of one file, 200,000."""
    return int(getattr(settings, "IMPORT_MAX_ROWS", 200_000))
