"""A query as weights of terms, each part divided by the most it could reach."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
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

Gains = NDArray[np.float64]
_FIXED = (1.0,) * len(FIELDS)


class WeightedTerm(NamedTuple):
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
    def of(cls, query: Query, config: Config, given: Sequence[Reading] | None = None) -> "Told":
        """Read a query: its telling words, or as it is where nothing else is said; `given` are its parts where they were read before."""
        limit = config.max_field_chars
        texts = tuple([silenced(text[:limit]) for text in query.parts])
        read = cls(texts, tuple(_read(texts, query.parts, given, limit)))
        if any(reading.says_anything() for reading in read.readings) or texts == query.parts:
            return read
        return cls(query.parts, tuple(_read(query.parts, query.parts, given, limit)))

    def as_given(self, query: Query, config: Config) -> Sequence[Reading]:
        """Return the whole parts of the query as they are read: what lost no word was read already."""
        return list(_read(query.parts, self.texts, self.readings, config.max_field_chars))


def _read(texts: Iterable[str], known: Iterable[str], readings: Sequence[Reading] | None, limit: int) -> Iterator[Reading]:
    """Read texts, but take the readings of those that are known word for word."""
    for text, same, reading in zip(texts, known, readings or repeat(None), strict=False):
        yield reading if reading is not None and text == same else Reading.of(text, limit=limit)


class Part(NamedTuple):
    """A part of a query: what was said in it, and which terms, other names included, give at most so much of the 1 all parts share."""

    field: str
    said: Counter[str]
    places: NDArray[np.int64]
    gains: Gains


class Parted(NamedTuple):
    """The parts of a query that say anything, all terms of these, the key of each, and how many documents hold it."""

    parts: Sequence[Part]
    terms: Sequence[str]
    keys: Keys
    holders: NDArray[np.int64]

    def classed(self, part: Part, documents: int) -> Iterator[tuple[str, str, float]]:
        """Yield each term of a part with its class and what it gives."""
        for place, held, gain in zip(part.places.tolist(), self.holders[part.places].tolist(), part.gains.tolist(), strict=True):
            term = self.terms[place]
            yield term, class_of(part.field, term, said=term in part.said, held=held, documents=documents), gain

    def summed(self, gains: Iterable[Gains]) -> Gains:
        """Return what each term gives where each part's terms give so much."""
        weights = np.zeros(len(self.terms))
        for part, given in zip(self.parts, gains, strict=True):
            weights[part.places] += given
        return weights

    def heaviest(self, weights: Gains, config: Config) -> tuple[list[str], NDArray[np.int64], list[int]]:
        """Return the terms that count, of more than a query may have the weightiest, with their places and units."""
        kept, most = np.flatnonzero(weights > 0.0), config.max_query_terms
        if len(kept) > most:
            least = np.partition(weights, -most)[-most]
            above = np.flatnonzero(weights > least)
            # Of those that weigh the same the first in the alphabet.
            equal = sorted(np.flatnonzero(weights == least).tolist(), key=self.terms.__getitem__)
            kept = np.concatenate((above, np.array(equal[: most - len(above)], dtype=np.int64)))
        units: list[int] = np.rint(weights[kept] * FULL_WEIGHT).astype(np.int64).tolist()
        return [self.terms[place] for place in kept.tolist()], kept, units


def parted(told: Told, held: Callable[[Keys], NDArray[np.int64]], statistics: Statistics, config: Config, table: Lexicon) -> Parted:
    """Return what the terms of each part of the query that was read give at most.

    `held` says how many documents hold each of some terms, `table` which other names things have. A part of the query (title, body,
    keywords) divides its terms' rarities by their sum, which is what a document that held all of them without end would reach: no figure of
    another document enters, so shards, deltas and hidden documents cannot move it.
    """
    spoken = [
        (field, share, Counter(reading.terms), other_names(reading, table))
        for field, share, reading in zip(FIELDS, config.query_weights, told.readings, strict=True)
        if reading.terms
    ]
    every = list(dict.fromkeys(chain.from_iterable((*counts, *names) for _, _, counts, names in spoken)))
    place_of = dict(zip(every, range(len(every)), strict=True))
    keys = keys_of(every)
    holders = held(keys)
    numbers = holders.tolist()
    worth = _worth(every, numbers, statistics, config)
    whole = sum(share for _, share, _, _ in spoken)
    parts = []
    for field, share, said, names in spoken:
        counted = _counted(said, {name: times for name, times in names.items() if numbers[place_of[name]]}, config)
        places = np.fromiter(map(place_of.__getitem__, counted), dtype=np.int64, count=len(counted))
        times = np.fromiter(counted.values(), dtype=np.float64, count=len(counted))
        here = worth[places]
        bound = fsum((times * here).tolist())  # exact, so in any order
        parts.append(Part(field, said, places, share / whole * times * here / bound))
    return Parted(parts, every, keys, holders)


def _worth(every: Sequence[str], holders: Sequence[int], statistics: Statistics, config: Config) -> Gains:
    """Return what each term is worth by its rarity, and a view beside its words."""
    # Many terms are held by equally many documents.
    rare = {number: statistics.rarity(number) ** config.rarity_power for number in set(holders)}
    worth = np.array([rare[number] for number in holders], dtype=np.float64)
    if views := set(views_of(every)):
        for place, term in enumerate(every):
            if term in views:
                worth[place] *= config.beginning_weight if is_beginning(term) else config.sequence_weight
    return worth


def _counted(counts: Counter[str], names: Mapping[str, int], config: Config) -> Mapping[str, float]:
    """Return how much each term of a part counts: as often as it stands there, and other names of what is named a little less.

    Other names that no document uses are left out before: they could only make every score smaller.
    """
    cap = config.repeat_cap
    often = max(counts.values()) > cap
    said: Mapping[str, float] = {term: min(times, cap) for term, times in counts.items()} if often else counts
    return {**{term: config.other_name_weight * min(times, cap) for term, times in names.items()}, **said} if names else said


def weigh(found: Parted, statistics: Statistics, config: Config, mix: Mix | None = None) -> tuple[WeightedTerm, ...]:
    """Return the query's terms, in no particular order, with weights that add up to 1, or nothing where the query holds no term.

    A learned mix multiplies what each class of terms gives; then all are divided by their sum. What it leaves nothing is left out; where
    that would be everything, the fixed mix holds.
    """
    if mix is None:
        terms, places, units = found.heaviest(found.summed(part.gains for part in found.parts), config)
        return tuple(map(WeightedTerm, terms, found.keys[places].tolist(), units))
    factors = np.ones((len(found.terms), len(FIELDS)))
    for part in found.parts:
        classed = found.classed(part, statistics.documents)
        factors[part.places, FIELDS.index(part.field)] = [mix.factor(class_) for _, class_, _ in classed]
    weights = found.summed(part.gains * factors[part.places, FIELDS.index(part.field)] for part in found.parts)
    whole = fsum(weights.tolist())
    if whole == 0.0:
        return weigh(found, statistics, config)
    terms, places, units = found.heaviest(weights / whole, config)
    return tuple(map(WeightedTerm, terms, found.keys[places].tolist(), units, map(tuple, factors[places].tolist())))


def units_of(found: Parted, config: Config) -> dict[str, int]:
    """Return the units of the terms that `weigh` would return by the fixed mix, in no particular order."""
    terms, _, units = found.heaviest(found.summed(part.gains for part in found.parts), config)
    return dict(zip(terms, units, strict=True))
