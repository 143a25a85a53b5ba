"""The loop over many queries, as machine code: each is scanned, its circumstances are added, and its best are chosen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiled import Asked, CompiledAndKept, Postings, Rows, compiled_within, reach

Scores = NDArray[np.float64]
# More than any document's readiness.
NO_LEVEL = 127
_reach = reach.within


class Lists(NamedTuple):
    """What many queries ask for, one after the other, and where the lists and the frequent lists of the i-th end."""

    asked: Asked
    ends: Rows
    frequent_ends: Rows


class Circumstances(NamedTuple):
    """What adds a little: of each document the codes of industry and region and its readiness, and what each query wants of them.

    `wanted` has three numbers for each query: -1, a code that no document has, and NO_LEVEL want nothing. `gains` are what each adds.
    """

    industries: NDArray[np.int32]
    regions: NDArray[np.int32]
    readiness: NDArray[np.int8]
    wanted: NDArray[np.int64]
    gains: Scores


class Slack(NamedTuple):
    """How a sum becomes a score: what a sum is multiplied by, what part of the words circumstances may add, and the most as a sum."""

    whole: float
    ceiling: float
    most: float


@compiled_within
def _asked(lists: Lists, number: int) -> Asked:
    every = lists.asked
    first, last = (lists.ends[number - 1] if number else 0), lists.ends[number]
    often, until = (lists.frequent_ends[number - 1] if number else 0), lists.frequent_ends[number]
    return Asked(
        every.starts[first:last], every.ends[first:last], every.apart[first:last], every.long[first:last], every.weights[first:last],
        every.frequent[often:until], every.frequent_weights[often:until],
        every.rest[often + number : until + number + 1],  # one more for each query
    )  # fmt: skip


@compiled_within
def _score(beside: Circumstances, number: int, row: int, text: float, ceiling: float) -> float:
    """Return what the words gave with what circumstances add, as filtering.soft_gains does, in its order."""
    same, near, ready = 0.0, 0.0, 0.0
    if beside.industries[row] == beside.wanted[number, 0]:
        same = beside.gains[0]
    if beside.regions[row] == beside.wanted[number, 1]:
        near = beside.gains[1]
    level = beside.readiness[row]
    if level > 0 and level >= beside.wanted[number, 2]:
        ready = beside.gains[2]
    together = same + near + ready
    most = ceiling * text
    if together > most:
        part = most / together
        together = same * part + near * part + ready * part
    return text + together


@compiled_within
def _is_worse(rows: Rows, scores: Scores, one: int, other: int) -> bool:
    return bool(scores[one] < scores[other] or (scores[one] == scores[other] and rows[one] > rows[other]))


@compiled_within
def _sink(rows: Rows, scores: Scores, place: int, size: int) -> None:
    """Move what stands at a place down to where it belongs in a heap that has the worst on top."""
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and _is_worse(rows, scores, below + 1, below):
            below += 1
        if not _is_worse(rows, scores, below, place):
            return
        rows[place], rows[below] = rows[below], rows[place]
        scores[place], scores[below] = scores[below], scores[place]
        place = below


@compiled_within
def _heap(rows: Rows, scores: Scores) -> None:
    """Put the worst on top."""
    for place in range(len(rows) // 2 - 1, -1, -1):
        _sink(rows, scores, place, len(rows))


@compiled_within
def _unheap(rows: Rows, scores: Scores) -> None:
    """Put a heap in order, the best first."""
    for last in range(len(rows) - 1, 0, -1):
        rows[0], rows[last] = rows[last], rows[0]
        scores[0], scores[last] = scores[last], scores[0]
        _sink(rows, scores, 0, last)


@CompiledAndKept
def best_of_each(
    postings: Postings, lists: Lists, beside: Circumstances, among: tuple[tuple[int, int], NDArray[np.bool_]], slack: tuple[int, Slack]
) -> tuple[Rows, Scores, Rows]:
    """Return the rows and scores of the k best of each query, by score and then by row, and where those of each end.

    `among` says which rows are looked at, from the first up to the last, and which of all rows are allowed: all, where that is empty.
    """
    (k, figures), (within, allowed) = slack, among
    ends = np.empty(len(lists.ends), np.int64)
    rows, scores = np.empty(k * len(ends), np.int64), np.empty(k * len(ends))
    kept = 0
    for number in range(len(ends)):
        asked = _asked(lists, number)
        ends[number] = kept
        if len(asked.starts) + len(asked.frequent) == 0:
            continue
        helped = (beside.wanted[number, 0] > 0) or (beside.wanted[number, 1] > 0) or (beside.wanted[number, 2] < NO_LEVEL)
        share, most = (figures.ceiling, figures.most) if helped else (0.0, 0.0)
        found, sums, least = _reach(postings, asked, within, allowed, (k, share, most))
        first = kept
        for at in range(len(found)):
            if sums[at] < least:
                continue
            score = _score(beside, number, found[at], np.float64(sums[at]) * figures.whole, figures.ceiling)
            if kept - first < k:
                scores[kept], rows[kept] = score, found[at]
                kept += 1
                if kept - first == k:
                    _heap(rows[first:kept], scores[first:kept])
            # Rows ascend, so whoever comes later stands behind who has the same score.
            elif score > scores[first]:
                scores[first], rows[first] = score, found[at]
                _sink(rows[first:kept], scores[first:kept], 0, k)
        if kept - first < k:
            _heap(rows[first:kept], scores[first:kept])
        _unheap(rows[first:kept], scores[first:kept])
        ends[number] = kept
    return rows[:kept], scores[:kept], ends
