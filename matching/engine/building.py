"""From documents to a segment, and from several segments to one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.attributes import Attributes
from matching.engine.config import Config
from matching.engine.counting import MOST_DOCUMENTS, MOST_TERMS, counted, lengths_of, put_in_order
from matching.engine.documents import Document
from matching.engine.keys import Keys, distinct, keys_of
from matching.engine.segment import MOST_TIMES, Segment, encoded
from matching.engine.tokenising import terms, views_of

# So many terms are counted at a time, however long the documents are.
_BATCH_TERMS = 500_000
_NOTHING = np.empty(0, dtype=np.int32)
_NO_TIMES = np.empty(0, dtype=np.uint8)


def document_terms(document: Document, config: Config) -> Iterator[str]:
    """Yield the document's terms, those of each field as many times as the field counts."""
    fields = zip(config.field_weights, document.fields, strict=True)
    found = [repeat(terms(text, limit=config.max_field_chars), weight) for weight, text in fields if text]
    return chain.from_iterable(chain.from_iterable(found))


class Terms(NamedTuple):
    """The terms of documents in adjacent rows, by number: those of the i-th are numbers[ends[i - 1]:ends[i]], each as often as it counts.

    `keys` are of the numbered terms; `views` says which of them add nothing to a length.
    """

    keys: Keys
    views: NDArray[np.bool_]
    numbers: NDArray[np.int32]
    ends: NDArray[np.int64]


class _Counts(NamedTuple):
    """Postings, term by term, and the rows of each ascending; terms ascend."""

    terms: Keys
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.uint8]


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
        counts.append(_counted(np.int32(first), batch))
        lengths.append(lengths_of(batch.numbers, batch.ends, batch.views))
        first += len(batch.ends)
    return _by_term(documents, counts, lengths)


def _counted(first: np.int32, batch: Terms) -> _Counts:
    """Return the postings of documents, the first of them in row `first`."""
    if len(batch.ends) > MOST_DOCUMENTS or len(batch.numbers) > MOST_TERMS:
        raise ValueError(f"Count at most {MOST_DOCUMENTS} documents and {MOST_TERMS} terms at a time.")
    terms_, place = np.unique(batch.keys, return_inverse=True)
    if len(terms_) == len(batch.keys):
        starts, rows, times = counted(batch.numbers, batch.ends, place.astype(np.int32))
    else:  # two terms share a key, and count as one
        starts, rows, times = counted(place.astype(np.int32)[batch.numbers], batch.ends, np.arange(len(terms_), dtype=np.int32))
    return _Counts(terms_, starts, rows + first if first else rows, times)


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


def _counted_alone(counted: Counter[str]) -> tuple[_Counts, NDArray[np.int32]]:
    """Return the postings and the length of one document, which is what changes most: preparing to count many costs more than the count."""
    terms_, place = np.unique(keys_of(counted), return_inverse=True)
    times = np.bincount(place, np.fromiter(counted.values(), dtype=np.int32, count=len(counted)), len(terms_))
    length = counted.total() - sum(counted[view] for view in views_of(counted))
    counts = np.minimum(times, MOST_TIMES).astype(np.uint8)
    return _Counts(terms_, np.arange(len(terms_) + 1), np.zeros(len(terms_), dtype=np.int32), counts), np.array([length], dtype=np.int32)


def join_segments(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """Join what is alive of several segments into one, without reading a text again."""
    documents = [document for segment, alive in parts for document, lives in zip(segment.documents, alive.tolist(), strict=True) if lives]
    order = np.argsort(np.concatenate([segment.ids[alive] for segment, alive in parts]))
    row_of = np.empty(len(order), dtype=np.int32)
    row_of[order] = np.arange(len(order), dtype=np.int32)
    counts, before = [], 0
    for segment, alive in parts:
        rows = segment.every_row()
        kept = alive[rows]
        moved = np.cumsum(alive) - 1 + before
        starts = np.concatenate(([0], np.cumsum(kept)))[segment.starts]
        counts.append(_Counts(segment.terms, starts, row_of[moved[rows[kept]]], segment.times[kept]))
        before += int(alive.sum())
    lengths = np.concatenate([segment.lengths[alive] for segment, alive in parts])[order]
    return _by_term([documents[row] for row in order.tolist()], counts, [lengths])


def _by_term(documents: Sequence[Document], counts: Sequence[_Counts], lengths: Sequence[NDArray[np.int32]]) -> Segment:
    """Put postings in the order of their terms and rows; terms that no document holds are left out."""
    if len(counts) == 1:
        present, starts, rows, times = counts[0]
    else:
        present = distinct(np.concatenate([part.terms for part in counts] or [keys_of(())]))
        places = [np.repeat(np.searchsorted(present, part.terms).astype(np.int32), np.diff(part.starts)) for part in counts]
        rows = np.concatenate([*(part.rows for part in counts), _NOTHING])
        times = np.concatenate([*(part.times for part in counts), _NO_TIMES])
        starts, rows, times = put_in_order(np.concatenate([*places, _NOTHING]), rows, times, len(present), len(documents))
    held = np.diff(starts) > 0
    return Segment(
        documents=documents,
        ids=encoded(document.id for document in documents),
        attributes=Attributes.of(documents),
        terms=present[held],
        starts=np.concatenate(([0], starts[1:][held])),
        rows=rows,
        times=times,
        lengths=np.concatenate([*lengths, _NOTHING]).astype(np.int32),
    )
