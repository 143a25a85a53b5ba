"""Terms of a text and where each stands: Chinese as single characters and pairs, everything else as words, beginnings and sequences."""

import operator
import re
from collections.abc import Container, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import NamedTuple

import Stemmer

from matching.engine.normalising import Normalised, normalise

# Han with its extensions, kana and Hangul are written without spaces, so characters and pairs stand for words.
_UNSPACED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
# A word may hold the marks of codes and units inside (LiFePO4, pm2.5, si3n4-tin) and plus or sharp at its end (c++, c#).
_PIECE = re.compile(rf"([{_UNSPACED}]+)|([^\W_{_UNSPACED}]+(?:[.\-+#&][^\W_{_UNSPACED}]+)*[+#]*)")
# The same where every character is of ASCII, in lower case: several times faster.
_PLAIN_PIECE = re.compile(r"[a-z0-9]+(?:[.\-+#&][a-z0-9]+)*[+#]*")
_UNSPACED_ONLY = re.compile(f"[{_UNSPACED}]+")
_PART = re.compile(r"[^\W_]+")
_LONGEST_WORD = 64
# Words people use again are remembered: so many, none longer than this and none joined, which is at most 30 MiB whatever is read.
_REMEMBERED = 2**16
_LONGEST_REMEMBERED = 24
# The beginning of a long word joins what the stemmer leaves apart: oscillator, oscillation, oscillatory.
_BEGINNING = 5
_LONG_STEM = 7
_BEGINNING_MARK = "^"

# English words that say nothing about a subject. Chinese needs no list: frequent characters weigh next to nothing by themselves.
_SILENT = frozenset(
    re.findall(
        r"\w+",
        """a about above after again all also am an and any are as at be because been before being below between both but by can could
        did do does doing down during each few for from further had has have having he her here hers him his how i if in into is it
        its itself just me more most my no nor not now of off on once only or other our ours out over own same she should so some
        such than that the their theirs them then there these they this those through to too under until up very was we were what
        when where which while who whom why will with would you your yours""",
    )
)


class Token(NamedTuple):
    """A term and the positions start..end of the original text it was read from."""

    term: str
    start: int
    end: int


# A term with where it begins and ends, in bare tuples: thousands are made for one answer.
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Reading:
    """The beginning of a text in its normal form, cut once into pieces for all that is asked of it.

    A piece is a run of unspaced scripts, whose place in `cut` is None, or anything else, of which `cut` holds the words.
    """

    normal: Normalised
    pieces: Sequence[str]
    cut: Sequence["_Words | None"]

    @classmethod
    def of(cls, text: str, *, limit: int) -> "Reading":
        """Read the first `limit` characters of the text."""
        normal = normalise(text[:limit])
        if normal.text.isascii():
            plain = _PLAIN_PIECE.findall(normal.text)
            return cls(normal, plain, list(map(_KNOWN.__getitem__, plain)))
        found = _PIECE.findall(normal.text)
        return cls(normal, [run or piece for run, piece in found], [None if run else _KNOWN[piece] for run, piece in found])

    def says_anything(self) -> bool:
        """Tell whether there is any term."""
        return any(words is None or words for words in self.cut)

    @cached_property
    def terms(self) -> Sequence[str]:
        """The terms, in no particular order."""
        found: list[str] = []
        before = ""
        for piece, words in zip(self.pieces, self.cut, strict=True):
            if words is None:
                found += piece
                found += map(operator.add, piece, piece[1:])
                before = ""
                continue
            for word, _, _, in_a_row, beginning in words:
                found.append(word)
                if not in_a_row:
                    before = ""
                    continue
                if beginning:
                    found.append(beginning)
                if before:
                    found.append(f"{before} {word}")
                before = word
        return found

    @cached_property
    def held(self) -> AbstractSet[str]:
        """Each term once."""
        return set(self.terms)

    def places(self, only: Container[str] | None = None) -> list[Place]:
        """Return the terms (all, or only some) with their positions in the text as given."""
        found: list[Place] = []
        before: tuple[str, int] | None = None
        for start, piece, words in zip(self._starts, self.pieces, self.cut, strict=True):
            if words is None:
                pairs = map(operator.add, piece, piece[1:])
                if only is None:
                    found += [(term, at, at + 1) for at, term in enumerate(piece, start)]
                    found += [(term, at, at + 2) for at, term in enumerate(pairs, start)]
                else:
                    found += [(term, at, at + 1) for at, term in enumerate(piece, start) if term in only]
                    found += [(term, at, at + 2) for at, term in enumerate(pairs, start) if term in only]
                before = None
                continue
            for word, first, last, in_a_row, beginning in words:
                if only is None or word in only:
                    found.append((word, start + first, start + last))
                if not in_a_row:
                    before = None
                    continue
                if beginning and (only is None or beginning in only):
                    found.append((beginning, start + first, start + last))
                if before is not None:
                    sequence = f"{before[0]} {word}"
                    if only is None or sequence in only:
                        found.append((sequence, before[1], start + last))
                before = word, start + first
        return self._original(found)

    def words(self) -> list[Place]:
        """Return only the words that are not in an unspaced script, without their views, and where they stand in the text as given."""
        placed = zip(self._starts, self.cut, strict=True)
        return self._original([(word, start + first, start + last) for start, words in placed for word, first, last, _, _ in words or ()])

    def stems(self) -> list["Stem"]:
        """Return these words, of a joined one only its parts, where they stand in the normal form."""
        found: list[Stem] = []
        for start, words in zip(self._starts, self.cut, strict=True):
            if words:
                # A joined word comes before its parts and covers them.
                covered = len(words) > 1 and words[1].start < words[0].end
                found += [Stem(word.word, start + word.start, start + word.end) for word in words[covered:]]
        return found

    @cached_property
    def _starts(self) -> Sequence[int]:
        """Where each piece stands in the normal form: none begins in the gap before another."""
        text, at = self.normal.text, 0
        found: list[int] = []
        for piece in self.pieces:
            at = text.index(piece, at)
            found.append(at)
            at += len(piece)
        return found

    def _original(self, found: list[Place]) -> list[Place]:
        if self.normal.spans is None:
            return found
        return [(term, *self.normal.original(start, end)) for term, start, end in found]


def tokenise(text: str, *, limit: int) -> list[Token]:
    """Return the terms of the first `limit` characters of the text, with their positions in the text as given."""
    return list(starmap(Token, Reading.of(text, limit=limit).places()))


def terms(text: str, *, limit: int) -> list[str]:
    """Return only the terms of `tokenise`, in no particular order and several times faster."""
    return list(Reading.of(text, limit=limit).terms)


class Stem(NamedTuple):
    """A word as the stemmer leaves it, and where it stands in the normal form."""

    stem: str
    start: int
    end: int


class _Word(NamedTuple):
    """A word with its positions in a piece, whether it may stand in a sequence, and its beginning if it is long."""

    word: str
    start: int
    end: int
    in_a_row: bool
    beginning: str


_Words = tuple[_Word, ...]


class _Known(dict[str, _Words]):
    """The words of a piece: the whole where it is a code or joined, and the parts that say something.

    Those of short pieces that are not joined are remembered; where they have become too many, all are forgotten.
    """

    def __missing__(self, piece: str) -> _Words:
        words = _read(piece)
        if len(piece) <= _LONGEST_REMEMBERED and piece.isalnum():
            if len(self) >= _REMEMBERED:
                self.clear()
            self[piece] = words
        return words


_KNOWN = _Known()


def _read(piece: str) -> _Words:
    if piece.isalnum():
        return () if piece in _SILENT else (_word(piece[:_LONGEST_WORD], 0, len(piece)),)
    parts = list(_PART.finditer(piece))
    whole = _Word(piece[:_LONGEST_WORD], 0, len(piece), in_a_row=False, beginning="")
    if len(parts) == 1:
        return (whole,)  # c++ is not c
    # A lone letter or digit split off a code says nothing: 5 of pm2.5, t of don't.
    telling = (part for part in parts if part.group() not in _SILENT and part.end() - part.start() > 1)
    return (whole, *(_word(part.group()[:_LONGEST_WORD], part.start(), part.end()) for part in telling))


_STEMMER = Stemmer.Stemmer("english")


def _word(text: str, start: int, end: int) -> _Word:
    """Return an English word by its Snowball stem; anything with a digit or a foreign letter stays as it is."""
    word = str(_STEMMER.stemWord(text)) if text.isascii() and text.isalpha() else text
    in_a_row = word.isalpha()  # a code or a number breaks a sequence
    return _Word(word, start, end, in_a_row, _BEGINNING_MARK + word[:_BEGINNING] if in_a_row and len(word) >= _LONG_STEM else "")


def is_pair(term: str) -> bool:
    """Tell whether the term is a pair of characters of an unspaced script."""
    return len(term) == 2 and _UNSPACED_ONLY.fullmatch(term) is not None


def is_single(term: str) -> bool:
    """Tell whether the term is one character of an unspaced script, which says nothing to a reader by itself."""
    return len(term) == 1 and _UNSPACED_ONLY.fullmatch(term) is not None


def is_beginning(term: str) -> bool:
    """Tell whether the term is the beginning of a long word."""
    return term.startswith(_BEGINNING_MARK)


def is_sequence(term: str) -> bool:
    """Tell whether the term is two words in a row."""
    return " " in term


def is_view(term: str) -> bool:
    """Tell whether the term is a further view of words that are terms of their own, so that it adds nothing to a length."""
    return is_beginning(term) or is_sequence(term)


def views_of(found: Iterable[str]) -> list[str]:
    """Return which of the terms are views."""
    return [term for term in found if term[0] == _BEGINNING_MARK or " " in term]
