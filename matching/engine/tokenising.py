"""Terms of a text and where each stands: Chinese as single characters and pairs, everything else as words, beginnings and sequences."""

import operator
import re
from collections.abc import Container
from functools import lru_cache
from typing import NamedTuple

import Stemmer

from matching.engine.normalising import normalise

# Han with its extensions, kana and Hangul are written without spaces, so characters and pairs stand for words.
_UNSPACED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
# A word may hold the marks of codes and units inside (LiFePO4, pm2.5, si3n4-tin) and plus or sharp at its end (c++, c#).
_PIECE = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:(?![{_UNSPACED}])[^\W_])+(?:[.\-+#&](?:(?![{_UNSPACED}])[^\W_])+)*[+#]*)")
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


def tokenise(text: str, *, limit: int, only: Container[str] | None = None, every: list[str] | None = None) -> list[Token]:
    """Return the terms (all, or only some) of the first `limit` characters of the text, with their positions in the text as given.

    What `terms` would return is added to `every` in the same reading, for whoever needs both.
    """
    normal = normalise(text[:limit])
    found: list[Token] = []
    read: list[str] = [] if every is None else every
    before: tuple[str, int] | None = None
    for piece in _PIECE.finditer(normal.text):
        start = piece.start()
        if piece.lastgroup == "unspaced":
            run = piece.group()
            for length, here in ((1, list(run)), (2, list(map(operator.add, run, run[1:])))):
                read += here
                found += [Token(term, at, at + length) for at, term in enumerate(here, start) if only is None or term in only]
            before = None
            continue
        for word, first, last, in_a_row, beginning in _words(piece.group()):
            read.append(word)
            if only is None or word in only:
                found.append(Token(word, start + first, start + last))
            if beginning:
                read.append(beginning)
                if only is None or beginning in only:
                    found.append(Token(beginning, start + first, start + last))
            if in_a_row and before is not None:
                sequence = f"{before[0]} {word}"
                read.append(sequence)
                if only is None or sequence in only:
                    found.append(Token(sequence, before[1], start + last))
            before = (word, start + first) if in_a_row else None
    if normal.spans is None:
        return found
    return [Token(term, *normal.original(start, end)) for term, start, end in found]


def terms(text: str, *, limit: int) -> list[str]:
    """Return only the terms of `tokenise`, in no particular order and several times faster."""
    found: list[str] = []
    before = ""
    for run, piece in _PIECE.findall(normalise(text[:limit]).text):
        if run:
            found.extend(run)
            found.extend(map(operator.add, run, run[1:]))
            before = ""
            continue
        for word, _, _, in_a_row, beginning in _words(piece):
            found.append(word)
            if beginning:
                found.append(beginning)
            if in_a_row and before:
                found.append(f"{before} {word}")
            before = word if in_a_row else ""
    return found


class Stem(NamedTuple):
    """A word as the stemmer leaves it, and where it stands in the normal form."""

    stem: str
    start: int
    end: int


def placed_stems(normal: str) -> list[Stem]:
    """Return the words of a text in its normal form that are not in an unspaced script, in their order; of a joined word only its parts."""
    found: list[Stem] = []
    for piece in _PIECE.finditer(normal):
        if piece.lastgroup == "word":
            words = _words(piece.group())
            # A joined word comes before its parts and covers them.
            covered = len(words) > 1 and words[1].start < words[0].end
            found.extend(Stem(word.word, piece.start() + word.start, piece.start() + word.end) for word in words[covered:])
    return found


class _Word(NamedTuple):
    """A word with its positions in a piece, whether it may stand in a sequence, and its beginning if it is long."""

    word: str
    start: int
    end: int
    in_a_row: bool
    beginning: str


def _words(piece: str) -> tuple[_Word, ...]:
    """Return the words of a piece: the whole where it is a code or joined, and the parts that say something."""
    return _remembered(piece) if len(piece) <= _LONGEST_REMEMBERED and piece.isalnum() else _read(piece)


def _read(piece: str) -> tuple[_Word, ...]:
    if piece.isalnum():
        return () if piece in _SILENT else (_word(piece[:_LONGEST_WORD], 0, len(piece)),)
    parts = list(_PART.finditer(piece))
    whole = _Word(piece[:_LONGEST_WORD], 0, len(piece), in_a_row=False, beginning="")
    if len(parts) == 1:
        return (whole,)  # c++ is not c
    # A lone letter or digit split off a code says nothing: 5 of pm2.5, t of don't.
    telling = (part for part in parts if part.group() not in _SILENT and part.end() - part.start() > 1)
    return (whole, *(_word(part.group()[:_LONGEST_WORD], part.start(), part.end()) for part in telling))


_remembered = lru_cache(maxsize=_REMEMBERED)(_read)

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
