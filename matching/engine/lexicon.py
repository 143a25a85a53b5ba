"""Names of the same thing in Chinese and English, so that a demand in one language finds what is described in the other."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from matching.engine.normalising import normalise
from matching.engine.tokenising import is_single, stems, terms

_FILE = Path(__file__).with_name("lexicon.txt")


@dataclass(frozen=True)
class Lexicon:
    """Which concepts a name stands for (electrolyte is both 电解液 and 电解质), and all terms of each concept's names."""

    unspaced: re.Pattern[str]
    concepts_of: dict[str, set[int]]
    # By the first stem: the longest phrases come first.
    phrases: dict[str, list[tuple[tuple[str, ...], set[int]]]]
    terms_of: tuple[frozenset[str], ...]


@cache
def lexicon() -> Lexicon:
    """Return the table, read once from lexicon.txt."""
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    concepts_of: defaultdict[str, set[int]] = defaultdict(set)
    concepts_of_stems: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    gathered: list[frozenset[str]] = []
    for number, line in enumerate(lines):
        chinese, english = ([name.strip() for name in side.split(",")] for side in line.split("|"))
        for name in chinese:
            concepts_of[normalise(name).text].add(number)
        for name in english:
            concepts_of_stems[tuple(stems(normalise(name).text))].add(number)
        gathered.append(frozenset(chain.from_iterable(map(_telling, (*chinese, *english)))))
    phrases: defaultdict[str, list[tuple[tuple[str, ...], set[int]]]] = defaultdict(list)
    for phrase in sorted(concepts_of_stems, key=len, reverse=True):
        phrases[phrase[0]].append((phrase, concepts_of_stems[phrase]))
    pattern = "|".join(re.escape(name) for name in sorted(concepts_of, key=lambda name: (-len(name), name)))
    return Lexicon(re.compile(pattern), dict(concepts_of), dict(phrases), tuple(gathered))


def equivalents(text: str, *, limit: int) -> Counter[str]:
    """Return the terms of the other names of what the text names, each as often as it is named."""
    table = lexicon()
    named: Counter[int] = Counter()
    normal = normalise(text[:limit]).text
    for name in table.unspaced.finditer(normal):
        named.update(table.concepts_of[name.group()])
    words = stems(normal)
    at = 0
    while at < len(words):
        length = 1
        for phrase, concepts in table.phrases.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                named.update(concepts)
                length = len(phrase)
                break
        at += length
    found: Counter[str] = Counter()
    for concept, times in named.items():
        for term in table.terms_of[concept]:
            found[term] = max(found[term], times)
    return found


def _telling(name: str) -> list[str]:
    """Return the terms of a name; one of its characters says too little to stand for it, unless it is the whole name."""
    return [term for term in terms(name, limit=100) if not is_single(term) or term == name]
