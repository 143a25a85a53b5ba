"""Immutable arrays that hold the term counts of some documents, term by term."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config
from matching.engine.documents import Document
from matching.engine.statistics import impacts
from matching.engine.tokenising import is_view, terms

_TEXT_ATTRIBUTES = ("region_code", "industry_code", "kind")
_BATCH = 2_000
MOST_TIMES = np.iinfo(np.uint8).max


class Vocabulary(dict[str, int]):
    """Term to column. It only grows, so an older snapshot may share it: what it does not know lies beyond its columns."""

    def columns_of(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return a column per word, making a new one for a word not seen before."""
        return np.fromiter((self.setdefault(word, len(self)) for word in words), dtype=np.int32, count=len(words))


@dataclass(frozen=True)
class Segment:
    """Documents and their weighted counts, term by term: the postings of columns[i] are rows[starts[i]:starts[i+1]] and so `times`.

    `lengths` are the weighted counts of words per document; beginnings and sequences are not counted again.
    """

    documents: tuple[Document, ...]
    columns: NDArray[np.int32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    _impacts: dict[int, NDArray[np.uint8]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each document's id."""
        return {document.id: row for row, document in enumerate(self.documents)}

    @cached_property
    def ids(self) -> NDArray[np.str_]:
        return np.array([document.id for document in self.documents], dtype=np.str_)

    @cached_property
    def readiness(self) -> NDArray[np.int16]:
        return np.array([document.readiness for document in self.documents], dtype=np.int16)

    @cached_property
    def _holders(self) -> dict[str, dict[str, NDArray[np.bool_]]]:
        holders: dict[str, dict[str, NDArray[np.bool_]]] = {name: {} for name in _TEXT_ATTRIBUTES}
        for row, document in enumerate(self.documents):
            for name in _TEXT_ATTRIBUTES:
                value = document.text_attribute(name)
                if value is not None:
                    holders[name].setdefault(value, np.zeros(len(self.documents), dtype=np.bool_))[row] = True
        return holders

    def holding(self, name: str, value: str) -> NDArray[np.bool_]:
        """Return the bitmap of the documents whose attribute `name` equals `value`."""
        bitmap = self._holders[name].get(value)
        return bitmap if bitmap is not None else np.zeros(len(self.documents), dtype=np.bool_)

    @property
    def presence(self) -> NDArray[np.int64]:
        """How many documents hold the term of each of `columns`."""
        return np.diff(self.starts)

    @property
    def array_bytes(self) -> int:
        """Memory of the arrays, with the impacts that were worked out."""
        stored: list[NDArray[np.generic]] = [self.columns, self.starts, self.rows, self.times, self.lengths, *self._impacts.values()]
        return sum(array.nbytes for array in stored)

    def impacts(self, usual_length: int, config: Config) -> NDArray[np.uint8]:
        """Return what each posting gives, worked out once for a usual length; only the latest is kept."""
        known = self._impacts.get(usual_length)
        if known is None:
            known = impacts(self.times, self.lengths[self.rows], usual_length, config)
            self._impacts.clear()
            self._impacts[usual_length] = known
        return known


def document_terms(document: Document, config: Config) -> Iterator[str]:
    """Yield the document's terms, those of each field as many times as the field counts."""
    for weight, text in zip(config.field_weights, document.fields, strict=True):
        if text:
            found = terms(text, limit=config.max_field_chars)
            for _ in range(weight):
                yield from found


def build_segment(documents: Sequence[Document], vocabulary: Vocabulary, config: Config) -> Segment:
    """Count the terms of the documents with scikit-learn; terms not seen before join the vocabulary."""
    postings, lengths = [], []
    for first in range(0, len(documents), _BATCH):
        columns, rows, times, long = _counted(documents[first : first + _BATCH], vocabulary, config)
        postings.append((columns, rows + first, times))
        lengths.append(long)
    return _by_term(tuple(documents), postings, lengths)


def _counted(documents: Sequence[Document], vocabulary: Vocabulary, config: Config) -> tuple[NDArray[np.integer], ...]:
    """Return column, row and count of each posting, document by document, and the documents' lengths."""
    # scikit-learn takes a second to load, and few processes ever build a segment.
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

    read = [list(document_terms(document, config)) for document in documents]
    words = list(dict.fromkeys(chain.from_iterable(read)))
    if not words:
        nothing = np.empty(0, dtype=np.int32)
        return nothing, nothing, nothing, np.zeros(len(documents), dtype=np.int32)
    # A vocabulary given beforehand spares scikit-learn its sorting of all words, which would take longer than the counting.
    known = {word: number for number, word in enumerate(words)}
    counted = CountVectorizer(analyzer=_as_it_is, vocabulary=known, dtype=np.int32).transform(read)
    lengths = counted @ np.fromiter((not is_view(word) for word in words), dtype=np.int32, count=len(words))
    rows = np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(counted.indptr))
    return vocabulary.columns_of(words)[counted.indices], rows, counted.data, lengths


def _as_it_is(terms: list[str]) -> list[str]:
    return terms


def join_segments(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Join what is alive of several segments into one, without reading a text again."""
    documents = tuple(
        document for segment, alive in parts for document, lives in zip(segment.documents, alive.tolist(), strict=True) if lives
    )
    postings, before = [], 0
    for segment, alive in parts:
        kept = alive[segment.rows]
        moved = np.cumsum(alive) - 1 + before
        postings.append((np.repeat(segment.columns, segment.presence)[kept], moved[segment.rows[kept]], segment.times[kept]))
        before += int(alive.sum())
    return _by_term(documents, postings, [segment.lengths[alive] for segment, alive in parts])


def _by_term(
    documents: tuple[Document, ...], postings: Sequence[tuple[NDArray[np.integer], ...]], lengths: Sequence[NDArray[np.integer]]
) -> Segment:
    """Sort postings given as columns, rows and counts by their columns; the rows of a term stay in the order in which they come."""
    columns, rows, times = (np.concatenate([part[number] for part in postings]) for number in range(3))
    order = np.argsort(columns, kind="stable")
    present, starts = np.unique(columns[order], return_index=True)
    return Segment(
        documents=documents,
        columns=present.astype(np.int32),
        starts=np.append(starts, len(columns)).astype(np.int64),
        rows=rows[order].astype(np.int32),
        times=np.minimum(times[order], MOST_TIMES).astype(np.uint8),
        lengths=np.concatenate(lengths).astype(np.int32),
    )
