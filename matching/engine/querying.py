"""A query as weights of terms, each part divided by the most it could reach."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from math import fsum

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config
from matching.engine.documents import Query
from matching.engine.keys import Keys, keys_of
from matching.engine.lexicon import Lexicon, equivalents
from matching.engine.silencing import silenced
from matching.engine.statistics import FULL_WEIGHT, Statistics
from matching.engine.tokenising import is_beginning, is_sequence, terms


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term of the query, its key, and the most it can give to a document's words, in 2**-24."""

    term: str
    key: int
    units: int


def telling_parts(query: Query, config: Config) -> tuple[str, ...]:
    """Return the parts without the words that say nothing about the subject, or as they are where nothing else is said."""
    told = tuple(silenced(text[: config.max_field_chars]) for text in query.parts)
    return told if any(terms(text, limit=config.max_field_chars) for text in told) else query.parts


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


def weigh(
    query: Query, held: Callable[[Keys], NDArray[np.int64]], statistics: Statistics, config: Config, table: Lexicon
) -> tuple[WeightedTerm, ...]:
    """Return the query's terms in alphabetical order with weights that add up to 1, or nothing where the query holds no term.

    `held` says how many documents hold each of some terms, `table` which other names things have. A part of the query (title, body,
    keywords) divides its terms' rarities by their sum, which is what a document that held all of them without end would reach: no figure of
    another document enters, so shards, deltas and hidden documents cannot move it.
    """
    told, read = _read(query, config)
    spoken = [
        (share, counts, equivalents(text, limit=config.max_field_chars, table=table))
        for share, text, counts in zip(config.query_weights, told, read, strict=True)
        if counts
    ]
    every = list(dict.fromkeys(chain.from_iterable((*counts, *names) for _, counts, names in spoken)))
    keys = keys_of(every)
    holders = dict(zip(every, held(keys).tolist(), strict=True))
    worth = {term: _view(term, config) * statistics.rarity(number) ** config.rarity_power for term, number in holders.items()}
    parts = [(share, _counted(counts, names, holders, config)) for share, counts, names in spoken]
    whole = sum(share for share, _ in parts)
    weights: dict[str, float] = {}
    for share, counts in parts:
        bound = fsum(times * worth[term] for term, times in counts.items())  # exact, so in any order
        for term, times in counts.items():
            weights[term] = weights.get(term, 0.0) + share / whole * times * worth[term] / bound
    heaviest = nsmallest(config.max_query_terms, weights, key=lambda term: (-weights[term], term))
    key_of = dict(zip(every, keys.tolist(), strict=True))
    return tuple(WeightedTerm(term, key_of[term], round(weights[term] * FULL_WEIGHT)) for term in sorted(heaviest))


def _view(term: str, config: Config) -> float:
    """Return what a term counts beside a word of its own."""
    if is_beginning(term):
        return config.beginning_weight
    return config.sequence_weight if is_sequence(term) else 1.0
