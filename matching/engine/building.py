"""From documents to a segment, and from several segments to one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.engine.attributes import Attributes
from matching.engine.config import Config
from matching.engine.documents import Document
from matching.engine.keys import Keys, distinct, keys_of
from matching.engine.segment import MOST_TIMES, Segment, encoded
from matching.engine.tokenising import terms, views_of

# Measured: up to so many postings are sorted faster by comparing them.
_FEW = 3_000
# So many terms are counted at a time, however long the documents are.
_BATCH_TERMS = 500_000
_HALF = 32
_NOTHING = np.empty(0, dtype=np.int32)


def document_terms(document: Document, config: Config) -> Iterator[str]:
    """Yield the document's terms, those of each field as many times as the field counts."""
    for weight, text in zip(config.field_weights, document.fields, strict=True):
        if text:
            found = terms(text, limit=config.max_field_chars)
            for _ in range(weight):
                yield from found


class Terms(NamedTuple):
    """The terms of documents in adjacent rows, by number: those of the i-th are numbers[ends[i - 1]:ends[i]], each as often as it counts.

    `keys` are of the numbered terms; `views` says which of them add nothing to a length.
    """

    keys: Keys
    views: NDArray[np.bool_]
    numbers: NDArray[np.int32]
    ends: NDArray[np.int64]


class _Counts(NamedTuple):
    """Postings: which of `terms` (distinct), in which row, how many times. Terms ascend, and so do the places and the rows of each."""

    terms: Keys
    place: NDArray[np.integer]
    row: NDArray[np.integer]
    times: NDArray[np.integer]


def build_segment(documents: Sequence[Document], config: Config) -> Segment:
    """Count the terms of documents with different ids."""
    ordered = sorted(documents, key=lambda document: document.id)
    if len(ordered) == 1:
        counts, length = _counted_alone(Counter(document_terms(ordered[0], config)))
        return _by_term(ordered, [counts], [length])
    return segment_of(ordered, _batches(ordered, config))


def segment_of(documents: Sequence[Document], batches: Iterable[Terms]) -> Segment:
    """Count the terms of documents that stand in the order of their ids, some rows at a time."""
    counts, lengths, first = [], [], 0
    for batch in batches:
        counts.append(_counted(first, batch))
        lengths.append(_lengths(batch))
        first += len(batch.ends)
    return _by_term(documents, counts, lengths)


def _batches(documents: Sequence[Document], config: Config) -> Iterator[Terms]:
    """Yield the terms of some documents at a time."""
    known: defaultdict[str, int] = defaultdict(count().__next__)
    read: list[NDArray[np.int32]] = []
    held = 0
    for row, document in enumerate(documents):
        read.append(np.fromiter(map(known.__getitem__, document_terms(document, config)), dtype=np.int32))
        held += len(read[-1])
        if held >= _BATCH_TERMS or row == len(documents) - 1:
            views = np.zeros(len(known), dtype=np.bool_)
            views[[known[term] for term in views_of(known)]] = True
            yield Terms(keys_of(known), views, np.concatenate(read), np.cumsum([len(one) for one in read]))
            known, read, held = defaultdict(count().__next__), [], 0


def _counted(first: int, batch: Terms) -> _Counts:
    """Return the postings of documents, the first of them in row `first`."""
    terms_, place = np.unique(batch.keys, return_inverse=True)
    rows = np.repeat(np.arange(first, first + len(batch.ends), dtype=np.int64), np.diff(batch.ends, prepend=0))
    # Term and row in one number: to sort these takes a few nanoseconds each.
    pairs = (place[batch.numbers] << _HALF) | rows
    pairs.sort()
    begins = np.flatnonzero(np.diff(pairs, prepend=-1))
    distinct = pairs[begins]
    return _Counts(terms_, distinct >> _HALF, distinct & ((1 << _HALF) - 1), np.diff(begins, append=len(pairs)))


def _lengths(batch: Terms) -> NDArray[np.int32]:
    """Return how many terms of each document add to its length."""
    before = np.concatenate(([0], np.cumsum(~batch.views[batch.numbers], dtype=np.int64)))
    return np.diff(before[batch.ends], prepend=0).astype(np.int32)


def _counted_alone(counted: Counter[str]) -> tuple[_Counts, NDArray[np.int32]]:
    """Return the postings and the length of one document, which is what changes most: preparing to count many costs more than the count."""
    terms_, place = np.unique(keys_of(counted), return_inverse=True)
    times = np.bincount(place, np.fromiter(counted.values(), dtype=np.int32, count=len(counted)), len(terms_)).astype(np.int64)
    length = counted.total() - sum(counted[view] for view in views_of(counted))
    places = np.arange(len(terms_))
    return _Counts(terms_, places, np.zeros(len(terms_), dtype=np.int32), times), np.array([length], dtype=np.int32)


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
    ends: NDArray[np.integer]
    if len(counts) == 1:
        present, place, rows, counted = counts[0]
        ends, times = np.cumsum(np.bincount(place, minlength=len(present))), np.minimum(counted, MOST_TIMES).astype(np.uint8)
    else:
        present = distinct(np.concatenate([part.terms for part in counts] or [keys_of(())]))
        place = np.concatenate([np.searchsorted(present, part.terms)[part.place] for part in counts] or [_NOTHING])
        rows = np.concatenate([part.row for part in counts] or [_NOTHING])
        times = np.minimum(np.concatenate([part.times for part in counts] or [_NOTHING]), MOST_TIMES).astype(np.uint8)
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
        lengths=np.concatenate([*lengths, _NOTHING]).astype(np.int32),
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
