"""What a statement would bring: which of its lines are new, which an earlier one brought, and what is wrong with the rest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import MAX_FEN, Direction
from marketplace.treasury.services import twins
from marketplace.treasury.services.layouts import STANDARD, Layout
from marketplace.treasury.services.reading import read
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine


@dataclass(frozen=True, slots=True)
class Sifted:
    """New lines in the file's order, how many were known, every fault by its line, and the closing balance if it says one."""

    fresh: list[ReadLine]
    known: int
    faults: list[Fault]
    closing: Closing | None


def sift(content: bytes, layout: Layout = STANDARD) -> Sifted:
    """Read a whole file and hold it against the lines that are there already; changes nothing. Raises StatementUnreadable."""
    good, faults, closing = _sorted(read(content, layout))
    if not good and not faults and closing is None:
        raise StatementUnreadable
    fresh, known, differing = _only_new(good)
    if any(sum(line.fen for line in fresh if line.direction == side) > MAX_FEN for side in Direction):
        raise StatementUnreadable(
            bi(
                "收入或支出合计超出账簿可记的金额，请分次导入。",
                "Its sums are more than the books can hold: import it in parts.",
            )
        )
    return Sifted(fresh, known, sorted([*faults, *differing], key=lambda fault: fault.line), closing)


def _sorted(rows: Iterable[ReadLine | Fault | Closing]) -> tuple[list[ReadLine], list[Fault], Closing | None]:
    good: list[ReadLine] = []
    faults: list[Fault] = []
    closing: Closing | None = None
    for row in rows:
        if isinstance(row, Fault):
            faults.append(row)
        elif isinstance(row, Closing):
            closing = row if closing is None or closing.day <= row.day else closing
        else:
            good.append(row)
    return good, faults, closing


def _only_new(lines: list[ReadLine]) -> tuple[list[ReadLine], int, list[Fault]]:
    """Lines not seen before, how many were, and those that reuse a bank id for something else."""
    ids, seen = twins.kept_under(lines)
    fresh: list[ReadLine] = []
    differing: list[Fault] = []
    known = 0
    for line in lines:
        bank_line_id, facts = ids[line.bank_line_id], twins.facts_of(line)
        earlier = seen.setdefault(bank_line_id, facts)
        if earlier is facts:
            fresh.append(replace(line, bank_line_id=bank_line_id))
        elif earlier == facts:
            known += 1
        else:
            differing.append(
                Fault(
                    line.number,
                    "bank_line_id",
                    "此流水号已有时间、金额或方向不同的一行",
                    "A line of this id, but of another time, amount or direction, was taken before",
                )
            )
    return fresh, known, differing
