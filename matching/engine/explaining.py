"""Why a document was found: shares per readable stretch of words that add up to the score, and what the document does not mention."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import rjieba

from matching.engine.building import document_terms
from matching.engine.config import FIELDS, Config
from matching.engine.documents import Document, Explanation, Hit, Query, SoftShare, TermShare
from matching.engine.index import Index
from matching.engine.lexicon import equivalents
from matching.engine.querying import telling_parts
from matching.engine.segment import MOST_TIMES
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, impacts
from matching.engine.tokenising import Token, is_pair, is_single, is_view, terms, tokenise

_MOST_UNCOVERED = 8


def explain(index: Index, query: Query, hits: Sequence[Hit]) -> list[Explanation]:
    """Return one explanation per hit of `index.search(query)`: its terms and soft shares add up to the hit's score within 1e-9.

    The shares are computed from the document's own text, not from the scan, so the two check each other.
    """
    weighted = index.weigh(query)
    units = {term.term: term.units for term in weighted}
    asked = _asked(query, units, index.config)
    explanations = []
    for hit in hits:
        shares, mentioned = _term_shares(hit.document, units, index)
        soft = tuple(SoftShare(name, share) for name, share in hit.soft.items())
        explanations.append(Explanation(shares, soft, _uncovered(asked, mentioned)))
    return explanations


def _term_shares(document: Document, units: Mapping[str, int], index: Index) -> tuple[tuple[TermShare, ...], set[str]]:
    config = index.config
    times = Counter(document_terms(document, config))
    length = sum(count for term, count in times.items() if not is_view(term))
    matched = [term for term in times if term in units]
    counted = np.array([times[term] for term in matched], dtype=np.int64)
    gained = impacts(np.minimum(counted, MOST_TIMES), np.full(len(matched), length), index.statistics.usual_length, config)
    whole = config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT)
    # A term's gain is shared out evenly over the times it counts.
    each = {term: whole * units[term] * int(gain) / times[term] for term, gain in zip(matched, gained.tolist(), strict=True)}
    shares: list[TermShare] = []
    for name, text, weight in zip(FIELDS, document.fields, config.field_weights, strict=True):
        shares.extend(_merged(name, text, tokenise(text, limit=config.max_field_chars, only=units), each, weight))
    return tuple(sorted(shares, key=lambda share: (-share.share, share.text, share.field))), _mentioned(document, times, config)


def _mentioned(document: Document, times: Mapping[str, int], config: Config) -> set[str]:
    """Return the terms the document holds, and those of other names for what it names."""
    return set(times).union(*(equivalents(text, limit=config.max_field_chars) for text in document.fields))


def _merged(field: str, text: str, matched: Sequence[Token], each: Mapping[str, float], weight: int) -> Iterable[TermShare]:
    """Merge tokens that overlap into one stretch, and equal stretches into one share, so people read words and not pairs of characters."""
    stretches: list[tuple[int, int, float]] = []
    for token in sorted(matched, key=lambda token: (token.start, -token.end)):
        gain = weight * each[token.term]
        if stretches and token.start < stretches[-1][1]:
            start, end, sum_ = stretches[-1]
            stretches[-1] = (start, max(end, token.end), sum_ + gain)
        else:
            stretches.append((token.start, token.end, gain))
    gathered: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    for stretch in stretches:
        gathered[text[stretch[0] : stretch[1]]].append(stretch)
    for words, places in gathered.items():
        yield TermShare(words, sum(gain for _, _, gain in places), field, tuple((start, end) for start, end, _ in places))


def _asked(query: Query, units: Mapping[str, int], config: Config) -> list[tuple[str, frozenset[str]]]:
    """Return the words of the query a reader would name, the weightiest first, each with the terms it consists of."""
    words: dict[str, tuple[str, frozenset[str]]] = {}
    spaced = {term for term in units if not (is_view(term) or is_single(term) or is_pair(term))}
    for text in telling_parts(query, config):
        for word in dict.fromkeys(_words(text)):
            pairs = frozenset(filter(is_pair, terms(word, limit=len(word))))
            if pairs:
                words.setdefault(word, (word, pairs))
        for token in tokenise(text, limit=config.max_field_chars, only=spaced):
            words.setdefault(token.term, (text[token.start : token.end], frozenset((token.term,))))
    return sorted(words.values(), key=lambda word: (-sum(units.get(term, 0) for term in word[1]), word[0]))


def _uncovered(asked: Sequence[tuple[str, frozenset[str]]], mentioned: set[str]) -> tuple[str, ...]:
    """Return the weightiest words of the query that the document does not mention in full."""
    return tuple(word for word, needed in asked if not needed <= mentioned)[:_MOST_UNCOVERED]


def _words(text: str) -> list[str]:
    """Cut the text into words as a dictionary sees them, which the ranking does not need but a reader does."""
    # Half of a surrogate pair cannot be handed on; a mark takes its place.
    return list(rjieba.cut(text.encode("utf-8", "replace").decode("utf-8")))
