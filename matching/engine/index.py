"""The index: an immutable snapshot of a corpus that a change replaces by the next one, sharing what stayed the same."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import FIELDS, PLATFORM, Config
from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.filtering import SOFT_TERMS, allowed, soft_gains
from matching.engine.querying import WeightedTerm, weigh
from matching.engine.scanning import scan
from matching.engine.segment import Segment, Vocabulary, build_segment, join_segments
from matching.engine.statistics import Statistics
from matching.engine.tokenising import terms

_SMALLEST_MERGE = 64
_MERGE_SHARE = 16


@dataclass(frozen=True)
class _Part:
    """A segment and which of its documents are alive; the others are tombstones."""

    segment: Segment
    alive: NDArray[np.bool_]


@dataclass(frozen=True)
class Index:
    """A corpus ready to be searched: one large segment, one small one for what changed since, tombstones, and exact statistics.

    Guarantee: two indexes over the same documents give bit-equal scores, whichever additions, changes and removals led there.
    """

    config: Config
    vocabulary: Vocabulary
    statistics: Statistics
    parts: tuple[_Part, ...]

    @classmethod
    def of(cls, documents: Iterable[Document], config: Config = PLATFORM) -> "Index":
        """Build an index over the documents; of two with the same id the later one counts."""
        nothing = np.zeros(len(FIELDS), dtype=np.int64)
        empty = Statistics(documents=0, holders=np.zeros(0, dtype=np.int64), field_terms=nothing, field_texts=nothing)
        return cls(config=config, vocabulary=Vocabulary(), statistics=empty, parts=()).with_documents(documents)

    def __len__(self) -> int:
        return self.statistics.documents

    def __contains__(self, id_: str) -> bool:
        return self._find(id_) is not None

    def documents(self) -> Iterator[Document]:
        """Yield the living documents, in no order that means anything."""
        for part in self.parts:
            yield from (part.segment.documents[row] for row in np.flatnonzero(part.alive).tolist())

    @property
    def postings(self) -> int:
        """How many (field, document, term) counts the arrays hold, tombstones included."""
        return sum(int(matrix.nnz) for part in self.parts for matrix in part.segment.counts)

    def with_documents(self, documents: Iterable[Document]) -> "Index":
        """Return the index that also holds these documents, each in place of the one with its id."""
        fresh = list({document.id: document for document in documents}.values())
        if not fresh:
            return self
        rest = self.without(document.id for document in fresh)
        segment = build_segment(fresh, self.vocabulary, limit=self.config.max_field_chars)
        parts = (*rest.parts, _Part(segment, np.ones(len(fresh), dtype=np.bool_)))
        return Index(self.config, self.vocabulary, _with(rest.statistics, segment), _compact(parts, segment.width))

    def without(self, ids: Iterable[str]) -> "Index":
        """Return the index that no longer holds these documents; ids it does not know are passed over."""
        gone = [(id_, found) for id_ in dict.fromkeys(ids) if (found := self._find(id_)) is not None]
        if not gone:
            return self
        alive = [part.alive.copy() for part in self.parts]
        for _, (number, row) in gone:
            alive[number][row] = False
        removed = [self.parts[number].segment.documents[row] for _, (number, row) in gone]
        lengths = np.stack([self.parts[number].segment.lengths[:, row] for _, (number, row) in gone], axis=1)
        parts = tuple(_Part(part.segment, living) for part, living in zip(self.parts, alive, strict=True))
        return Index(self.config, self.vocabulary, self._less(removed, lengths), parts)

    def _find(self, id_: str) -> tuple[int, int] | None:
        for number, part in enumerate(self.parts):
            row = part.segment.rows.get(id_)
            if row is not None and part.alive[row]:
                return number, row
        return None

    def _less(self, removed: Sequence[Document], lengths: NDArray[np.int64]) -> Statistics:
        """Take documents out of the statistics; their texts are read again, so no list of terms per document is kept."""
        holders = self.statistics.holders.copy()
        for document in removed:
            held = {term for text in document.fields for term in terms(text, limit=self.config.max_field_chars)}
            holders[[self.vocabulary[term] for term in held]] -= 1
        return Statistics(
            documents=self.statistics.documents - len(removed),
            holders=holders,
            field_terms=self.statistics.field_terms - lengths.sum(axis=1),
            field_texts=self.statistics.field_texts - (lengths > 0).sum(axis=1),
        )

    @cached_property
    def _halfway(self) -> tuple[NDArray[np.float64], ...]:
        return tuple(self.statistics.halfway(part.segment.lengths, self.config) for part in self.parts)

    def weigh(self, query: Query) -> tuple[WeightedTerm, ...]:
        """Return the query's terms as this corpus weighs them."""
        return weigh(query, self.vocabulary, self.statistics, self.config)

    def search(self, query: Query, filters: Filters | None = None, *, k: int = 10) -> list[Hit]:
        """Return exactly the k best documents that share a term with the query and meet the filters: by score, then by id."""
        weighted = self.weigh(query)
        best: list[tuple[float, str, Hit]] = []
        for part, halfway in zip(self.parts, self._halfway, strict=True):
            text = scan(part.segment, weighted, halfway, self.config) * self.config.text_ceiling
            soft = soft_gains(part.segment, query, text, self.config)
            score = text + soft.sum(axis=0)
            open_rows = np.flatnonzero(allowed(part.segment, part.alive, filters or Filters()) & (text > 0.0))
            for row in _best_rows(part.segment, open_rows, score, k).tolist():
                gains = {name: float(gain) for name, gain in zip(SOFT_TERMS, soft[:, row], strict=True) if gain > 0.0}
                hit = Hit(part.segment.documents[row], float(score[row]), float(text[row]), gains)
                best.append((-hit.score, hit.document.id, hit))
        return [hit for _, _, hit in sorted(best, key=lambda entry: entry[:2])[:k]]

    def halfway_of(self, ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """Return per living document how many repetitions give half of what a term can give, field by field."""
        found = {id_: self._find(id_) for id_ in ids}
        return {id_: tuple(self._halfway[at[0]][:, at[1]].tolist()) for id_, at in found.items() if at is not None}


def _with(before: Statistics, segment: Segment) -> Statistics:
    holders = segment.presence()
    holders[: len(before.holders)] += before.holders
    return Statistics(
        documents=before.documents + len(segment.documents),
        holders=holders,
        field_terms=before.field_terms + segment.lengths.sum(axis=1),
        field_texts=before.field_texts + (segment.lengths > 0).sum(axis=1),
    )


def _compact(parts: tuple[_Part, ...], width: int) -> tuple[_Part, ...]:
    """Keep at most one large and one small part; fold the small one in when it, or the tombstones, outgrow their share."""
    if len(parts) == 1:
        return parts
    large, *small = parts
    living = sum(int(part.alive.sum()) for part in small)
    dead = len(large.alive) - int(large.alive.sum())
    if living + dead > max(_SMALLEST_MERGE, len(large.alive) // _MERGE_SHARE):
        return (_joined(parts, width),)
    return (large, _joined(small, width)) if len(small) > 1 else parts


def _joined(parts: Sequence[_Part], width: int) -> _Part:
    segment = join_segments([(part.segment, part.alive) for part in parts], width)
    return _Part(segment, np.ones(len(segment.documents), dtype=np.bool_))


def _best_rows(segment: Segment, rows: NDArray[np.int64], score: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Return the k best rows in order; whoever ties with the k-th is compared by id, so the cut is deterministic."""
    if 0 < k < len(rows):
        kth = np.partition(score[rows], len(rows) - k)[len(rows) - k]
        rows = rows[score[rows] >= kth]
    return rows[np.lexsort((segment.ids[rows], -score[rows]))][:k]
