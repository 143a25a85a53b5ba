"""Immutable arrays that hold the term counts of some documents, term by term."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.engine.attributes import Attributes
from matching.engine.compiled import WINDOW
from matching.engine.config import Config
from matching.engine.documents import Document
from matching.engine.keys import Keys
from matching.engine.statistics import impacts_of

MOST_TIMES = np.iinfo(np.uint8).max


class Documents(Protocol):
    """Documents by row, in memory or in files."""

    def __len__(self) -> int: ...
    def __getitem__(self, row: int, /) -> Document: ...
    def __iter__(self) -> Iterator[Document]: ...


@dataclass(frozen=True)
class Weighed:
    """What each posting of a segment gives, and the most that any posting of each term gives.

    Of the terms at the places `frequent` (ascending), `dense` has a row of what each document gets, so that it need not be sought.
    """

    impacts: NDArray[np.uint8]
    most: NDArray[np.uint8]
    frequent: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    dense: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, 0), np.uint8))


@dataclass(frozen=True)
class Windowed:
    """The rows of terms that many documents hold, in two bytes each: how far each row is from the beginning of its window.

    `places` (ascending) says which terms. The rows of the i-th are rows[starts[i]:starts[i+1]]; of these, those in the window w begin
    at begins[i, w] and end at begins[i, w + 1].
    """

    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    rows: NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, np.uint16))
    begins: NDArray[np.uint32] = field(default_factory=lambda: np.empty((0, 0), np.uint32))

    def whole_rows(self) -> NDArray[np.int32]:
        """Return the same rows from the beginning of the segment."""
        held = self.begins[:, 1:] - self.begins[:, :-1]
        windows = np.tile(np.arange(held.shape[1], dtype=np.int32) * WINDOW, len(self.places))
        return np.repeat(windows, held.ravel()) + self.rows


@dataclass(frozen=True)
class Segment:
    """Documents and their weighted counts, term by term: of the postings those of terms[i] are starts[i]:starts[i+1], and so lie `times`.

    Their rows lie in the same order, those of some terms in `windowed` and all others in `rows`.
    Documents stand in the order of their `ids`, terms in that of their keys, the rows of a term in their own.
    `lengths` are the weighted counts of words per document; beginnings and sequences are not counted again.
    `stored` holds what lies in files of what postings give, by usual length; None says that the whole segment lives in this process alone.
    """

    documents: Documents
    ids: NDArray[np.bytes_]
    attributes: Attributes
    terms: Keys
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    stored: Mapping[int, Weighed] | None = None
    windowed: Windowed = field(default_factory=Windowed)
    _weighed: dict[int, Weighed] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.lengths)

    def rows_of(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """Return the row of each id, -1 for one that is not here."""
        wanted = encoded(ids)
        if not len(self) or not len(wanted):
            return np.full(len(wanted), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
        return np.where(self.ids[at] == wanted, at, -1)

    def places_of(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each key among `terms`, -1 for one that is not here."""
        if not len(self.terms):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.terms, keys), len(self.terms) - 1)
        return np.where(self.terms[at] == keys, at, -1)

    def held(self, keys: Keys) -> NDArray[np.int64]:
        """Return how many documents hold each key, tombstones included."""
        at = self.places_of(keys)
        return np.where(at < 0, 0, self.starts[at + 1] - self.starts[at])

    @property
    def postings(self) -> int:
        """How many (document, term) counts there are."""
        return len(self.times)

    def every_row(self) -> NDArray[np.int32]:
        """Return the rows of all postings, in their order."""
        if not len(self.windowed.places):
            return self.rows
        apart = np.zeros(len(self.terms), dtype=np.bool_)
        apart[self.windowed.places] = True
        apart = np.repeat(apart, np.diff(self.starts))
        rows = np.empty(self.postings, dtype=np.int32)
        rows[apart], rows[~apart] = self.windowed.whole_rows(), self.rows
        return rows

    @property
    def own_bytes(self) -> int:
        """Memory of this process alone: all arrays, or of a stored segment only what had to be worked out again."""
        owned: list[NDArray[np.generic]] = [array for found in self._weighed.values() for array in (found.impacts, found.most)]
        if self.stored is None:
            owned += [self.ids, self.terms, self.starts, self.rows, self.times, self.lengths]
        return sum(array.nbytes for array in owned)

    def weighed(self, usual_length: int, config: Config) -> Weighed:
        """Return what the postings give, from the files or worked out once for a usual length; only the latest is kept."""
        known = {**(self.stored or {}), **self._weighed}.get(usual_length)
        if known is None:
            found = impacts_of(self.times, self.every_row(), self.lengths, usual_length, config)
            known = Weighed(found, np.maximum.reduceat(found, self.starts[:-1]) if len(found) else found)
            self._weighed.clear()
            self._weighed[usual_length] = known
        return known


def encoded(ids: Iterable[str]) -> NDArray[np.bytes_]:
    """Return ids as bytes, which sort as the texts do."""
    return np.array([id_.encode("utf-8", "surrogatepass") for id_ in ids], dtype=np.bytes_)
