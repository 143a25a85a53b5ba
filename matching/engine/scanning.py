"""The scan: the best documents by the words, exactly, reading as few postings as that takes.

Terms come in the order of what they can give for what they cost. Their postings are added up until the terms that are left cannot lift a
document that has little so far among the best (MaxScore, Turtle and Flood 1995). From then on only what the remaining documents hold is
looked up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import local

import numpy as np
from numpy.typing import NDArray

# What `csc_array @ vector` calls, which would first put all postings together in a copy: four times the time of the sum itself.
from scipy.sparse._sparsetools import csc_matvec

from matching.engine.querying import WeightedTerm
from matching.engine.segment import Segment, Weighed

Rows = NDArray[np.int64]
Sums = NDArray[np.float64]
# A query's weights add up to 2**24 (each rounded) and an impact is at most 255: a sum fits. Half of a double's room, twice the speed.
Added = NDArray[np.uint32]
# Measured: what it costs to look up a document in a list of postings, or of all documents, in postings that could be added up meanwhile.
_LOOK_UP = 60
_LOOK_UP_DENSE = 3
# Those that are left must give less than this part of the k-th best before it is worth looking who is still in the running.
_PROMISING = 0.75
# Fewer documents than these are looked up whatever else would cost.
_FEW = 256
_SMALL_LIST = 2_048
_SHARES = (0.8, 0.6, 0.4, 0.2, 0.0)
# So many documents share one maximum.
_BLOCK = 512


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

    def least(self, kth: float) -> float:
        """Return the least sum that can still be among the best where the k-th has the sum `kth`."""
        return max(kth / (1.0 + self.share), kth - self.most) * (1.0 - 1e-12)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The postings of the query's terms, in the order in which they are worth reading; `rest[i]` is what all from i on can give.

    `dense` is the row of each in the dense lists, -1 for those that have none. Rows are told from `first` on, where the wanted ones begin.
    """

    segment: Segment
    weighed: Weighed
    dense: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: Sums
    rest: Sums
    first: np.int32

    @classmethod
    def of(cls, segment: Segment, weighed: Weighed, query: Sequence[WeightedTerm], within: tuple[int, int] | None) -> "_Lists":
        places = segment.places_of(np.array([term.key for term in query], dtype=np.uint64))
        weights = np.array([term.units for term in query], dtype=np.float64)[places >= 0]
        places = places[places >= 0]
        starts, ends = segment.starts[places], segment.starts[places + 1]
        if within is not None:
            starts, ends = _narrowed(segment.rows, starts, ends, within)
            held = ends > starts
            places, weights, starts, ends = places[held], weights[held], starts[held], ends[held]
        gives = weights * weighed.most[places]
        order = np.argsort(gives / (starts - ends), kind="stable")
        rest = np.append(np.cumsum(gives[order][::-1])[::-1], 0.0)
        dense = np.searchsorted(weighed.frequent, places[order])
        dense[~np.isin(places[order], weighed.frequent)] = -1
        first = np.int32(within[0] if within else 0)
        return cls(segment, weighed, dense, starts[order], ends[order], weights[order], rest, first)

    def __len__(self) -> int:
        return len(self.weights)

    def add(self, first: int, last: int, sums: Added, allowed: NDArray[np.bool_] | None) -> None:
        """Add the postings of the lists first..last-1 to the documents' sums."""
        weights = self.weights.astype(np.uint32)
        at = first
        while at < last:
            until = at + 1
            while until < last and self.ends[until] - self.starts[until] < _SMALL_LIST:
                until += 1
            pieces = [slice(self.starts[number], self.ends[number]) for number in range(at, until)]
            one = len(pieces) == 1
            gains = self.weighed.impacts[pieces[0]] if one else np.concatenate([self.weighed.impacts[piece] for piece in pieces])
            rows = self.segment.rows[pieces[0]] if one else np.concatenate([self.segment.rows[piece] for piece in pieces])
            ends = np.concatenate(([0], np.cumsum(self.ends[at:until] - self.starts[at:until]))).astype(np.int32)
            rows = rows - self.first if self.first else rows
            gains = gains if allowed is None else gains * allowed[rows]
            csc_matvec(len(sums), until - at, ends, rows, gains.astype(np.uint32), weights[at:until], sums)
            at = until

    def look_up(self, number: int, rows: Rows) -> Sums:
        """Return what one list gives to each of the rows."""
        rows = rows + self.first
        if self.dense[number] >= 0:
            gains: Sums = self.weighed.dense[self.dense[number]][rows] * self.weights[number]
            return gains
        held = self.segment.rows[self.starts[number] : self.ends[number]]
        at = np.minimum(np.searchsorted(held, rows), len(held) - 1)
        return np.where(held[at] == rows, self.weighed.impacts[self.starts[number] + at] * self.weights[number], 0.0)


def scan(segment: Segment, weighed: Weighed, query: Sequence[WeightedTerm], wanted: Wanted) -> tuple[Rows, Sums]:
    """Return the rows, ascending, and sums of weight times impact of all documents that can be among the k best.

    Whoever is left out has no term of the query, is not allowed, or stays below the k-th best sum by more than the slack.
    """
    lists = _Lists.of(segment, weighed, query, wanted.rows)
    if not len(lists) or wanted.k <= 0:
        return np.empty(0, np.int64), np.empty(0)
    first, last = wanted.rows or (0, len(segment))
    if wanted.rows and wanted.allowed is not None:
        wanted = replace(wanted, allowed=wanted.allowed[first:last])
    if wanted.allowed is not None and np.count_nonzero(wanted.allowed) <= _FEW:
        few = np.flatnonzero(wanted.allowed)
        rows, found = _looked_up(lists, 0, (few, np.zeros(len(few))), wanted)
        return rows + first, found
    with _Sums(last - first) as sums:
        read, running = _added_up(lists, sums, wanted)
    rows, found = _looked_up(lists, read, running, wanted)
    return rows + first, found


def _narrowed(rows: NDArray[np.int32], starts: Rows, ends: Rows, within: tuple[int, int]) -> tuple[Rows, Rows]:
    """Return where the rows from the first up to the last begin and end in each of the lists."""
    found = [start + np.searchsorted(rows[start:end], within) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    cut = np.array(found, dtype=np.int64).reshape(len(found), 2)
    return cut[:, 0], cut[:, 1]


def _added_up(lists: _Lists, sums: Added, wanted: Wanted) -> tuple[int, tuple[Rows, Sums]]:
    """Add lists up until it costs less to look the rest up; return how many were added, and who is still in the running with what sum."""
    cost = np.concatenate(([0], np.cumsum(lists.ends - lists.starts)))
    look_up = np.where(lists.dense >= 0, _LOOK_UP_DENSE, _LOOK_UP)
    read, kth = 0, 0.0
    # A first look when the rare terms are added up, then when what is left has become little, and then as often as it costs little.
    step = max(len(sums) // 16, 8 * _SMALL_LIST)
    while True:
        until = max(int(np.searchsorted(cost, cost[read] + step, side="right")) - 1, read + 1)
        if kth > 0.0:
            until = max(until, int(np.argmax(lists.rest <= _PROMISING * wanted.least(kth))))
        lists.add(read, min(until, len(lists)), sums, wanted.allowed)
        read, step = min(until, len(lists)), max(len(sums) // 4, 8 * _SMALL_LIST)
        most = sums.reshape(-1, _BLOCK).max(axis=1)
        kth = max(kth, _kth_added(sums, most, wanted.k))
        missing = wanted.least(kth) - lists.rest[read]
        if read < len(lists) and missing <= 0.0:
            continue  # even a document that has nothing so far may be among the best
        rows = _reaching(sums, most, max(missing, 1.0))
        if len(rows) * int(look_up[read:].sum()) <= cost[-1] - cost[read]:
            return read, (rows, sums[rows].astype(np.float64))


def _kth_added(sums: Added, most: Added, k: int) -> float:
    """Return no more than the k-th best sum, and hardly less: the k-th of the blocks' best, where there are blocks enough."""
    if len(most) < 8 * k:
        most = sums[sums > 0]
    return float(np.partition(most, len(most) - k)[len(most) - k]) if len(most) >= k else 0.0


def _reaching(sums: Added, most: Added, least: float) -> Rows:
    """Return the rows whose sums are at least so much, ascending."""
    blocks = np.flatnonzero(most >= np.uint32(least))
    if len(blocks) * 8 > len(most):
        return np.flatnonzero(sums >= np.uint32(least))
    block, within = np.nonzero(sums.reshape(-1, _BLOCK)[blocks] >= np.uint32(least))
    rows: Rows = blocks[block] * _BLOCK + within
    return rows


def _looked_up(lists: _Lists, read: int, running: tuple[Rows, Sums], wanted: Wanted) -> tuple[Rows, Sums]:
    """Look up the lists not yet read for the rows, dropping those that can no longer be among the best."""
    rows, sums = running
    for number in range(read, len(lists) + 1):
        within = sums >= wanted.least(_kth(sums, wanted.k)) - lists.rest[number]
        rows, sums = rows[within], sums[within]
        if number < len(lists):
            sums = sums + lists.look_up(number, rows)
    return rows[sums > 0.0], sums[sums > 0.0]


def _kth(sums: Sums, k: int) -> float:
    """Return the k-th largest, 0 where there are fewer."""
    if len(sums) < k:
        return 0.0
    # Most are far below: what lies above some share of the largest is soon found.
    largest, above = float(sums.max()), sums
    for share in _SHARES:
        above = sums[sums >= share * largest]
        if len(above) >= k:
            break
    return float(np.partition(above, len(above) - k)[len(above) - k])


_kept = local()


class _Sums:
    """A sum per document, up to a whole block, all zero at the beginning.

    A thread keeps the array, since making one takes longer than a short query.
    """

    def __init__(self, length: int) -> None:
        self.length = -(-length // _BLOCK) * _BLOCK

    def __enter__(self) -> Added:
        # Taken away while in use: what an error left in it is never used again.
        kept: Added | None = _kept.__dict__.pop("sums", None)
        self.whole = np.zeros(self.length, np.uint32) if kept is None or len(kept) < self.length else kept
        self.array = self.whole[: self.length]
        return self.array

    def __exit__(self, failed: object, *_: object) -> None:
        if failed is None:
            self.array.fill(0)
            _kept.sums = self.whole
