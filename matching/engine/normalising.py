"""One form for every text, and the way back from it to the characters a person wrote."""

import unicodedata
from dataclasses import dataclass

# What carries no meaning and would split a word: zero-width characters, joiners, direction marks, byte order marks.
_INVISIBLE = frozenset({"Cf", "Cc"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in its normal form; `offsets` is None where both forms have the same positions."""

    text: str
    offsets: tuple[int, ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the positions in the original text that became positions start..end of the normal form."""
        if self.offsets is None or start >= end:
            return start, end
        return self.offsets[start], self.offsets[end]


def normalise(text: str) -> Normalised:
    """Return the text in NFKC and lower case without invisible characters, with a map back to the original positions."""
    if text.isascii():
        return Normalised(text.lower(), None)
    lowered = text.lower()
    if len(lowered) == len(text) and unicodedata.is_normalized("NFKC", lowered) and not any(map(_invisible, set(lowered))):
        return Normalised(lowered, None)
    return _mapped(text)


def _mapped(text: str) -> Normalised:
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        # A mark belongs to the letter before it: the two may compose into one character.
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        cluster = "".join(character for character in text[start:end] if not _invisible(character))
        # Twice, because lowering can undo the composition (İ becomes i and a dot).
        piece = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).lower())
        pieces.append(piece)
        offsets.extend([start] * len(piece))
        start = end
    # The end of a span is where the next piece starts, so one more position closes the map.
    return Normalised("".join(pieces), (*offsets, len(text)))


def _invisible(character: str) -> bool:
    return character not in "\n\t\r" and unicodedata.category(character) in _INVISIBLE
