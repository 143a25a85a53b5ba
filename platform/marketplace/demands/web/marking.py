"""Texts with the words of a match marked in them, cut to where most of these stand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.common.text import is_english
from marketplace.demands.services.highlighting import Layout, Piece, Stretch

LONGEST = 110
BEFORE = 16
# Sums of the same shares in another order differ by no more.
_SAME = 1e-9


class Mark(NamedTuple):
    """Characters to be marked, and what they gave."""

    start: int
    end: int
    share: float


class Marked(NamedTuple):
    """A text to be shown, and its language."""

    html: SafeString
    lang: str


Marks = Mapping[tuple[str, int | None], Sequence[Mark]]


def marks_of(stretches: Iterable[Stretch]) -> Marks:
    """What is to be marked in each field or item; a stretch's share is parted over its places.

    A single character counts in the score, and tells a reader nothing: it is marked only where nothing else could be.
    """
    found: dict[tuple[str, int | None], list[Mark]] = {}
    every = list(stretches)
    for stretch in [one for one in every if len(one.text) > 1] or every:
        for place in stretch.places:
            marks = found.setdefault((place.field, place.item), [])
            marks.append(Mark(place.start, place.end, stretch.share / len(stretch.places)))
    return {where: _joined(marks) for where, marks in found.items()}


def _joined(marks: Iterable[Mark]) -> list[Mark]:
    """Marks that touch each other as one, in their order."""
    joined: list[Mark] = []
    for mark in sorted(marks):
        if joined and mark.start <= joined[-1].end:
            last = joined.pop()
            joined.append(Mark(last.start, max(last.end, mark.end), last.share + mark.share))
        else:
            joined.append(mark)
    return joined


def best_of(layout: Layout, marks: Marks) -> Marked | None:
    """The text that the match rests on most, in the reader's language where that has any of it, else as it was written; title aside."""
    pieces = [piece for piece in chain(layout["body"], layout["keywords"] if not layout["body"] else ()) if piece.text]
    told = [piece for piece in pieces if marks.get((piece.field, piece.item))]
    own = [piece for piece in told if _lang(piece) == _reader()]
    if own or told:
        return _shown(max(own or told, key=lambda piece: sum(mark.share for mark in marks[piece.field, piece.item])), marks)
    return next((_shown(piece, marks) for piece in sorted(pieces, key=lambda piece: _lang(piece) != _reader())), None)


def all_of(layout: Layout, marks: Marks) -> Iterator[Marked]:
    """Title, text and keywords with what the match rests on, in the reader's language where that side holds some of it, else as written."""
    title, body, words = (_telling(layout[name], marks) for name in ("title", "body", "keywords"))
    for piece in chain(title, body):
        yield _shown(piece, marks)
    if words:
        yield Marked(format_html_join(" · ", "{}", ((_shown(piece, marks).html,) for piece in words)), _lang(words[0]))


def _telling(pieces: Iterable[Piece], marks: Marks) -> list[Piece]:
    told = [piece for piece in pieces if marks.get((piece.field, piece.item))]
    return [piece for piece in told if _lang(piece) == _reader()] or told


def _shown(piece: Piece, marks: Marks) -> Marked:
    found = marks.get((piece.field, piece.item), ())
    start, end = _window(piece.text, found)
    spans = [mark for mark in found if mark.start < end and mark.end > start]
    html, at = [format_html("{}", "…" if start else "")], start
    for mark in spans:
        html.append(format_html("{}<mark>{}</mark>", piece.text[at : mark.start], piece.text[max(mark.start, at) : mark.end]))
        at = max(at, mark.end)
    html.append(format_html("{}{}", piece.text[at:end], "…" if max(at, end) < len(piece.text) else ""))
    return Marked(format_html_join("", "{}", ((one,) for one in html)), _lang(piece))


def _window(text: str, marks: Sequence[Mark]) -> tuple[int, int]:
    """Where so many characters hold most of the shares, a little before the first mark; a word is not begun in its middle."""
    if len(text) <= LONGEST:
        return 0, len(text)
    start = max(_richest(marks, LONGEST - BEFORE) - BEFORE, 0)
    while start and text[start - 1].isascii() and text[start - 1].isalnum():
        start -= 1
    return start, min(start + LONGEST, len(text))


def _richest(marks: Sequence[Mark], width: int) -> int:
    """Where the first of the marks begins that stand within `width` characters and gave most together; 0 where there are none."""
    sums = list(accumulate((mark.share for mark in marks), initial=0.0))
    best, most, end = 0, 0.0, 0
    for number, first in enumerate(marks):
        while end < len(marks) and marks[end].start < first.start + width:
            end += 1
        if (gain := sums[end] - sums[number]) > most + _SAME:
            best, most = first.start, gain
    return best


def _lang(piece: Piece) -> str:
    name = piece.field
    return "en" if name.endswith("_en") or (piece.item is not None and piece.text.isascii()) else "zh-Hans"


def _reader() -> str:
    return "en" if is_english() else "zh-Hans"
