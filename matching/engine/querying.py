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
from matching.engine.lexicon import Lexicon, equivalents
from matching.engine.mixing import Mix, class_of
from matching.engine.silencing import silenced
from matching.engine.statistics import FULL_WEIGHT, Statistics
from matching.engine.tokenising import is_beginning, is_sequence, terms

_BEGINNING = 256
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


def telling_parts(query: Query, config: Config) -> tuple[str, ...]:
    """Return the parts without the words that say nothing about the subject, or as they are where nothing else is said."""
    told = tuple(silenced(text[: config.max_field_chars]) for text in query.parts)
    # The beginning of a text says as a rule whether there is anything in it.
    says = any(terms(text, limit=limit) for limit in (_BEGINNING, config.max_field_chars) for text in told)
    return told if says else query.parts


def _read(query: Query, config: Config) -> tuple[tuple[str, ...], list[Counter[str]]]:
    """Return the telling parts, and how often each holds each term."""
    told = tuple(silenced(text[: config.max_field_chars]) for text in query.parts)
    counts = [Counter(terms(text, limit=config.max_field_chars)) for text in told]
    if any(counts) or told == query.parts:
        return told, counts
    return query.parts, [Counter(terms(text, limit=config.max_field_chars)) for text in query.parts]


def _counted(counts: Counter[str], names: Counter[str], holders: Mapping[str, int], config: Config) -> dict[str, float]:
    """Return how much each term of a part counts: as often as it stands there, and other names of what is named a little less.

    Other names that no document uses are left out: they could only make every score smaller.
    """
    counted: dict[str, float] = {
        term: config.other_name_weight * min(times, config.repeat_cap) for term, times in names.items() if holders[term]
    }
    return counted | {term: float(min(times, config.repeat_cap)) for term, times in counts.items()}


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


def parted(query: Query, held: Callable[[Keys], NDArray[np.int64]], statistics: Statistics, config: Config, table: Lexicon) -> Parted:
    """Return what the terms of each part of the query give at most.

    `held` says how many documents hold each of some terms, `table` which other names things have. A part of the query (title, body,
    keywords) divides its terms' rarities by their sum, which is what a document that held all of them without end would reach: no figure of
    another document enters, so shards, deltas and hidden documents cannot move it.
    """
    told, read = _read(query, config)
    spoken = [
        (field, share, counts, equivalents(text, limit=config.max_field_chars, table=table))
        for field, share, text, counts in zip(FIELDS, config.query_weights, told, read, strict=True)
        if counts
    ]
    every = list(dict.fromkeys(chain.from_iterable((*counts, *names) for _, _, counts, names in spoken)))
    keys = keys_of(every)
    holders = dict(zip(every, held(keys).tolist(), strict=True))
    worth = {term: _view(term, config) * statistics.rarity(number) ** config.rarity_power for term, number in holders.items()}
    whole = sum(share for _, share, _, _ in spoken)
    parts = []
    for field, share, said, names in spoken:
        counted = _counted(said, names, holders, config)
        bound = fsum(times * worth[term] for term, times in counted.items())  # exact, so in any order
        parts.append(Part(field, said, {term: share / whole * times * worth[term] / bound for term, times in counted.items()}))
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


def _summed(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for gains in parts:
        for term, gain in gains.items():
            weights[term] = weights.get(term, 0.0) + gain
    return weights


def _heaviest(
    found: Parted, weights: Mapping[str, float], config: Config, factors: Mapping[str, Mapping[str, float]] | None = None
) -> tuple[WeightedTerm, ...]:
    heaviest = sorted(nsmallest(config.max_query_terms, weights, key=lambda term: (-weights[term], term)))
    by_part = None if factors is None else [factors.get(name, {}) for name in FIELDS]
    return tuple(
        WeightedTerm(
            term,
            found.keys[term],
            round(weights[term] * FULL_WEIGHT),
            _FIXED if by_part is None else tuple([given.get(term, 1.0) for given in by_part]),
        )
        for term in heaviest
    )


def _view(term: str, config: Config) -> float:
    """Return what a term counts beside a word of its own."""
    if is_beginning(term):
        return config.beginning_weight
    return config.sequence_weight if is_sequence(term) else 1.0
