"""What a concept of the table of names may be, and tables as files: one line a concept, so that a table has one hash."""

import csv
import re
from collections.abc import Iterable
from hashlib import sha256
from io import StringIO

from matching.engine.lexicon import Concept, stems_of
from matching.engine.normalising import normalise
from matching.engine.tokenising import is_single

MOST_NAMES = 12
LONGEST = 60
HEADINGS = ("chinese", "english")
SEPARATOR = "|"
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f|\ud800-\udfff]")


class Unfit(ValueError):
    """A concept, or a line of a file, that no table can hold; `code` says why and `name` which, `side` or `line` where."""

    def __init__(self, code: str, name: str = "", *, side: str = "", line: int = 0) -> None:
        super().__init__(f"{code}: {name}" if name else code)
        self.code, self.name, self.side, self.line = code, name, side, line


def concept(chinese: Iterable[str], english: Iterable[str]) -> Concept:
    """Return a concept of these names, trimmed and each once.

    Raises Unfit: chinese_missing, english_missing, too_many, too_long, unwritable, not_chinese (a character of an unspaced script
    is needed), not_english (a word that says something is needed, and no such character).
    """
    made = Concept(_trimmed(chinese), _trimmed(english))
    for side, names in zip(HEADINGS, (made.chinese, made.english), strict=True):
        if not names:
            raise Unfit(f"{side}_missing", side=side)
        if len(names) > MOST_NAMES:
            raise Unfit("too_many", side=side)
        for name in names:
            if code := _fault(name, side):
                raise Unfit(code, name, side=side)
    return made


def _fault(name: str, side: str) -> str:
    """Return why this is no name of its side, or nothing."""
    if len(name) > LONGEST or len(normalise(name).text) > LONGEST:
        return "too_long"
    if _UNWRITABLE.search(name):
        return "unwritable"
    if side == "chinese":
        return "" if _has_unspaced(name) else "not_chinese"
    return "not_english" if _has_unspaced(name) or not stems_of(name) else ""


def _trimmed(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))


def _has_unspaced(name: str) -> bool:
    return any(map(is_single, normalise(name).text))


def written(concepts: Iterable[Concept]) -> str:
    """Return a table as CSV: a line of headings, then the concepts in the order of what they are known by, names parted by a bar."""
    file = StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(HEADINGS)
    table.writerows((SEPARATOR.join(one.chinese), SEPARATOR.join(one.english)) for one in sorted(concepts, key=lambda one: one.key))
    return file.getvalue()


def digest(concepts: Iterable[Concept]) -> str:
    """Return the SHA-256 of the table as CSV in UTF-8."""
    return sha256(written(concepts).encode()).hexdigest()


def read(content: bytes) -> list[Concept]:
    """Read a table written as CSV in UTF-8; raises Unfit with the line: not_utf8, headings, columns, twice, or as `concept`."""
    try:
        lines = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if [cell.strip().lower() for cell in next(lines, [])] != list(HEADINGS):
            raise Unfit("headings", line=1)
        found: dict[str, Concept] = {}
        for cells in lines:
            if not any(cells):
                continue
            made = _of_line(cells, lines.line_num)
            if made.key in found:
                raise Unfit("twice", made.chinese[0], line=lines.line_num)
            found[made.key] = made
    except UnicodeDecodeError as error:
        raise Unfit("not_utf8") from error
    except csv.Error as error:
        raise Unfit("columns", line=lines.line_num) from error
    return list(found.values())


def _of_line(cells: list[str], line: int) -> Concept:
    if len(cells) != len(HEADINGS):
        raise Unfit("columns", line=line)
    try:
        return concept(*(cell.split(SEPARATOR) for cell in cells))
    except Unfit as fault:
        raise Unfit(fault.code, fault.name, side=fault.side, line=line) from fault
