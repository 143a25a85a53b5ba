"""Terms of a text and where each stands: Chinese as single characters and pairs, everything else as words."""

import operator
import re
from collections.abc import Iterator
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


def tokenise(text: str, *, limit: int) -> list[Token]:
    """Return the terms of the first `limit` characters of the text, with their positions in the text as it was given."""
    normal = normalise(text[:limit])
    found: list[Token] = []
    for piece in _PIECE.finditer(normal.text):
        start = piece.start()
        if piece.lastgroup == "unspaced":
            run = piece.group()
            found.extend(Token(run[at], start + at, start + at + 1) for at in range(len(run)))
            found.extend(Token(run[at : at + 2], start + at, start + at + 2) for at in range(len(run) - 1))
        else:
            found.extend(_words(piece.group(), start))
    if normal.spans is None:
        return found
    return [Token(token.term, *normal.original(token.start, token.end)) for token in found]


def terms(text: str, *, limit: int) -> list[str]:
    """Return only the terms of `tokenise`, in no particular order and several times faster."""
    found: list[str] = []
    for piece in _PIECE.finditer(normalise(text[:limit]).text):
        if piece.lastgroup == "unspaced":
            run = piece.group()
            found.extend(run)
            found.extend(map(operator.add, run, run[1:]))
        else:
            found.extend(token.term for token in _words(piece.group(), 0))
    return found


def _words(word: str, start: int) -> Iterator[Token]:
    parts = list(_PART.finditer(word))
    if len(parts) > 1 or parts[0].end() < len(word):
        yield Token(word[:_LONGEST_WORD], start, start + len(word))
    if len(parts) == 1 and parts[0].end() < len(word):
        return  # c++ is not c
    for part in parts:
        # A lone letter or digit split off a code says nothing: 5 of pm2.5, t of don't.
        if part.group() not in _SILENT and (len(parts) == 1 or part.end() - part.start() > 1):
            yield Token(_stem(part.group()[:_LONGEST_WORD]), start + part.start(), start + part.end())


_STEMMER = Stemmer.Stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """Return the Snowball stem of an English word; anything with a digit or a foreign letter stays as it is."""
    return str(_STEMMER.stemWord(word)) if word.isascii() and word.isalpha() else word


def is_pair(term: str) -> bool:
    """Tell whether the term is a pair of characters of an unspaced script."""
    return len(term) == 2 and _UNSPACED_ONLY.fullmatch(term) is not None


def is_single(term: str) -> bool:
    """Tell whether the term is one character of an unspaced script, which says nothing to a reader by itself."""
    return len(term) == 1 and _UNSPACED_ONLY.fullmatch(term) is not None
