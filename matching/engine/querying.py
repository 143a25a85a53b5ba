"""A query as weights of terms, each part divided by the most it could reach."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import FIELDS, Config
from matching.engine.documents import Query
from matching.engine.keys import Keys, keys_of
from matching.engine.lexicon import Lexicon, other_names
from matching.engine.mixing import Mix, class_of
from matching.engine.silencing import silenced
from matching.engine.statistics import FULL_WEIGHT, Statistics
from matching.engine.tokenising import Reading, is_beginning, views_of

_FIXED = (1.0,) * len(FIELDS)


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term of the query, its key, and the most it can give to a document's words, in 2**-24.

    `factors` are what a learned mix lets it count in each part of the query.
    """

    term: str
    key: int
    units: int
    factors: tuple[float, ...] = _FIXED


class Told(NamedTuple):
    """The parts of a query without the words that say nothing about the subject, in the order of FIELDS, and as they were read."""

    texts: tuple[str, ...]
    readings: tuple[Reading, ...]

    @classmethod
    def of(cls, query: Query, config: Config) -> "Told":
        """Read a query: its telling words, or as it is where nothing else is said."""
        limit = config.max_field_chars
        texts = tuple([silenced(text[:limit]) for text in query.parts])
        readings = tuple([Reading.of(text, limit=limit) for text in texts])
        if any(reading.says_anything() for reading in readings) or texts == query.parts:
            return cls(texts, readings)
        return cls(query.parts, tuple([Reading.of(text, limit=limit) for text in query.parts]))


def _counted(counts: Counter[str], names: Counter[str], holders: Mapping[str, int], config: Config) -> dict[str, float]:
    """Return how much each term of a part counts: as often as it stands there, and other names of what is named a little less.

    Other names that no document uses are left out: they could only make every score smaller.
    """
    cap = config.repeat_cap
    counted = {term: config.other_name_weight * min(times, cap) for term, times in names.items() if holders[term]}
    often = max(counts.values()) > cap
    return {**counted, **({term: min(times, cap) for term, times in counts.items()} if often else counts)}


class Part(NamedTuple):
    """A part of a query: what was said in it, and what each of its terms, other names included, gives at most of the 1 all parts share."""

    field: str
    said: Counter[str]
    gains: Mapping[str, float]


class Parted(NamedTuple):
    """The parts of a query that say anything, how many documents hold each term, and the key of each."""

    parts: Sequence[Part]
    holders: Mapping[str, int]
    keys: Mapping[str, int]

    def classed(self, part: Part, documents: int) -> Iterator[tuple[str, str, float]]:
        """Yield each term of a part with its class and what it gives."""
        for term, gain in part.gains.items():
            yield term, class_of(part.field, term, said=term in part.said, held=self.holders[term], documents=documents), gain


def parted(told: Told, held: Callable[[Keys], NDArray[np.int64]], statistics: Statistics, config: Config, table: Lexicon) -> Parted:
    """Return what the terms of each part of the query that was read give at most.

    `held` says how many documents hold each of some terms, `table` which other names things have. A part of the query (title, body,
    keywords) divides its terms' rarities by their sum, which is what a document that held all of them without end would reach: no figure of
    another document enters, so shards, deltas and hidden documents cannot move it.
    """
    spoken = [
        (field, share, counts, other_names(reading, table))
        for field, share, reading in zip(FIELDS, config.query_weights, told.readings, strict=True)
        if (counts := Counter(reading.terms()))
    ]
    every = list(dict.fromkeys(chain.from_iterable((*counts, *names) for _, _, counts, names in spoken)))
    keys = keys_of(every)
    holders = dict(zip(every, held(keys).tolist(), strict=True))
    # Many terms are held by equally many documents.
    rare = {number: statistics.rarity(number) ** config.rarity_power for number in set(holders.values())}
    worth = {term: rare[number] for term, number in holders.items()}
    for view in views_of(every):
        worth[view] *= config.beginning_weight if is_beginning(view) else config.sequence_weight
    whole = sum(share for _, share, _, _ in spoken)
    parts = []
    for field, share, said, names in spoken:
        counted = _counted(said, names, holders, config)
        bound = fsum([times * worth[term] for term, times in counted.items()])  # exact, so in any order
        part = share / whole
        parts.append(Part(field, said, {term: part * times * worth[term] / bound for term, times in counted.items()}))
    return Parted(parts, holders, dict(zip(every, keys.tolist(), strict=True)))


def weigh(found: Parted, statistics: Statistics, config: Config, mix: Mix | None = None) -> tuple[WeightedTerm, ...]:
    """Return the query's terms in alphabetical order with weights that add up to 1, or nothing where the query holds no term.

    A learned mix multiplies what each class of terms gives; then all are divided by their sum. What it leaves nothing is left out; where
    that would be everything, the fixed mix holds.
    """
    if mix is None:
        return _heaviest(found, _summed([part.gains for part in found.parts]), config)
    factors = {
        part.field: {term: mix.factor(class_) for term, class_, _ in found.classed(part, statistics.documents)} for part in found.parts
    }
    weights = _summed([{term: gain * factors[part.field][term] for term, gain in part.gains.items()} for part in found.parts])
    whole = fsum(weights.values())
    if whole == 0.0:
        return weigh(found, statistics, config)
    return _heaviest(found, {term: weight / whole for term, weight in weights.items() if weight > 0.0}, config, factors)


def _summed(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    weights = dict(parts[0]) if parts else {}
    for gains in parts[1:]:
        for term, gain in gains.items():
            weights[term] = weights.get(term, 0.0) + gain
    return weights


def units_of(found: Parted, config: Config) -> dict[str, int]:
    """Return the units of the terms that `weigh` would return by the fixed mix, in no particular order."""
    return _units(_summed([part.gains for part in found.parts]), config)


def _units(weights: Mapping[str, float], config: Config) -> dict[str, int]:
    kept: Iterable[str] = weights
    if len(weights) > config.max_query_terms:
        kept = nsmallest(config.max_query_terms, weights, key=lambda term: (-weights[term], term))
    return {term: round(weights[term] * FULL_WEIGHT) for term in kept}


def _heaviest(
    found: Parted, weights: Mapping[str, float], config: Config, factors: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[WeightedTerm, ...]:
    by_part = None if factors is None else [factors.get(name, {}) for name in FIELDS]
    return tuple(
        WeightedTerm(
            term,
            found.keys[term],
            units,
            _FIXED if by_part is None else tuple([given.get(term, 1.0) for given in by_part]),
        )
        for term, units in sorted(_units(weights, config).items())
    )
