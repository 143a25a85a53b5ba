"""The loops of building, as machine code: terms counted, postings put in order, and laid out in files. None compares anything."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiled import WINDOW, CompiledAndKept
from matching.engine.segment import MOST_TIMES

Places = NDArray[np.int64]
Numbers = NDArray[np.int32]
Bytes = NDArray[np.uint8]
# So many documents are counted at a time, at most: that leaves a byte of four beside the row. They hold fewer terms than four bytes count.
MOST_DOCUMENTS = 2**24
MOST_TERMS = 2**31 - 1


class Run(NamedTuple):
    """The postings of adjacent documents: those of the term that is at places[i] among all terms are starts[i]:starts[i+1]."""

    places: Places
    starts: Places
    rows: Numbers
    times: Bytes


class Laid(NamedTuple):
    """Where the postings of all runs go: `filled` tells how far each term's got, `shifts` how much further on lie its rows than its times.

    `long` and `frequent` number the terms that have windows, or a dense list, and are -1 for the others. `table` holds what a document of
    the length that `codes` gives its row gets for each count. The other fields are those of Segment, Windowed and Weighed.
    """

    filled: Places
    shifts: Places
    long: Numbers
    frequent: Numbers
    table: Bytes
    codes: Numbers
    times: Bytes
    impacts: Bytes
    most: Bytes
    rows: Numbers
    near: NDArray[np.uint16]
    begins: NDArray[np.uint32]
    dense: Bytes


@CompiledAndKept
def lengths_of(numbers: Numbers, ends: Places, views: NDArray[np.bool_]) -> Numbers:
    """Return how many terms of each document add to its length; the numbered terms of documents end at `ends`."""
    lengths = np.zeros(len(ends), np.int32)
    begin = 0
    for row in range(len(ends)):
        for at in range(begin, ends[row]):
            lengths[row] += not views[np.uint32(numbers[at])]
        begin = ends[row]
    return lengths


@CompiledAndKept
def counted(numbers: Numbers, ends: Places, places: Numbers) -> tuple[Places, Numbers, Bytes]:
    """Return where the postings of each place start, ending with the last one's end, their rows, ascending, and times.

    The numbered terms of documents (MOST_DOCUMENTS and MOST_TERMS at most) end at `ends`; `places` has another place for each number.
    """
    # Row and times lie in one number while they are counted, and so do a term's last row and place: what takes the time is to fetch them.
    last = np.zeros((len(places), 2), np.int32)
    begin = 0
    for row in range(len(ends)):
        for at in range(begin, ends[row]):
            number = np.uint32(numbers[at])
            last[number, 1] += last[number, 0] != row + 1
            last[number, 0] = row + 1
        begin = ends[row]
    starts = np.zeros(len(places) + 1, np.int64)
    for term in range(len(places)):
        starts[places[term] + 1] = last[term, 1]
    for place in range(len(places)):
        starts[place + 1] += starts[place]
    for term in range(len(places)):
        last[term] = 0, starts[places[term]] - 1
    postings = np.empty(starts[-1], np.uint32)
    begin = 0
    for row in range(len(ends)):
        for at in range(begin, ends[row]):
            number = np.uint32(numbers[at])
            to = last[number, 1]
            if last[number, 0] != row + 1:
                to += 1
                last[number] = row + 1, to
                postings[to] = row << 8 | 1
            elif postings[to] & 255 < MOST_TIMES:
                postings[to] += 1
        begin = ends[row]
    return starts, (postings >> 8).astype(np.int32), (postings & 255).astype(np.uint8)


@CompiledAndKept
def put_in_order(places: Numbers, rows: Numbers, times: Bytes, terms: int, documents: int) -> tuple[Places, Numbers, Bytes]:
    """Return where the postings of each term start, ending with the last one's end, and their rows, ascending, and times."""
    by_row, starts = np.zeros(documents + 1, np.int64), np.zeros(terms + 1, np.int64)
    for posting in range(len(rows)):
        by_row[rows[posting] + 1] += 1
        starts[places[posting] + 1] += 1
    for row in range(documents):
        by_row[row + 1] += by_row[row]
    for place in range(terms):
        starts[place + 1] += starts[place]
    order = np.empty(len(rows), np.int64)
    for posting in range(len(rows)):
        order[by_row[rows[posting]]] = posting
        by_row[rows[posting]] += 1
    filled = starts[:-1].copy()
    ordered, counts = np.empty(len(rows), np.int32), np.empty(len(rows), np.uint8)
    for one in order:
        to = filled[places[one]]
        ordered[to], counts[to] = rows[one], times[one]
        filled[places[one]] += 1
    return starts, ordered, counts


@CompiledAndKept
def lay_out(run: Run, first: int, laid: Laid) -> None:
    """Put the postings of a run, whose first document is in the row `first`, behind those of the runs before it.

    Of `begins` only how many each window holds is put beside the window: they are to be added up when all runs are there.
    """
    for term in range(len(run.places)):
        place = run.places[term]
        to, shift, long, frequent, most = laid.filled[place], laid.shifts[place], laid.long[place], laid.frequent[place], laid.most[place]
        for posting in range(run.starts[term], run.starts[term + 1]):
            row, times = run.rows[posting] + first, run.times[posting]
            gain = laid.table[laid.codes[row], times]
            laid.times[to], laid.impacts[to] = times, gain
            if long < 0:
                laid.rows[to + shift] = row
            else:
                laid.near[to + shift] = row % WINDOW
                laid.begins[long, row // WINDOW + 1] += 1
            if frequent >= 0:
                laid.dense[frequent, row] = gain
            most = max(most, gain)
            to += 1
        laid.filled[place], laid.most[place] = to, most
