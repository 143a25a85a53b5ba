"""Immutable arrays that hold the term counts of some documents, term by term."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.engine.config import FIELDS
from matching.engine.documents import Document
from matching.engine.tokenising import terms

_TEXT_ATTRIBUTES = ("region_code", "industry_code", "kind")


class Vocabulary(dict[str, int]):
    """Term to column. It only grows, so an older snapshot may share it: what it does not know lies beyond its columns."""

    def columns_of(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return a column per word, making a new one for a word not seen before."""
        return np.fromiter((self.setdefault(word, len(self)) for word in words), dtype=np.int32, count=len(words))


@dataclass(frozen=True)
class Segment:
    """Documents and their counts: one column-compressed matrix (documents by terms) per field, so a term's postings are one slice."""

    documents: tuple[Document, ...]
    counts: tuple[Any, ...]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each document's id."""
        return {document.id: row for row, document in enumerate(self.documents)}

    @cached_property
    def ids(self) -> NDArray[np.str_]:
        return np.array([document.id for document in self.documents], dtype=np.str_)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Terms in each field (row of the result) of each document (column)."""
        return np.stack([np.asarray(matrix.sum(axis=1, dtype=np.int64)).reshape(-1) for matrix in self.counts])

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
    def width(self) -> int:
        return int(self.counts[0].shape[1])

    def presence(self) -> NDArray[np.int64]:
        """Return for each column how many documents hold the term in any field."""
        anywhere = self.counts[0]
        for matrix in self.counts[1:]:
            anywhere = anywhere + matrix
        return np.asarray(np.diff(anywhere.indptr), dtype=np.int64)


def build_segment(documents: Sequence[Document], vocabulary: Vocabulary, *, limit: int) -> Segment:
    """Count the terms of the documents, field by field, with scikit-learn; terms not seen before join the vocabulary."""
    # scikit-learn takes a second to load, and few processes ever build a segment.
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

    texts = [document.fields[field] for field in range(len(FIELDS)) for document in documents]
    counter = CountVectorizer(analyzer=lambda text: terms(text, limit=limit), dtype=np.uint16)
    try:
        counted = counter.fit_transform(texts).tocoo()
        columns = vocabulary.columns_of(counter.get_feature_names_out().tolist())
    except ValueError:  # scikit-learn's word for "no text here holds a term"
        counted, columns = sparse.coo_array((len(texts), 0), dtype=np.uint16), np.empty(0, dtype=np.int32)
    width, height = len(vocabulary), len(documents)
    stacked = sparse.csr_array((counted.data, (counted.row, columns[counted.col])), shape=(len(texts), width))
    return Segment(
        documents=tuple(documents),
        counts=tuple(stacked[field * height : (field + 1) * height].tocsc() for field in range(len(FIELDS))),
    )


def join_segments(parts: Sequence[tuple[Segment, NDArray[np.bool_]]], width: int) -> Segment:
    """Join what is alive of several segments into one, without reading a text again."""
    documents = tuple(
        document for segment, alive in parts for document, lives in zip(segment.documents, alive.tolist(), strict=True) if lives
    )
    counts = []
    for field in range(len(FIELDS)):
        rows = []
        for segment, alive in parts:
            kept = segment.counts[field].tocsr()[np.flatnonzero(alive)]
            rows.append(sparse.csr_array((kept.data, kept.indices, kept.indptr), shape=(kept.shape[0], width)))
        counts.append(sparse.vstack(rows, format="csc"))
    return Segment(documents=documents, counts=tuple(counts))
