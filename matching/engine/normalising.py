"""One form for every text, and the way back from it to the characters a person wrote."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its normal form; `spans` says where each character came from, None where both forms have the same positions."""

    text: str
    spans: tuple[tuple[int, int], ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the positions in the original text that became positions start..end of the normal form."""
        if self.spans is None:
            return start, end
        return self.spans[start][0], self.spans[end - 1][1]


def normalise(text: str) -> Normalised:
    """Return the text in NFKC and lower case without invisible characters, with a map back to the original positions."""
    if text.isascii():
        return Normalised(text.lower(), None)
    if _all_plain(present := set(text)):
        return Normalised(_changed(text, present), None)
    return _mapped(text)


# Characters of which each is known to stand for one, and to join none before it; and which of them do not stand for themselves.
_PLAIN: set[str] = set()
_CHANGED: set[str] = set()
_MOST_REMEMBERED = 2**15
# Measured: so many different characters are changed one after the other before looking up each of the text costs less.
_FEW = 32


def _changed(text: str, present: set[str]) -> str:
    """Return the text with every character in its normal form, which has no other normal form in its turn: so the order is no matter."""
    changed = present if len(_PLAIN) >= _MOST_REMEMBERED else present & _CHANGED
    if len(changed) > _FEW:
        return text.translate(_PIECES)
    for character in changed:
        text = text.replace(character, _PIECES[ord(character)])
    return text


def _all_plain(characters: set[str]) -> bool:
    new = characters - _PLAIN
    if any(map(unicodedata.combining, new)) or any(len(_PIECES[ord(character)]) != 1 for character in new):
        return False
    if len(_PLAIN) < _MOST_REMEMBERED:
        _CHANGED.update(character for character in new if _PIECES[ord(character)] != character)
        _PLAIN.update(new)
    return True


def _mapped(text: str) -> Normalised:
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        # A mark belongs to the letter before it: the two may compose into one character.
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = _piece(text[start:end]) if end > start + 1 else _PIECES[ord(text[start])]
        pieces.append(piece)
        spans.extend([(start, end)] * len(piece))
        start = end
    return Normalised("".join(pieces), tuple(spans))


def _piece(cluster: str) -> str:
    visible = "".join(character for character in cluster if not _invisible(character))
    # Twice, because lowering can undo the composition (İ becomes i and a dot).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).lower())


def _invisible(character: str) -> bool:
    """Tell whether the character carries no meaning and would split a word: zero-width ones, joiners, direction and byte order marks."""
    return unicodedata.category(character) == "Cf"


class _Pieces(dict[int, str]):
    """The normal form of single characters, worked out when first met, and remembered of as many as people use."""

    def __missing__(self, code: int) -> str:
        piece = _piece(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = piece
        return piece


_PIECES = _Pieces()
