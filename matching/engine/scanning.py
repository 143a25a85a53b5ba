"""The scan: the best documents by the words, exactly, reading as few postings as that takes.

Documents are taken some thousands at a time, so that their sums lie close to the processor. The postings of the rarer terms are added
up. Of the terms that many documents hold there lies a byte for every document beside the postings (`Weighed.dense`): those that can give
much are added up as they lie, and what the others give is looked up for the few documents that can still be among the best (MaxScore,
Turtle and Flood 1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiled import Asked, Postings, reach
from matching.engine.querying import WeightedTerm
from matching.engine.segment import Segment, Weighed

Rows = NDArray[np.int64]
Sums = NDArray[np.float64]
_Kind = TypeVar("_Kind", bound=np.generic)
EVERYBODY = np.empty(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The k best of the allowed documents (None: of all), whose sums other things than words may raise by `share` and at most by `most`.

    `rows` narrows them to the rows from the first up to the last, which is not among them: postings of others are not read.
    """

    k: int
    allowed: NDArray[np.bool_] | None = None
    share: float = 0.0
    most: float = 0.0
    rows: tuple[int, int] | None = None


def scan(segment: Segment, weighed: Weighed, query: Sequence[WeightedTerm], wanted: Wanted) -> tuple[Rows, Sums]:
    """Return the rows, ascending, and sums of weight times impact of all documents that can be among the k best.

    Whoever is left out has no term of the query, is not allowed, or stays below the k-th best sum by more than the slack.
    """
    asked = _asked(segment, weighed, query)
    first, last = wanted.rows or (0, len(segment))
    if wanted.k <= 0 or first >= last or not len(asked.starts) + len(asked.frequent):
        return np.empty(0, np.int64), np.empty(0)
    postings = postings_of(segment, weighed)
    allowed = to_read(EVERYBODY if wanted.allowed is None else wanted.allowed)
    found, sums, least = reach(postings, asked, (first, last), allowed, (wanted.k, wanted.share, wanted.most))
    return found[sums >= least], sums[sums >= least].astype(np.float64)


def postings_of(segment: Segment, weighed: Weighed) -> Postings:
    """Return what a segment holds, as the compiled loops take it."""
    long = segment.windowed
    rows, near, begins = to_read(segment.rows), to_read(long.rows), to_read(long.begins)
    return Postings(rows, near, begins, to_read(weighed.impacts), to_read(weighed.dense))


def _asked(segment: Segment, weighed: Weighed, query: Sequence[WeightedTerm]) -> Asked:
    """Return where the lists of the query's terms lie.

    A query's weights add up to 2**24 (each rounded) and an impact is at most 255, so four bytes hold a sum.
    """
    places = segment.places_of(np.array([term.key for term in query], dtype=np.uint64))
    weights = np.array([term.units for term in query], dtype=np.uint32)[places >= 0]
    places = places[places >= 0]
    numbers, frequent = among(weighed.frequent, places)
    gives = weights[frequent] * weighed.most[places[frequent]].astype(np.float64)
    order = np.argsort(-gives, kind="stable")
    rest = np.append(np.cumsum(gives[order][::-1])[::-1], 0.0)
    places = places[~frequent]
    # How many of the long lists stand before a list also tells which one it is, if it is long.
    before, long = among(segment.windowed.places, places)
    return Asked(
        segment.starts[places], segment.starts[places + 1],
        segment.windowed.starts[before], np.where(long, before, -1), weights[~frequent],
        numbers[frequent][order], weights[frequent][order], rest,
    )  # fmt: skip


def among(known: Rows, places: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Return where each place stands among the known ones, which ascend, and whether it does."""
    numbers = np.searchsorted(known, places)
    return numbers, known[np.minimum(numbers, len(known) - 1)] == places if len(known) else np.zeros(len(places), np.bool_)


def to_read(array: NDArray[_Kind]) -> NDArray[_Kind]:
    """Return the array as one that lies in a file comes: the loops are compiled for that alone."""
    view = array.view()
    view.flags.writeable = False
    return view
