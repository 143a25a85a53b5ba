"""From documents to a segment, and from several segments to one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.engine.attributes import Attributes
from matching.engine.config import Config
from matching.engine.documents import Document
from matching.engine.keys import Keys, keys_of
from matching.engine.segment import MOST_TIMES, Segment, encoded
from matching.engine.tokenising import is_view, terms

# Measured: up to so many postings are sorted faster by comparing them.
_FEW = 3_000
# So many terms are counted at a time, however long the documents are.
_BATCH_TERMS = 500_000


def document_terms(document: Document, config: Config) -> Iterator[str]:
    """Yield the document's terms, those of each field as many times as the field counts."""
    for weight, text in zip(config.field_weights, document.fields, strict=True):
        if text:
            found = terms(text, limit=config.max_field_chars)
            for _ in range(weight):
                yield from found


class _Counts(NamedTuple):
    """Postings in any order: which of `terms` (distinct), in which row, how many times."""

    terms: Keys
    place: NDArray[np.integer]
    row: NDArray[np.integer]
    times: NDArray[np.integer]


def build_segment(documents: Sequence[Document], config: Config) -> Segment:
    """Count the terms of documents with different ids."""
    ordered = sorted(documents, key=lambda document: document.id)
    found = [_counted(first, read) for first, read in _batches(ordered, config)]
    return _by_term(ordered, [counts for counts, _ in found], [lengths for _, lengths in found])


def _batches(documents: Sequence[Document], config: Config) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield the terms of some documents at a time, with the row of the first."""
    first, held, read = 0, 0, []
    for row, document in enumerate(documents):
        read.append(list(document_terms(document, config)))
        held += len(read[-1])
        if held >= _BATCH_TERMS or row == len(documents) - 1:
            yield first, read
            first, held, read = row + 1, 0, []


def _counted(first: int, read: list[list[str]]) -> tuple[_Counts, NDArray[np.int32]]:
    """Return the postings and lengths of documents whose terms were read, the first of them in row `first`."""
    if len(read) == 1:
        return _counted_alone(first, read[0])
    # scikit-learn takes a second to load, and few processes ever build a segment.
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415

    words = list(dict.fromkeys(chain.from_iterable(read)))
    if not words:
        nothing = np.empty(0, dtype=np.int32)
        return _Counts(keys_of(()), nothing, nothing, nothing), np.zeros(len(read), dtype=np.int32)
    # A vocabulary given beforehand spares scikit-learn its sorting of all words, which would take longer than the counting.
    known = {word: number for number, word in enumerate(words)}
    counted = CountVectorizer(analyzer=_as_it_is, vocabulary=known, dtype=np.int32).transform(read)
    lengths = counted @ np.fromiter((not is_view(word) for word in words), dtype=np.int32, count=len(words))
    rows = np.repeat(np.arange(first, first + len(read), dtype=np.int32), np.diff(counted.indptr))
    return _Counts(keys_of(words), counted.indices, rows, counted.data), lengths


def _counted_alone(row: int, read: list[str]) -> tuple[_Counts, NDArray[np.int32]]:
    """Return the postings and the length of one document, which is what changes most: preparing to count many costs more than the count."""
    counted = Counter(read)
    times = np.fromiter(counted.values(), dtype=np.int32, count=len(counted))
    length = sum(number for word, number in counted.items() if not is_view(word))
    places = np.arange(len(counted), dtype=np.int32)
    return _Counts(keys_of(counted), places, np.full(len(counted), row, dtype=np.int32), times), np.array([length], dtype=np.int32)


def _as_it_is(terms: list[str]) -> list[str]:
    return terms


def join_segments(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Join what is alive of several segments into one, without reading a text again."""
    documents = [document for segment, alive in parts for document, lives in zip(segment.documents, alive.tolist(), strict=True) if lives]
    order = np.argsort(np.concatenate([segment.ids[alive] for segment, alive in parts]))
    row_of = np.empty(len(order), dtype=np.int32)
    row_of[order] = np.arange(len(order), dtype=np.int32)
    counts, before = [], 0
    for segment, alive in parts:
        kept = alive[segment.rows]
        moved = np.cumsum(alive) - 1 + before
        place = np.repeat(np.arange(len(segment.terms)), np.diff(segment.starts))[kept]
        counts.append(_Counts(segment.terms, place, row_of[moved[segment.rows[kept]]], segment.times[kept]))
        before += int(alive.sum())
    lengths = np.concatenate([segment.lengths[alive] for segment, alive in parts])[order]
    return _by_term([documents[row] for row in order.tolist()], counts, [lengths])


def _by_term(documents: Sequence[Document], counts: Sequence[_Counts], lengths: Sequence[NDArray[np.int32]]) -> Segment:
    """Sort postings by the key of their term and then by row; terms that no document holds are left out."""
    present = np.unique(np.concatenate([part.terms for part in counts]))
    place = np.concatenate([np.searchsorted(present, part.terms)[part.place] for part in counts])
    times = np.minimum(np.concatenate([part.times for part in counts]), MOST_TIMES).astype(np.uint8)
    rows = np.concatenate([part.row for part in counts])
    sort = _sorted_few if len(rows) <= _FEW else _sorted_many
    ends, rows, times = sort((place, rows, times), len(present), len(documents))
    held = np.diff(ends, prepend=0) > 0
    return Segment(
        documents=documents,
        ids=encoded(document.id for document in documents),
        attributes=Attributes.of(documents),
        terms=present[held],
        starts=np.concatenate(([0], ends[held])),
        rows=rows.astype(np.int32),
        times=times,
        lengths=np.concatenate(lengths).astype(np.int32),
    )


_Postings = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.uint8]]


def _sorted_many(postings: _Postings, terms: int, documents: int) -> _Postings:
    """Return where the postings of each term end, their rows and times. SciPy sorts in two passes over them, without comparing any."""
    place, rows, times = postings
    by_term = sparse.coo_array((times, (place, rows)), shape=(max(terms, 1), max(documents, 1))).tocsr()
    by_term.sort_indices()
    return by_term.indptr[1 : terms + 1].astype(np.int64), by_term.indices, by_term.data


def _sorted_few(postings: _Postings, terms: int, documents: int) -> _Postings:
    """The same by comparing, which for few postings takes less than SciPy's preparations."""
    place, rows, times = postings
    order = np.lexsort((rows, place))
    return np.cumsum(np.bincount(place, minlength=terms)), rows[order], times[order]
