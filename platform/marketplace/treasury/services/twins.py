"""Which line of an earlier statement a line is, by the bank's id, however the id is written.

Full and half width are one writing. A bank that groups the characters of its ids may group them otherwise in another file, so blanks
count for nothing between two files; but within one file, ids that differ by blanks are two lines, and neither is swallowed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from marketplace.treasury.models import Direction, StatementLine
from marketplace.treasury.services.statement_lines import ReadLine, as_code, plain

Facts = tuple[datetime, int, Direction]


def facts_of(line: ReadLine | StatementLine) -> Facts:
    """What two lines of one id must agree in to be one."""
    return line.booked_at, line.fen, Direction(line.direction)


def kept_under(lines: Iterable[ReadLine]) -> tuple[dict[str, str], dict[str, Facts]]:
    """The id under which each writing of a file is kept, or was before, and the facts of those that were."""
    writings: dict[str, dict[str, Facts]] = {}
    for line in lines:
        writings.setdefault(as_code(line.bank_line_id), {}).setdefault(line.bank_line_id, facts_of(line))
    asked = {*writings, *(written for group in writings.values() for written in group)}
    kept = {row.bank_line_id: facts_of(row) for row in StatementLine.objects.filter(bank_line_id__in=asked).iterator()}
    return {written: own for code, group in writings.items() for written, own in told_apart(code, group, kept).items()}, kept


def told_apart(code: str, writings: Mapping[str, Facts], kept: Mapping[str, Facts]) -> dict[str, str]:
    """The id of each writing of one code: the code itself for one of them, for any other the writing.

    What was kept under a writing is found under it. The code goes to the line of which it was kept, told by its facts, and when it
    is new, to the writing without blanks, or the first by spelling: never by the lines' order, which another file may turn round.
    """
    own = {written for written in writings if written != code and written in kept}
    rest = sorted(writings.keys() - own, key=lambda written: (kept.get(code) != writings[written], written != code, written))
    # Where nothing agrees with what the code was kept for, none of them is taken for new.
    none_agrees = code in kept and all(writings[written] != kept[code] for written in rest)
    ids = {written: code if place == 0 or none_agrees else written for place, written in enumerate(rest)}
    return {**ids, **{written: written for written in own}}


def kept_with_blanks(code: str, direction: Direction) -> bool:
    """Whether a line is kept under a writing of this code with blanks: a twin of the one kept under the code."""
    spaced = StatementLine.objects.filter(bank_line_id__contains=" ", direction=direction)
    return any(as_code(one) == code for one in spaced.values_list("bank_line_id", flat=True))


def line_called(id: str) -> StatementLine | None:
    """The line of this id, written in whatever way: as it is written here where a line is kept so, else as the code."""
    found = {row.bank_line_id: row for row in StatementLine.objects.filter(bank_line_id__in=[plain(id), as_code(id)])}
    return found.get(plain(id)) or found.get(as_code(id))
