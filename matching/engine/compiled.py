"""The loops of the scan, as machine code: compiled when a process of this machine first ranks, and kept where NUMBA_CACHE_DIR says.

Whole numbers only, except for the bound, so every machine finds the same.
"""

import logging
import pickle
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Counts = NDArray[np.uint32]
_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")
# Measured: so many documents are added up at a time, which a processor holds close by, and so many are passed over by one comparison.
WINDOW = 2**15
_BLOCK = 512
# Frequent lists that can give less than this part of what is missing are looked up for the few that are still in the running.
_LITTLE = 0.3
# What a file of kept code that was cut short or written over raises when it is read, and a full disk when one is written.
_NOT_KEPT = (OSError, RuntimeError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError, ValueError)

logger = logging.getLogger(__name__)
# Two versions of the program may share a folder while one takes the place of the other, and numba's files of both have the same names.
_settings: dict[str, Any] = vars(numba.config)
# The first four hold the loops, the others figures that are part of the code once it is compiled.
_names = ("compiled", "compiledbest", "compiledweights", "counting", "mixing", "segment", "statistics")
_loops = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in _names)
_folder = Path(_settings["CACHE_DIR"] or Path(__file__).with_name("__pycache__"))
_settings["CACHE_DIR"] = str(_folder / sha256(_loops).hexdigest()[:16])


def compiled_within(function: Callable[_Given, _Told]) -> Callable[_Given, _Told]:
    """Compile a function that only compiled ones call."""
    fast: Callable[_Given, _Told] = numba.njit(nogil=True, error_model="numpy")(function)
    return fast


class CompiledAndKept(Generic[_Given, _Told]):
    """A function compiled with all that it calls; where its code cannot be kept or what was kept cannot be read, each process compiles.

    `within` is the same for other compiled functions to call.
    """

    def __init__(self, function: Callable[_Given, _Told]) -> None:
        self.within = self._alone = self._fast = compiled_within(function)
        try:
            self._fast = numba.njit(nogil=True, error_model="numpy", cache=True)(function)
        except _NOT_KEPT as reason:
            _tell(reason)

    def __call__(self, *given: _Given.args, **named: _Given.kwargs) -> _Told:
        fast = self._fast
        try:
            return fast(*given, **named)
        except _NOT_KEPT as reason:
            if fast is self._alone:
                raise
            if self._fast is not self._alone:
                _tell(reason)
            self._fast = self._alone
        return self._alone(*given, **named)


def _tell(reason: Exception) -> None:
    folder = _settings["CACHE_DIR"] or "__pycache__"
    logger.warning(
        "this process compiles for itself: %s cannot be written to, or what lies there is broken (remove it): %r", folder, reason
    )


class Postings(NamedTuple):
    """What a segment holds: the rows of its short lists and of its long ones (`near`, with where each window `begins`; see Windowed), what
    each posting gives, and `dense`, of some lists what every document gets.
    """

    rows: NDArray[np.int32]
    near: NDArray[np.uint16]
    begins: Counts
    impacts: NDArray[np.uint8]
    dense: NDArray[np.uint8]


class Asked(NamedTuple):
    """What a query asks for: where its lists start and end, how many postings before each lie in windows, which of the lists in windows
    each is (-1: none), and what they weigh; then, for the frequent ones, which rows of `dense` they are, the heaviest first, what they
    weigh, and what all from each on can give together, ending in 0.
    """

    starts: Rows
    ends: Rows
    apart: Rows
    long: Rows
    weights: Counts
    frequent: Rows
    frequent_weights: Counts
    rest: NDArray[np.float64]


@compiled_within
def _seek(rows: NDArray[np.signedinteger] | NDArray[np.uint16], at: int, end: int, row: int) -> int:
    """Return the first place from `at` on that holds this row or a later one, `end` if none does; what is near costs little."""
    if at >= end or rows[at] >= row:
        return at
    low, step = at, 1
    while low + step < end and rows[low + step] < row:
        low += step
        step <<= 1
    low, high = low + 1, min(low + step, end)
    while low < high:
        middle = (low + high) >> 1
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low


@compiled_within
def _most(sums: Counts) -> Any:
    most = np.uint32(0)
    for one in sums:
        most = one if one > most else most  # noqa: FURB136 - which is what a processor does for many at once
    return most


@compiled_within
def _take(best: Counts, value: Any) -> None:
    """Put a value in place of the least of the best (a heap), if it is greater."""
    if value <= best[0]:
        return
    at, down = 0, 1
    while down < len(best):
        if down + 1 < len(best) and best[down + 1] < best[down]:
            down += 1
        if best[down] >= value:
            break
        best[at] = best[down]
        at, down = down, 2 * down + 1
    best[at] = value


@compiled_within
def _looked_up(postings: Postings, asked: Asked, row: int, added: tuple[int, Any], least: float) -> Any:
    """Return a document's sum, of which so many frequent lists gave so much, with the others; 0 as soon as it stays below the least."""
    number, found = added
    while found + asked.rest[number] >= least:
        if number == len(asked.frequent):
            return found
        found = np.uint32(found + np.uint32(asked.frequent_weights[number] * np.uint32(postings.dense[asked.frequent[number], row])))
        number += 1
    return np.uint32(0)


@compiled_within
def _added_up(sums: Counts, lists: tuple[Postings, Asked], cursors: Rows, within: tuple[int, int, int], least: float) -> int:
    """Add up, in a window that begins at `base`, what the documents from `start` to `end` get; return how many frequent lists that took."""
    postings, asked = lists
    base, start, end = within
    here = sums[start - base : end - base]
    for at in range(len(here)):
        here[at] = 0
    # Everything stays in four bytes: numba would take eight, at half the speed.
    for number in range(len(cursors)):
        apart, long, weight = asked.apart[number], asked.long[number], asked.weights[number]
        if long < 0:
            at, until = cursors[number], _seek(postings.rows, cursors[number], asked.ends[number] - apart, end)
            rows, gains = postings.rows[at:until], postings.impacts[at + apart : until + apart]
            for posting in range(len(rows)):
                place = np.uint32(rows[posting] - base)
                sums[place] = np.uint32(sums[place] + np.uint32(weight * np.uint32(gains[posting])))
            cursors[number] = until
        else:
            begins, shift = postings.begins[long], asked.starts[number] - apart
            at, until = apart + begins[base // WINDOW], apart + begins[base // WINDOW + 1]
            if start > base:
                at = _seek(postings.near, at, until, start - base)
            if end < base + WINDOW:
                until = _seek(postings.near, at, until, end - base)
            near, gains = postings.near[at:until], postings.impacts[at + shift : until + shift]
            for posting in range(len(near)):
                sums[near[posting]] = np.uint32(sums[near[posting]] + np.uint32(weight * np.uint32(gains[posting])))
    added = 0
    while added < len(asked.frequent) and asked.rest[added] > _LITTLE * least:
        gains, weight = postings.dense[asked.frequent[added], start:end], asked.frequent_weights[added]
        for at in range(len(here)):
            here[at] = np.uint32(here[at] + np.uint32(weight * np.uint32(gains[at])))
        added += 1
    return added


@CompiledAndKept
def reach(
    postings: Postings, asked: Asked, within: tuple[int, int], allowed: NDArray[np.bool_], slack: tuple[int, float, float]
) -> tuple[Rows, Counts, float]:
    """Return the rows, ascending, and sums of all documents that could be among the k best when they were met, and the least sum that can.

    `slack` is k, the share and the most of Wanted. Where `allowed` is empty all are.
    """
    k, share, most = slack
    first, last = within
    best = np.zeros(k, np.uint32)
    sums = np.empty(WINDOW, np.uint32)
    rows, found = np.empty(last - first, np.int64), np.empty(last - first, np.uint32)
    cursors = np.empty(len(asked.starts), np.int64)
    for number in range(len(cursors)):
        if asked.long[number] < 0:
            apart = asked.apart[number]
            cursors[number] = _seek(postings.rows, asked.starts[number] - apart, asked.ends[number] - apart, first)
    kept, least = 0, 0.0
    for base in range(first - first % WINDOW, last, WINDOW):
        start, end = max(base, first), min(base + WINDOW, last)
        added = _added_up(sums, (postings, asked), cursors, (base, start, end), least)
        here = sums[start - base : end - base]
        for block in range(0, len(here), _BLOCK):
            until = min(block + _BLOCK, len(here))
            if _most(here[block:until]) < max(least - asked.rest[added], 1.0):
                continue
            for at in range(block, until):
                if here[at] < max(least - asked.rest[added], 1.0) or (len(allowed) and not allowed[start + at]):
                    continue
                one = _looked_up(postings, asked, start + at, (added, here[at]), least)
                if one > 0:
                    rows[kept], found[kept] = start + at, one
                    kept += 1
                    _take(best, one)
                    least = max(best[0] / (1.0 + share), best[0] - most) * (1.0 - 1e-12)
    return rows[:kept], found[:kept], least
