"""Why a document was found: shares per readable stretch of words that add up to the score, and what supply does not mention of a demand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from matching.engine.asking import Asked, Word, words_of
from matching.engine.config import FIELDS, Config
from matching.engine.documents import Document, Explanation, Hit, Query, SoftShare, TermShare
from matching.engine.index import Index
from matching.engine.lexicon import Lexicon, equivalents
from matching.engine.querying import weigh
from matching.engine.segment import MOST_TIMES
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, impacts
from matching.engine.stretches import merged
from matching.engine.tokenising import Token, is_view, terms, tokenise

_MOST_UNCOVERED = 32


def explain(index: Index, query: Query, hits: Sequence[Hit], *, uncovered: bool = True) -> list[Explanation]:
    """Return one explanation per hit of `index.search(query)`: its terms and soft shares add up to the hit's score within 1e-9.

    The shares are computed from the document's own text, not from the scan, so the two check each other. What the words gave is shared out
    over the document's text (`terms`) and once more over the query's (`asked`). What is uncovered may be left out.
    """
    if not hits:
        return []
    weighed = index.weigh(query)
    units = {term.term: term.units for term in weighed}
    where = Asked.of(query, weighed, index.lexicon, index.config)
    judge = (_Offered if query.offering else _Wanted).of(index, query, units) if uncovered else None
    explanations = []
    for hit in hits:
        read = _Read.of(hit.document, units, index.config)
        gains = _gains(read, units, index)
        beyond = judge.beyond(hit.document, read.every) if judge else ()
        soft = tuple(SoftShare(name, share) for name, share in hit.soft.items())
        explanations.append(Explanation(read.shares(gains), where.shares(gains), soft, beyond))
    return explanations


@dataclass(frozen=True, slots=True)
class _Read:
    """A document as it was read once: the query's terms where they stand, how often each counts, all its terms, and its length."""

    document: Document
    weights: Sequence[int]
    tokens: Sequence[Sequence[Token]]
    times: Mapping[str, int]
    every: frozenset[str]
    length: int

    @classmethod
    def of(cls, document: Document, units: Mapping[str, int], config: Config) -> "_Read":
        tokens: list[list[Token]] = []
        times: dict[str, int] = {}
        everything: set[str] = set()
        length = 0
        for text, weight in zip(document.fields, config.field_weights, strict=True):
            every: list[str] = []
            found = tokenise(text, limit=config.max_field_chars, only=units, every=every)
            for token in found:
                times[token.term] = times.get(token.term, 0) + weight
            tokens.append(found)
            everything.update(every)
            length += weight * (len(every) - sum(map(is_view, every)))
        return cls(document, config.field_weights, tokens, times, frozenset(everything), length)

    def shares(self, gains: Mapping[str, float]) -> tuple[TermShare, ...]:
        """Return what each stretch of the document gave: a term's gain is shared out evenly over the times it counts."""
        each = {term: gain / self.times[term] for term, gain in gains.items()}
        found: list[TermShare] = []
        for name, text, tokens, weight in zip(FIELDS, self.document.fields, self.tokens, self.weights, strict=True):
            found += merged(name, text, [(start, end, weight * each[term]) for term, start, end in tokens])
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
    """A demand that was the query: its words, the weightiest first, and the concepts that other names of them belong to."""

    words: Sequence[Word]
    concepts: Sequence[int]
    table: Lexicon
    config: Config

    @classmethod
    def of(cls, index: Index, query: Query, units: Mapping[str, int]) -> "_Wanted":
        words = words_of(query, units, index.config)
        needed = frozenset().union(*(word.needed for word in words))
        table = index.lexicon
        concepts = [number for number, terms_ in enumerate(table.terms_of) if not needed.isdisjoint(terms_)]
        return cls(words, concepts, table, index.config)

    def beyond(self, document: Document, every: frozenset[str]) -> tuple[str, ...]:
        """Return the weightiest words that the document does not mention in full, by these or by other names."""
        signs = self.table.signs_of
        if any(sign <= every for concept in self.concepts for sign in signs[concept]):
            every = every.union(*_other_names(document.fields, self.table, self.config))
        return _beyond(self.words, every)


@dataclass(frozen=True, slots=True)
class _Offered:
    """Supply that was the query: what it mentions, by all names."""

    mentioned: AbstractSet[str]
    index: Index

    @classmethod
    def of(cls, index: Index, query: Query, units: Mapping[str, int]) -> "_Offered":
        held = (terms(text, limit=index.config.max_field_chars) for text in query.parts)
        return cls(frozenset().union(*held, *_other_names(query.parts, index.lexicon, index.config)), index)

    def beyond(self, document: Document, every: frozenset[str]) -> tuple[str, ...]:
        """Return the weightiest words of the demand that was found which the supply does not mention in full."""
        demand, index = Query(*document.fields), self.index
        units = {term.term: term.units for term in weigh(index.parted(demand), index.statistics, index.config)}
        return _beyond(words_of(demand, units, index.config), self.mentioned)


def _beyond(words: Sequence[Word], mentioned: AbstractSet[str]) -> tuple[str, ...]:
    return tuple(word.text for word in words if not word.needed <= mentioned)[:_MOST_UNCOVERED]


def _other_names(texts: Iterable[str], table: Lexicon, config: Config) -> list[Counter[str]]:
    return [equivalents(text, limit=config.max_field_chars, table=table) for text in texts]
