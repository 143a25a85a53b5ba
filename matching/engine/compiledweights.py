"""The loops that weigh the terms of many queries, as machine code. Every operation is the one, and in the order, of `querying.py`."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiled import CompiledAndKept, compiled_within
from matching.engine.mixing import COMMON, RARE
from matching.engine.statistics import FULL_WEIGHT

Sums = NDArray[np.float64]
# As kept.py lays a reading out.
_SAID, _NAMED = 15, 4
_MOST_PARTIALS = 64


class Weighable(NamedTuple):
    """The terms of many queries: kind, how often told in each part, how many documents hold each, and what it is worth."""

    kinds: NDArray[np.uint8]
    told: NDArray[np.uint8]
    holders: NDArray[np.int64]
    worth: Sums


class Figures(NamedTuple):
    """What the configuration, a learned mix and the corpus say: `shares` by which parts say anything, `factors` empty for the fixed mix."""

    shares: Sums
    factors: Sums
    other_name: float
    most_terms: int
    documents: int


@compiled_within
def exact_sum(values: Sums, count: int) -> Any:
    """Return the sum of the first values rounded once, bit by bit as math.fsum does (Shewchuk 1997)."""
    partials = np.empty(_MOST_PARTIALS)
    kept = 0
    for number in range(count):
        one, until = values[number], 0
        for at in range(kept):
            other = partials[at]
            if abs(one) < abs(other):
                one, other = other, one
            high = one + other
            low = other - (high - one)
            if low != 0.0:
                partials[until] = low
                until += 1
            one = high
        kept = until
        if one != 0.0:
            partials[kept] = one
            kept += 1
    if kept == 0:
        return 0.0
    kept -= 1
    high, low = partials[kept], 0.0
    while kept > 0:
        one = high
        kept -= 1
        other = partials[kept]
        high = one + other
        low = other - (high - one)
        if low != 0.0:
            break
    # What is left decides where the sum lies halfway between two numbers.
    if kept > 0 and ((low < 0.0 and partials[kept - 1] < 0.0) or (low > 0.0 and partials[kept - 1] > 0.0)):
        twice = low * 2.0
        one = high + twice
        if twice == one - high:
            high = one
    return high


@compiled_within
def _times(told: int, held: int, other_name: float) -> float:
    """Return how much a term of a part counts; other names that no document uses do not."""
    if told & _SAID:
        return float(told & _SAID)
    return other_name * (told >> _NAMED) if held > 0 else 0.0


@compiled_within
def _factor(factors: Sums, part: int, kind: int, held: int, documents: int) -> Any:
    band = 0 if held * COMMON > documents else 2 if held * RARE <= documents else 1
    return factors[part, kind, band]


@compiled_within
def _weigh(terms: Weighable, figures: Figures, within: tuple[int, int], room: tuple[Sums, Sums, Sums]) -> int:
    """Put what each term of one query weighs into the room, none for what does not count; return how many do."""
    first, last = within
    weights, times, products = room
    said = 0
    for at in range(first, last):
        weights[at - first] = -1.0
        for part in range(terms.told.shape[1]):
            if terms.told[at, part] & _SAID:
                said |= 1 << part
    counted = 0
    for part in range(terms.told.shape[1]):
        if not said >> part & 1:
            continue
        for at in range(first, last):
            times[at - first] = _times(terms.told[at, part], terms.holders[at], figures.other_name)
            products[at - first] = times[at - first] * terms.worth[at]
        bound = exact_sum(products, last - first)
        share = figures.shares[said, part]
        for at in range(first, last):
            often = times[at - first]
            if often == 0.0:
                continue
            gain = share * often * terms.worth[at] / bound
            if figures.factors.size > 0:
                kind = terms.kinds[at] if terms.told[at, part] & _SAID else figures.factors.shape[1] - 1
                gain *= _factor(figures.factors, part, kind, terms.holders[at], figures.documents)
            if weights[at - first] < 0.0:
                weights[at - first] = gain
                counted += 1
            else:
                weights[at - first] += gain
    return counted


@CompiledAndKept
def units_of_each(terms: Weighable, ends: NDArray[np.int64], figures: Figures) -> NDArray[np.uint32]:
    """Return the weight of each term in 2**-24, 0 for what is left out; the terms of each query stand in alphabetical order."""
    units = np.zeros(len(terms.kinds), np.uint32)
    longest, first = 1, 0
    for last in ends:
        longest = max(longest, last - first)
        first = last
    room = np.empty(longest), np.empty(longest), np.empty(longest)
    fixed = Figures(figures.shares, figures.factors[:0], figures.other_name, figures.most_terms, figures.documents)
    first = 0
    for last in ends:
        size = last - first
        counted = _weigh(terms, figures, (first, last), room)
        weights = room[0][:size]
        if figures.factors.size > 0:
            for at in range(size):
                room[2][at] = max(weights[at], 0.0)
            whole = exact_sum(room[2], size)
            if whole == 0.0:
                counted = _weigh(terms, fixed, (first, last), room)
            else:
                counted = 0
                for at in range(size):
                    weights[at] = weights[at] / whole if weights[at] > 0.0 else -1.0
                    counted += weights[at] > 0.0
        if counted > figures.most_terms:
            order = np.argsort(-weights, kind="mergesort")
            for at in order[figures.most_terms :]:
                weights[at] = -1.0
        for at in range(size):
            if weights[at] > 0.0:
                units[first + at] = np.uint32(np.rint(weights[at] * FULL_WEIGHT))
        first = last
    return units
