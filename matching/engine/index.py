"""The index: an immutable snapshot of a corpus that a change replaces by the next one, sharing what stayed the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import PLATFORM, Config
from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.filtering import SOFT_TERMS, allowed, soft_gains
from matching.engine.querying import WeightedTerm, weigh
from matching.engine.scanning import scan
from matching.engine.segment import Segment, Vocabulary, build_segment, document_terms, join_segments
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, Statistics

_TIER = 4
_MOST_DEAD = 4
_ROUNDING = 1e-12


@dataclass(frozen=True)
class _Part:
    """A segment and which of its documents are alive; the others are tombstones."""

    segment: Segment
    alive: NDArray[np.bool_]


@dataclass(frozen=True)
class Index:
    """A corpus ready to be searched: segments of falling size, the last ones for what changed since, tombstones, and exact statistics.

    Guarantee: two indexes over the same documents give bit-equal scores, whichever additions, changes and removals led there.
    """

    config: Config
    vocabulary: Vocabulary
    statistics: Statistics
    parts: tuple[_Part, ...]

    @classmethod
    def of(cls, documents: Iterable[Document], config: Config = PLATFORM) -> "Index":
        """Build an index over the documents; of two with the same id the later one counts."""
        empty = Statistics(documents=0, holders=np.zeros(0, dtype=np.int32), texts=0, length=0)
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
        """How many (document, term) counts the arrays hold, tombstones included."""
        return sum(len(part.segment.rows) for part in self.parts)

    @property
    def tombstones(self) -> int:
        """How many removed documents the arrays still hold."""
        return sum(len(part.alive) for part in self.parts) - len(self)

    @property
    def array_bytes(self) -> int:
        """Memory of the arrays that a search reads: postings, impacts and counts, without the texts and the vocabulary."""
        return self.statistics.holders.nbytes + sum(part.segment.array_bytes + part.alive.nbytes for part in self.parts)

    def with_documents(self, documents: Iterable[Document]) -> "Index":
        """Return the index that also holds these documents, each in place of the one with its id."""
        fresh = list({document.id: document for document in documents}.values())
        if not fresh:
            return self
        rest = self.without(document.id for document in fresh)
        segment = build_segment(fresh, self.vocabulary, self.config)
        parts = (*rest.parts, _Part(segment, np.ones(len(fresh), dtype=np.bool_)))
        return Index(self.config, self.vocabulary, _with(rest.statistics, segment, len(self.vocabulary)), _compact(parts))

    def without(self, ids: Iterable[str]) -> "Index":
        """Return the index that no longer holds these documents; ids it does not know are passed over."""
        gone = [(id_, found) for id_ in dict.fromkeys(ids) if (found := self._find(id_)) is not None]
        if not gone:
            return self
        alive = [part.alive.copy() for part in self.parts]
        for _, (number, row) in gone:
            alive[number][row] = False
        removed = [self.parts[number].segment.documents[row] for _, (number, row) in gone]
        lengths = [int(self.parts[number].segment.lengths[row]) for _, (number, row) in gone]
        parts = tuple(_Part(part.segment, living) for part, living in zip(self.parts, alive, strict=True))
        return Index(self.config, self.vocabulary, self._less(removed, lengths), _compact(parts))

    def _find(self, id_: str) -> tuple[int, int] | None:
        for number, part in enumerate(self.parts):
            row = part.segment.row_of.get(id_)
            if row is not None and part.alive[row]:
                return number, row
        return None

    def _less(self, removed: Sequence[Document], lengths: Sequence[int]) -> Statistics:
        """Take documents out of the statistics; their texts are read again, so no list of terms per document is kept."""
        holders = self.statistics.holders.copy()
        for document in removed:
            holders[[self.vocabulary[term] for term in set(document_terms(document, self.config))]] -= 1
        return Statistics(
            documents=self.statistics.documents - len(removed),
            holders=holders,
            texts=self.statistics.texts - sum(length > 0 for length in lengths),
            length=self.statistics.length - sum(lengths),
        )

    def weigh(self, query: Query) -> tuple[WeightedTerm, ...]:
        """Return the query's terms as this corpus weighs them."""
        return weigh(query, self.vocabulary, self.statistics, self.config)

    def search(self, query: Query, filters: Filters | None = None, *, k: int = 10) -> list[Hit]:
        """Return exactly the k best documents that share a term with the query and meet the filters: by score, then by id."""
        weighted = self.weigh(query)
        best = [hit for part in self.parts for hit in self._best_of(part, query, weighted, filters or Filters(), k)]
        return sorted(best, key=lambda hit: (-hit.score, hit.document.id))[:k]

    def _best_of(self, part: _Part, query: Query, weighted: Sequence[WeightedTerm], filters: Filters, k: int) -> Iterator[Hit]:
        segment, config = part.segment, self.config
        sums = scan(segment, segment.impacts(self.statistics.usual_length, config), weighted)
        rows = np.flatnonzero(allowed(segment, part.alive, filters) & (sums > 0.0))
        text = sums[rows] * (config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT))
        if 0 < k < len(rows):
            # Circumstances add little: whoever cannot reach the k-th best words even with all of them is out.
            least = np.partition(text, len(rows) - k)[len(rows) - k]
            near = text + np.minimum(text * config.soft_ceiling, config.soft_most) >= least - _ROUNDING
            rows, text = rows[near], text[near]
        soft = soft_gains(segment, query, rows, text, config)
        score = text + soft.sum(axis=0)
        for at in np.lexsort((segment.ids[rows], -score))[:k].tolist():
            gains = {name: float(gain) for name, gain in zip(SOFT_TERMS, soft[:, at], strict=True) if gain > 0.0}
            yield Hit(segment.documents[rows[at]], float(score[at]), float(text[at]), gains)


def _with(before: Statistics, segment: Segment, width: int) -> Statistics:
    holders = np.zeros(width, dtype=np.int32)
    holders[: len(before.holders)] = before.holders
    holders[segment.columns] += segment.presence.astype(np.int32)
    return Statistics(
        documents=before.documents + len(segment.documents),
        holders=holders,
        texts=before.texts + int((segment.lengths > 0).sum()),
        length=before.length + int(segment.lengths.sum(dtype=np.int64)),
    )


def _compact(parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
    """Join a part with the one before it unless that is several times larger, and rid a part of tombstones when they are many.

    So there are few parts, and a document is moved only as often as the corpus has tiers.
    """
    kept = [part for part in parts if part.alive.any()]
    kept = [_joined([part]) if (len(part.alive) - int(part.alive.sum())) * _MOST_DEAD > len(part.alive) else part for part in kept]
    while len(kept) > 1 and len(kept[-2].alive) < _TIER * len(kept[-1].alive):
        kept[-2:] = [_joined(kept[-2:])]
    return tuple(kept)


def _joined(parts: Sequence[_Part]) -> _Part:
    segment = join_segments([(part.segment, part.alive) for part in parts])
    return _Part(segment, np.ones(len(segment.documents), dtype=np.bool_))
