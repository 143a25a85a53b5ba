"""Where the words of a match stand in the fields that people wrote, of the one who seeks and of what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from marketplace.catalogue.models import Expert, Team
from marketplace.demands.models import Demand
from marketplace.demands.services.corpora import Thing
from matching.app.services import TermShare


@dataclass(frozen=True, slots=True)
class Piece:
    """A text as somebody wrote it: a field, or one item of a field that is a list."""

    field: str
    text: str
    item: int | None = None


class Place(NamedTuple):
    """Characters start..end of a field's text, or of the item so numbered where the field is a list."""

    field: str
    item: int | None
    start: int
    end: int


class Stretch(NamedTuple):
    """Words that a match rests on: their share of the score, and their places."""

    text: str
    share: float
    field: str
    places: Sequence[Place]


# What the matcher reads as title, body and keywords is these texts with a line break between any two.
Layout = Mapping[str, Sequence[Piece]]


def layout_of(thing: Thing) -> Layout:
    """The texts of which the matcher's title, body and keywords are made, in their order."""
    if isinstance(thing, Demand):
        return {"title": _sides(thing, "title"), "body": _sides(thing, "text"), "keywords": _items(thing, "keywords")}
    if isinstance(thing, Team):
        words = [*_items(thing, "capabilities_zh"), *_items(thing, "capabilities_en")]
        return {"title": _sides(thing, "name"), "body": _sides(thing, "summary"), "keywords": words}
    if isinstance(thing, Expert):
        words = [*_items(thing, "fields_zh"), *_items(thing, "fields_en")]
        return {"title": [], "body": _sides(thing, "summary"), "keywords": words}
    words = [*_items(thing, "keywords_zh"), *_items(thing, "keywords_en")]
    return {"title": _sides(thing, "title"), "body": _sides(thing, "summary"), "keywords": words}


def _sides(thing: object, name: str) -> list[Piece]:
    sides = [Piece(side, getattr(thing, side)) for side in (f"{name}_zh", f"{name}_en")]
    return [side for side in sides if side.text]


def _items(thing: object, name: str) -> list[Piece]:
    return [Piece(name, text, number) for number, text in enumerate(getattr(thing, name))]


class Laid(NamedTuple):
    """The whole text that the matcher read as one, and each piece with where it begins and ends in it."""

    text: str
    pieces: Sequence[tuple[Piece, int, int]]


def laid_out(layout: Layout) -> Mapping[str, Laid]:
    """The texts as the matcher read them: made once for all terms that are looked up in them."""
    return {part: _laid(pieces) for part, pieces in layout.items()}


def placed(terms: Sequence[TermShare], layout: Layout) -> list[Stretch]:
    """The stretches with their places in the fields; what no longer stands where the matcher read it is given without places."""
    laid = laid_out(layout)
    return [Stretch(term.text, term.share, term.field, tuple(starmap(Place, spots(term, laid[term.field])))) for term in terms]


def _laid(pieces: Sequence[Piece]) -> Laid:
    laid, at = [], 0
    for piece in pieces:
        laid.append((piece, at, at + len(piece.text)))
        at += len(piece.text) + 1
    return Laid("\n".join([piece.text for piece in pieces]), laid)


def spots(term: TermShare, laid: Laid) -> list[tuple[str, int | None, int, int]]:
    """Where a stretch stands, as the four values of a Place; bare tuples, for an answer has hundreds."""
    text, pieces = laid
    said = term.text
    # What reads otherwise now was changed since it was indexed.
    spans = [span for span in term.spans if text[span[0] : span[1]] == said]
    if len(pieces) == 1:  # nothing to look for: the piece is the text
        (piece, _, _) = pieces[0]
        field, item = piece.field, piece.item
        return [(field, item, start, end) for start, end in spans]
    return [
        (piece.field, piece.item, max(start, begin) - begin, min(end, finish) - begin)
        for start, end in spans
        for piece, begin, finish in pieces
        if start < finish and begin < end
    ]
