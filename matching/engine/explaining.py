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
from matching.engine.segment import MOST_TIMES
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, impacts
from matching.engine.stretches import merged
from matching.engine.tokenising import Token, is_view, terms, tokenise

_MOST_UNCOVERED = 32


def explain(index: Index, query: Query, hits: Sequence[Hit]) -> list[Explanation]:
    """Return one explanation per hit of `index.search(query)`: its terms and soft shares add up to the hit's score within 1e-9.

    The shares are computed from the document's own text, not from the scan, so the two check each other. What the words gave is shared out
    over the document's text (`terms`) and once more over the query's (`asked`).
    """
    if not hits:
        return []
    units = _units(index, query)
    where = Asked.of(query, units, index.lexicon, index.config)
    wanted = _Demand.of(index, query, units) if not query.offering else None
    offered = _mentioned(query.parts, index.lexicon, index.config) if query.offering else frozenset()
    explanations = []
    for hit in hits:
        shares, gains = _found(hit.document, units, index)
        if wanted is not None:
            uncovered = wanted.beyond(_mentioned(hit.document.fields, index.lexicon, index.config))
        else:
            uncovered = _demand_of(hit.document, index).beyond(offered)
        soft = tuple(SoftShare(name, share) for name, share in hit.soft.items())
        explanations.append(Explanation(shares, where.shares(gains), soft, uncovered))
    return explanations


def _units(index: Index, query: Query) -> dict[str, int]:
    return {term.term: term.units for term in index.weigh(query)}


def _found(document: Document, units: Mapping[str, int], index: Index) -> tuple[tuple[TermShare, ...], dict[str, float]]:
    """Return what each stretch of the document gave, and what each of the query's terms gained by it."""
    config = index.config
    read = [tokenise(text, limit=config.max_field_chars, only=units) for text in document.fields]
    times: Counter[str] = Counter()
    for tokens, weight in zip(read, config.field_weights, strict=True):
        for token in tokens:
            times[token.term] += weight
    gains = _gains(times, _length(document, config), units, index)
    # A term's gain is shared out evenly over the times it counts.
    each = {term: gain / times[term] for term, gain in gains.items()}
    shares: list[TermShare] = []
    for name, text, tokens, weight in zip(FIELDS, document.fields, read, config.field_weights, strict=True):
        shares.extend(merged(name, text, _stretches(tokens, each, weight)))
    return tuple(sorted(shares, key=lambda share: (-share.share, share.text, share.field))), gains


def _stretches(tokens: Sequence[Token], each: Mapping[str, float], weight: int) -> Iterable[tuple[int, int, float]]:
    return ((token.start, token.end, weight * each[token.term]) for token in tokens)


def _gains(times: Mapping[str, int], length: int, units: Mapping[str, int], index: Index) -> dict[str, float]:
    """Return what each term gives to a text of this length that holds it so many times."""
    config = index.config
    counted = np.minimum(np.fromiter(times.values(), dtype=np.int64, count=len(times)), MOST_TIMES)
    found = impacts(counted, np.full(len(times), length), index.statistics.usual_length, config)
    whole = config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT)
    return {term: whole * units[term] * gain for term, gain in zip(times, found.tolist(), strict=True)}


def _length(document: Document, config: Config) -> int:
    length = 0
    for text, weight in zip(document.fields, config.field_weights, strict=True):
        length += weight * sum(not is_view(term) for term in terms(text, limit=config.max_field_chars))
    return length


def _mentioned(texts: Iterable[str], table: Lexicon, config: Config) -> AbstractSet[str]:
    """Return the terms the texts hold, and those of other names for what they name."""
    found: set[str] = set()
    for text in texts:
        found.update(terms(text, limit=config.max_field_chars), equivalents(text, limit=config.max_field_chars, table=table))
    return found


@dataclass(frozen=True, slots=True)
class _Demand:
    """The words of a demand, the weightiest first."""

    words: Sequence[Word]

    @classmethod
    def of(cls, index: Index, query: Query, units: Mapping[str, int]) -> "_Demand":
        return cls(words_of(query, units, index.config))

    def beyond(self, mentioned: AbstractSet[str]) -> tuple[str, ...]:
        """Return the weightiest words that supply with these terms does not mention in full."""
        return tuple(word.text for word in self.words if not word.needed <= mentioned)[:_MOST_UNCOVERED]


def _demand_of(document: Document, index: Index) -> _Demand:
    """Read a demand that was found as what is asked for."""
    query = Query(*document.fields)
    return _Demand.of(index, query, _units(index, query))
