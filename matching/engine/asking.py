"""What a query asks for and where: the places of its terms in the seeker's own text, and the words a reader would name."""

import operator
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import rjieba

from matching.engine.config import FIELDS, Config
from matching.engine.documents import Query, TermShare
from matching.engine.lexicon import Lexicon
from matching.engine.querying import WeightedTerm, telling_parts
from matching.engine.stretches import Stretch, merged
from matching.engine.tokenising import is_pair, is_single, is_view, terms, tokenise

Units = Mapping[str, int]
_PLAIN = re.compile("[\u4e00-\u9fff]+")


class _Place(NamedTuple):
    part: int
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a query asks for each of its terms: in its own words, or by another name of what the term belongs to."""

    texts: tuple[str, str, str]
    places: Mapping[str, list[_Place]]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, query: Query, weighed: Sequence[WeightedTerm], table: Lexicon, config: Config) -> "Asked":
        """Read the parts of the query as the ranking does; a place counts what its part of the query counts, by the mix in use."""
        factors = {term.term: term.factors for term in weighed}
        places: defaultdict[str, list[_Place]] = defaultdict(list)
        for number, (text, share) in enumerate(zip(telling_parts(query, config), config.query_weights, strict=True)):
            said = set()
            for token in tokenise(text, limit=config.max_field_chars, only=factors):
                said.add(token.term)
                places[token.term].append(_Place(number, token.start, token.end, share * factors[token.term][number]))
            for named in table.named(text, limit=config.max_field_chars):
                meant = frozenset().union(*(table.terms_of[concept] for concept in named.concepts))
                for term in meant.intersection(factors) - said:
                    weight = share * config.other_name_weight * factors[term][number]
                    places[term].append(_Place(number, named.start, named.end, weight))
        return cls(query.parts, places, {term: sum(place.weight for place in found) for term, found in places.items()})

    def shares(self, gains: Mapping[str, float]) -> tuple[TermShare, ...]:
        """Return what each stretch of the query brought, where each term gained so much; together they are what the terms gained."""
        stretches: tuple[list[Stretch], list[Stretch], list[Stretch]] = ([], [], [])
        for term, gain in gains.items():
            whole = self.weights[term]
            for part, start, end, weight in self.places[term]:
                if weight > 0.0:  # what counts nothing brought nothing
                    stretches[part].append((start, end, gain * weight / whole))
        found = [share for name, text, at in zip(FIELDS, self.texts, stretches, strict=True) for share in merged(name, text, at)]
        return tuple(sorted(found, key=lambda share: (-share.share, share.text, share.field)))


class Word(NamedTuple):
    """A word a reader would name, and the terms that a text must hold to mention it."""

    text: str
    needed: frozenset[str]


def words_of(query: Query, units: Units, config: Config) -> list[Word]:
    """Return the words of the query a reader would name, the weightiest first."""
    words: dict[str, Word] = {}
    spaced = {term for term in units if not (is_view(term) or is_single(term) or is_pair(term))}
    for text in telling_parts(query, config):
        # No word of ASCII holds a pair: most of an English text need not be read again.
        for word in dict.fromkeys(word for word in _cut(text) if not word.isascii()):
            pairs = frozenset(_pairs(word))
            if pairs:
                words.setdefault(word, Word(word, pairs))
        for token in tokenise(text, limit=config.max_field_chars, only=spaced):
            words.setdefault(token.term, Word(text[token.start : token.end], frozenset((token.term,))))
    return sorted(words.values(), key=lambda word: (-sum(units.get(term, 0) for term in word.needed), word.text))


def _pairs(word: str) -> Iterable[str]:
    # Han characters as the normal form has them are nearly all that comes: no need to look for anything else in them.
    return map(operator.add, word, word[1:]) if _PLAIN.fullmatch(word) else filter(is_pair, terms(word, limit=len(word)))


def _cut(text: str) -> list[str]:
    """Cut the text into words as a dictionary sees them, which the ranking does not need but a reader does."""
    # Half of a surrogate pair cannot be handed on; a mark takes its place.
    return list(rjieba.cut(text.encode("utf-8", "replace").decode("utf-8")))
