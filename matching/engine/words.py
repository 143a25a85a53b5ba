"""Words of demands that a reader would name, kept for the next supply that finds the same demand."""

from collections.abc import Sequence
from threading import Lock

# The texts of a query or a document, in the order of FIELDS.
Parts = tuple[str, str, str]
# A word a reader would name: what it weighs, turned round so that the weightiest come first, its text, and the term or all the terms that
# a text must hold to mention it. A bare tuple, for there are thousands.
Word = tuple[int, str, str | Sequence[str]]
# Words are kept of so many characters of demands in all, and of none that has more than so many. Each demand counts some beside its own.
MOST, _LONGEST, _EACH = 2**18, 2**12, 2**6


class KeptWords:
    """The words of demands by their texts; where these have become too long together, all are forgotten. Threads may share it."""

    def __init__(self) -> None:
        self._words: dict[Parts, Sequence[Word]] = {}
        self._characters = 0
        self._changing = Lock()

    def get(self, texts: Parts) -> Sequence[Word] | None:
        return self._words.get(texts)

    def keep(self, texts: Parts, words: Sequence[Word]) -> None:
        """Keep the words of a demand, unless it is very long; what two readers hand in counts once."""
        characters = sum(map(len, texts)) + _EACH
        if characters > _LONGEST:
            return
        with self._changing:
            if texts in self._words:
                return
            if self._characters + characters > MOST:
                self._forget()
            self._words[texts] = words
            self._characters += characters

    def forget(self) -> None:
        """Forget all, as a change of the corpus would."""
        with self._changing:
            self._forget()

    def _forget(self) -> None:
        self._words.clear()
        self._characters = 0
