"""What a query asks for and where: the places of its terms in the seeker's own text, and the words a reader would name."""

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import rjieba

from matching.engine.config import FIELDS, Config
from matching.engine.documents import Query, TermShare
from matching.engine.lexicon import Lexicon
from matching.engine.stretches import Stretch, merged
from matching.engine.tokenising import Reading, is_pair, terms
from matching.engine.words import Word

Units = Mapping[str, int]
_PAIR = 2
_PLAIN = re.compile("[\u4e00-\u9fff]+")


# Which part of the query, where in it, and how much it counts there; a bare tuple, for there are thousands.
_Place = tuple[int, int, int, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a query asks for some of its terms: in its own words, or by another name of what the term belongs to."""

    texts: tuple[str, str, str]
    places: Mapping[str, list[_Place]]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, query: Query, told: Sequence[Reading], factors: Mapping[str, Sequence[float]], table: Lexicon, config: Config) -> "Asked":
        """Find the terms of `factors` in the parts of the query as the ranking reads them (`told`).

        A place counts what its part of the query counts, and by its term's factor there, which is that of the mix in use.
        """
        places: dict[str, list[_Place]] = {term: [] for term in factors}
        for number, (reading, share) in enumerate(zip(told, config.query_weights, strict=True)):
            said = factors.keys() & reading.held
            for term, start, end in reading.places(said) if said else ():
                places[term].append((number, start, end, share * factors[term][number]))
            unsaid = factors.keys() - said
            if unsaid.isdisjoint(table.known) or not reading.pieces:
                continue
            for named in table.named(reading):
                meant = frozenset().union(*(table.terms_of[concept] for concept in named.concepts))
                for term in meant & unsaid:
                    weight = share * config.other_name_weight * factors[term][number]
                    places[term].append((number, named.start, named.end, weight))
        return cls(query.parts, places, {term: sum([place[3] for place in found]) for term, found in places.items()})

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


_RANK = operator.itemgetter(0, 1)


def words_of(texts: Iterable[str], told: Iterable[Reading], units: Units) -> list[Word]:
    """Return the words of a query's telling parts that a reader would name, each once, the weightiest first: a word weighs what its
    different terms do. `units` holds the terms that count.
    """
    words: dict[str, Word] = {}
    for text, reading in zip(texts, told, strict=True):
        # No word of ASCII holds a pair: an English text need not be cut, and of another it is not read again.
        for word in () if text.isascii() else dict.fromkeys(_cut(text)):
            if word not in words and not word.isascii() and (pairs := _pairs(word)):
                words[word] = -sum([units.get(pair, 0) for pair in set(pairs)]), word, pairs[0] if len(pairs) == 1 else pairs
        for term, start, end in reading.words():
            if term not in words and term in units:
                words[term] = -units[term], text[start:end], term
    return sorted(words.values(), key=_RANK)


def uncovered(words: Iterable[Word], mentioned: AbstractSet[str]) -> Iterator[str]:
    """Yield the words that a text with these terms does not mention in full."""
    for _, text, needed in words:
        if needed not in mentioned if isinstance(needed, str) else not all(map(mentioned.__contains__, needed)):
            yield text


def _pairs(word: str) -> Sequence[str]:
    # Han characters as the normal form has them are nearly all that comes: no need to look for anything else in them.
    if _PLAIN.fullmatch(word):
        return (word,) if len(word) == _PAIR else list(map(operator.add, word, word[1:]))
    return list(filter(is_pair, terms(word, limit=len(word))))


def _cut(text: str) -> list[str]:
    """Cut the text into words as a dictionary sees them, which the ranking does not need but a reader does."""
    # Half of a surrogate pair cannot be handed on; a mark takes its place.
    return list(rjieba.cut(text.encode("utf-8", "replace").decode("utf-8")))
