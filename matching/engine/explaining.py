"""Why a document was found: shares per readable stretch of words that add up to the score, and what supply does not mention of a demand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice

import numpy as np

from matching.engine.asking import Asked, words_of
from matching.engine.asking import uncovered as uncovered_of
from matching.engine.config import FIELDS, Config
from matching.engine.documents import Document, Explanation, Hit, Query, SoftShare, TermShare
from matching.engine.index import Index
from matching.engine.lexicon import Lexicon, other_names
from matching.engine.querying import Told, units_of
from matching.engine.segment import MOST_TIMES
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, impacts
from matching.engine.stretches import merged
from matching.engine.tokenising import Place, Reading, views_of
from matching.engine.words import Word

_MOST_UNCOVERED = 32
# So many documents are read before the query is looked through for what they hold: that bounds the memory.
_TOGETHER = 16


def explain(index: Index, query: Query, hits: Sequence[Hit], *, uncovered: bool = True) -> list[Explanation]:
    """Return one explanation per hit of `index.search(query)`: its terms and soft shares add up to the hit's score within 1e-9.

    The shares are computed from the document's own text, not from the scan, so the two check each other. What the words gave is shared out
    over the document's text (`terms`) and once more over the query's (`asked`). What is uncovered may be left out.
    """
    if not hits:
        return []
    told, weighted = index.read(query)
    units = {term.term: term.units for term in weighted}
    factors = {term.term: term.factors for term in weighted}
    judge = (_Offered if query.offering else _Wanted).of(index, query, told, units) if uncovered else None
    explanations = []
    for start in range(0, len(hits), _TOGETHER):
        some = hits[start : start + _TOGETHER]
        read = [_Read.of(hit.document, units, index.config) for hit in some]
        gained = [_gains(one, units, index) for one in read]
        where = Asked.of(query, told.readings, {term: factors[term] for term in set().union(*gained)}, index.lexicon, index.config)
        for hit, one, gains in zip(some, read, gained, strict=True):
            beyond = judge.beyond(one) if judge else ()
            soft = tuple(SoftShare(name, share) for name, share in hit.soft.items())
            explanations.append(Explanation(one.shares(gains), where.shares(gains), soft, beyond))
    return explanations


@dataclass(frozen=True, slots=True)
class _Read:
    """A document as it was read once: the query's terms where they stand, how often each counts, all its terms, and its length."""

    document: Document
    weights: Sequence[int]
    readings: Sequence[Reading]
    places: Sequence[Sequence[Place]]
    times: Mapping[str, int]
    every: set[str]
    length: int

    @classmethod
    def of(cls, document: Document, units: Mapping[str, int], config: Config) -> "_Read":
        readings = [Reading.of(text, limit=config.max_field_chars) for text in document.fields]
        places: list[list[Place]] = []
        times: dict[str, int] = {}
        every: set[str] = set()
        length = 0
        for reading, weight in zip(readings, config.field_weights, strict=True):
            found = reading.terms
            held = reading.held
            sought = units.keys() & held
            here = reading.places(sought) if sought else []
            for term, _, _ in here:
                times[term] = times.get(term, 0) + weight
            places.append(here)
            every |= held
            length += weight * (len(found) - len(views_of(found)))
        return cls(document, config.field_weights, readings, places, times, every, length)

    def shares(self, gains: Mapping[str, float]) -> tuple[TermShare, ...]:
        """Return what each stretch of the document gave: a term's gain is shared out evenly over the times it counts."""
        each = {term: gain / self.times[term] for term, gain in gains.items()}
        found: list[TermShare] = []
        for name, text, places, weight in zip(FIELDS, self.document.fields, self.places, self.weights, strict=True):
            found += merged(name, text, [(start, end, weight * each[term]) for term, start, end in places])
        return tuple(sorted(found, key=lambda share: (-share.share, share.text, share.field)))


def _gains(read: _Read, units: Mapping[str, int], index: Index) -> dict[str, float]:
    """Return what each of the query's terms gains by the document."""
    config = index.config
    counted = np.minimum(np.fromiter(read.times.values(), dtype=np.int64, count=len(read.times)), MOST_TIMES)
    found = impacts(counted, np.full(len(counted), read.length), index.statistics.usual_length, config)
    whole = config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT)
    return {term: whole * units[term] * gain for term, gain in zip(read.times, found.tolist(), strict=True)}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A demand that was the query: its words, and the concepts that other names of them belong to."""

    words: Sequence[Word]
    concepts: Sequence[int]
    table: Lexicon

    @classmethod
    def of(cls, index: Index, query: Query, told: Told, units: Mapping[str, int]) -> "_Wanted":
        words, table = words_of(told.texts, told.readings, units), index.lexicon
        needed = frozenset().union(*((needed,) if isinstance(needed, str) else needed for _, _, needed in words))
        named = () if needed.isdisjoint(table.known) else enumerate(table.terms_of)
        return cls(words, [number for number, terms_ in named if not needed.isdisjoint(terms_)], table)

    def beyond(self, read: _Read) -> tuple[str, ...]:
        """Return the weightiest words that the document does not mention in full, by these or by other names."""
        every, signs = read.every, self.table.signs_of
        if any(sign <= every for concept in self.concepts for sign in signs[concept]):
            every = every.union(*_other_names(read.readings, self.table))
        return _beyond(self.words, every)


@dataclass(frozen=True, slots=True)
class _Offered:
    """Supply that was the query: what it mentions, by all names."""

    mentioned: AbstractSet[str]
    index: Index

    @classmethod
    def of(cls, index: Index, query: Query, told: Told, units: Mapping[str, int]) -> "_Offered":
        readings = told.as_given(query, index.config)
        return cls(frozenset().union(*(reading.terms for reading in readings), *_other_names(readings, index.lexicon)), index)

    def beyond(self, read: _Read) -> tuple[str, ...]:
        """Return the weightiest words of the demand that was found which the supply does not mention in full."""
        known = self.index.demands
        words = known.get(read.document.fields)
        if words is None:
            told = Told.of(Query(*read.document.fields), self.index.config, read.readings)
            words = words_of(told.texts, told.readings, units_of(self.index.parted_of(told), self.index.config))
            known.keep(read.document.fields, words)
        return _beyond(words, self.mentioned)


def _beyond(words: Sequence[Word], mentioned: AbstractSet[str]) -> tuple[str, ...]:
    return tuple(islice(uncovered_of(words, mentioned), _MOST_UNCOVERED))


def _other_names(readings: Iterable[Reading], table: Lexicon) -> list[Counter[str]]:
    return [other_names(reading, table) for reading in readings]
