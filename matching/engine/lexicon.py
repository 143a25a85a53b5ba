"""Names of the same thing in Chinese and English, so that a demand in one language finds what is described in the other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import add
from pathlib import Path
from typing import NamedTuple

from matching.engine.normalising import normalise
from matching.engine.tokenising import Reading, is_pair, is_single, terms

_FILE = Path(__file__).with_name("lexicon.txt")
_LONGEST_NAME = 100
# So many heads are looked for one by one.
_FEW = 32


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing by its names in Chinese, of which the first is the one it is known by, and in English."""

    chinese: tuple[str, ...]
    english: tuple[str, ...]

    @property
    def key(self) -> str:
        """The first Chinese name in its normal form: no two concepts of a table share it."""
        return normalise(self.chinese[0]).text.strip()


class Named(NamedTuple):
    """Where a text names something, in positions of the text as given, and which concepts the name stands for."""

    concepts: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True)
class Lexicon:
    """Which concepts a name stands for (electrolyte is both 电解液 and 电解质), and all terms of each concept's names.

    `heads` gives how long the names of unspaced scripts are that begin with these two characters, `first_stems` how many stems the others
    have that begin with this one, the greatest first: so a place of a text is looked up once for each length, however many names there are.
    """

    concepts_of: Mapping[str, frozenset[int]]
    heads: Mapping[str, tuple[int, ...]]
    phrases: Mapping[tuple[str, ...], frozenset[int]]
    first_stems: Mapping[str, tuple[int, ...]]
    terms_of: tuple[frozenset[str], ...]
    # A text can name a concept only if it holds all terms of one of these.
    signs_of: tuple[tuple[frozenset[str], ...], ...]
    # All terms of all names.
    known: frozenset[str]
    # Those of `heads` that are no terms, since another character than of an unspaced script stands in them (5G基站).
    mixed: frozenset[str]

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> "Lexicon":
        """Make a table of concepts ready to be looked up in."""
        concepts_of: defaultdict[str, set[int]] = defaultdict(set)
        of_stems: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        gathered: list[frozenset[str]] = []
        signs: list[tuple[frozenset[str], ...]] = []
        for number, concept in enumerate(concepts):
            for name in concept.chinese:
                concepts_of[normalise(name).text].add(number)
            for name in concept.english:
                of_stems[stems_of(name)].add(number)
            gathered.append(frozenset(chain.from_iterable(map(_telling, (*concept.chinese, *concept.english)))))
            signs.append((*map(_pairs_of, concept.chinese), *(frozenset(stems_of(name)) for name in concept.english)))
        heads = _lengths((name[:2], len(name)) for name in concepts_of)
        return cls(
            {name: frozenset(found) for name, found in concepts_of.items()},
            heads,
            {stems: frozenset(found) for stems, found in of_stems.items()},
            _lengths((stems[0], len(stems)) for stems in of_stems),
            tuple(gathered),
            tuple(signs),
            frozenset().union(*gathered),
            frozenset(head for head in heads if not is_pair(head) and not is_single(head)),
        )

    def named(self, reading: Reading) -> Iterator[Named]:
        """Yield what a text names; of names that overlap the first and longest counts."""
        original = reading.normal.original
        for start, end, name in self._unspaced(reading):
            yield Named(self.concepts_of[name], *original(start, end))
        for start, end, stems in self._spaced(reading):
            yield Named(self.phrases[stems], *original(start, end))

    def concepts_in(self, reading: Reading) -> Iterator[frozenset[int]]:
        """Yield the concepts of each place that `named` yields."""
        for _, _, name in self._unspaced(reading):
            yield self.concepts_of[name]
        for _, _, stems in self._spaced(reading):
            yield self.phrases[stems]

    def _spaced(self, reading: Reading) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        if self.first_stems.keys().isdisjoint(reading.held):
            return
        words = reading.stems()
        at = 0
        while at < len(words):
            after = at + 1
            for length in self.first_stems.get(words[at].stem, ()):
                stems = tuple([word.stem for word in words[at : at + length]])
                if stems in self.phrases:
                    after = at + len(stems)
                    yield words[at].start, words[after - 1].end, stems
                    break
            at = after

    def _unspaced(self, reading: Reading) -> Iterator[tuple[int, int, str]]:
        """Yield where a name of an unspaced script stands: what begins none costs the same in a table of any size."""
        normal = reading.normal.text
        if normal.isascii():  # every such name holds a character of such a script
            return
        heads, mixed, end = self.heads, self.mixed, 0
        if len(mixed) > _FEW:
            mixed = mixed & {*normal, *map(add, normal, normal[1:])}
        # All other heads are terms.
        present = {*(heads.keys() & reading.held), *(head for head in mixed if head in normal)}
        for at in sorted(set(chain.from_iterable(_found(head, normal) for head in present))):
            if at < end:
                continue
            for length in (*heads.get(normal[at : at + 2], ()), *heads.get(normal[at], ())):
                if (name := normal[at : at + length]) in self.concepts_of:
                    end = at + len(name)
                    yield at, end, name
                    break


def _found(head: str, text: str) -> Iterator[int]:
    at = text.find(head)
    while at >= 0:
        yield at
        at = text.find(head, at + 1)


def _lengths(found: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Return the lengths that stand beside each beginning, the greatest first."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for beginning, length in found:
        lengths[beginning].add(length)
    return {beginning: tuple(sorted(every, reverse=True)) for beginning, every in lengths.items()}


@cache
def shipped() -> tuple[Concept, ...]:
    """Return the concepts that come with the program, read once from lexicon.txt."""
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    sides = [[tuple(name.strip() for name in side.split(",")) for side in line.split("|")] for line in lines]
    return tuple(Concept(chinese, english) for chinese, english in sides)


@cache
def lexicon() -> Lexicon:
    """Return the table that comes with the program, ready to be looked up in."""
    return Lexicon.of(shipped())


def other_names(reading: Reading, table: Lexicon) -> Counter[str]:
    """Return the terms of the other names of what a text names, each as often as it is named."""
    named = Counter(chain.from_iterable(table.concepts_in(reading)))
    gathered: Counter[str] = Counter()
    for concept, times in named.items():
        for term in table.terms_of[concept]:
            gathered[term] = max(gathered[term], times)
    return gathered


def stems_of(name: str) -> tuple[str, ...]:
    """Return the words by which a name that is not in an unspaced script is found; nothing where it holds none that says something."""
    return tuple(word.stem for word in Reading.of(name, limit=len(name)).stems())


def _pairs_of(name: str) -> frozenset[str]:
    """Return the characters of unspaced scripts in a name and their pairs, which any text with this name in it holds."""
    return frozenset(term for term in terms(name, limit=_LONGEST_NAME) if is_single(term) or is_pair(term))


def _telling(name: str) -> list[str]:
    """Return the terms of a name; one of its characters says too little to stand for it, unless it is the whole name."""
    return [term for term in terms(name, limit=_LONGEST_NAME) if not is_single(term) or term == name]
