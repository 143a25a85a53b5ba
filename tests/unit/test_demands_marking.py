"""Where a long text is cut: to the stretch that the match rests on most, at a price that grows with the marks alone."""

import random
from collections.abc import Iterator
from typing import Any

from marketplace.demands.services.highlighting import Layout, Piece
from marketplace.demands.web.marking import BEFORE, LONGEST, Mark, best_of


class Counted(list[Mark]):
    """Marks that count how often one of them is looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Mark]:
        for mark in super().__iter__():
            self.looks += 1
            yield mark

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)


def shown(text: str, marks: list[Mark]) -> str:
    piece = Piece("text_zh", text)
    layout: Layout = {"title": [], "body": [piece], "keywords": []}
    found = best_of(layout, {("text_zh", None): marks})
    assert found is not None
    return found.html.replace("<mark>", "").replace("</mark>", "").strip("…")


def test_the_stretch_with_most_is_shown_and_of_equals_the_first() -> None:
    text, chance = "".join(chr(0x4E00 + number) for number in range(3000)), random.Random(7)
    for _ in range(30):
        starts = sorted(chance.sample(range(2900), 60))
        marks = [Mark(start, start + 1, chance.choice([1.0, 2.0, 4.0])) for start in starts]
        width = LONGEST - BEFORE
        gain = {at: sum(one.share for one in marks if at <= one.start < at + width) for at in starts}
        first = max(gain, key=lambda at: (gain[at], -at))
        assert shown(text, marks) == text[max(first - BEFORE, 0) :][:LONGEST]


def test_many_marks_are_looked_at_a_few_times_each() -> None:
    marks = Counted(Mark(3 * number, 3 * number + 2, 0.001) for number in range(2000))
    shown("电池的" * 2000, marks)
    assert marks.looks < 10 * len(marks)
