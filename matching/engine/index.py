"""The index: an immutable snapshot of a corpus that a change replaces by the next one, sharing what stayed the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.building import build_segment, document_terms, join_segments
from matching.engine.config import PLATFORM, Config
from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.filtering import SOFT_TERMS, allowed, soft_gains
from matching.engine.keys import Keys, keys_of
from matching.engine.lexicon import Lexicon, lexicon
from matching.engine.mixing import Mix
from matching.engine.querying import Parted, Told, WeightedTerm, parted, weigh
from matching.engine.scanning import Wanted, scan
from matching.engine.segment import Segment
from matching.engine.sharding import WHOLE, Shard
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT, Statistics
from matching.engine.words import KeptWords, Parts

_TIER = 4
_MOST_DEAD = 4


@dataclass(frozen=True)
class _Part:
    """A segment, which of its documents are alive, and how many of the others, its tombstones, hold each term."""

    segment: Segment
    alive: NDArray[np.bool_]
    gone: Mapping[int, int] = field(default_factory=dict)

    def held(self, keys: Keys) -> NDArray[np.int64]:
        """Return how many living documents hold each term."""
        found = self.segment.held(keys)
        if self.gone:
            found = found - np.array([self.gone.get(key, 0) for key in keys.tolist()], dtype=np.int64)
        return found

    def without(self, rows: NDArray[np.int64], config: Config) -> "_Part":
        """Return the part with these documents as tombstones; their texts are read again, so no list of terms per document is kept."""
        alive = self.alive.copy()
        alive[rows] = False
        gone = Counter(self.gone)
        for row in rows.tolist():
            gone.update(keys_of(set(document_terms(self.segment.documents[row], config))).tolist())
        return _Part(self.segment, alive, gone)


@dataclass(frozen=True)
class Index:
    """A corpus ready to be searched: segments of falling size, the last ones for what changed since, tombstones, and exact statistics.

    Guarantee: two indexes over the same documents give bit-equal scores, whichever additions, changes and removals led there.
    """

    config: Config
    statistics: Statistics
    parts: tuple[_Part, ...]
    # Names are looked up in queries alone: another table needs no other index.
    lexicon: Lexicon = field(default_factory=lexicon, compare=False, repr=False)
    mix: Mix | None = field(default=None, compare=False, repr=False)
    # The latest query as it was read and weighed: whoever searches explains.
    _weighed: dict[Parts, tuple[Told, tuple[WeightedTerm, ...]]] = field(init=False, default_factory=dict, compare=False, repr=False)
    # Words of demands that supply found lately, as this corpus weighs them.
    demands: KeptWords = field(init=False, default_factory=KeptWords, compare=False, repr=False)
    # The index with the other table of names that was asked for last, so that it keeps what it reads.
    _knowing: list["Index"] = field(init=False, default_factory=list, compare=False, repr=False)

    @classmethod
    def of(cls, documents: Iterable[Document], config: Config = PLATFORM) -> "Index":
        """Build an index over the documents; of two with the same id the later one counts."""
        return cls(config, Statistics(), ()).with_documents(documents)

    @classmethod
    def over(cls, segment: Segment, config: Config = PLATFORM) -> "Index":
        """Return the index of a segment that was built before."""
        return cls(config, Statistics().changed_by(segment.lengths, sign=1), (_whole(segment),))

    def __len__(self) -> int:
        return self.statistics.documents

    def __contains__(self, id_: str) -> bool:
        return any(len(rows) for rows in self._find([id_]))

    def documents(self) -> Iterator[Document]:
        """Yield the living documents, in no order that means anything."""
        for part in self.parts:
            yield from (part.segment.documents[row] for row in np.flatnonzero(part.alive).tolist())

    @property
    def postings(self) -> int:
        """How many (document, term) counts the arrays hold, tombstones included."""
        return sum(part.segment.postings for part in self.parts)

    @property
    def terms(self) -> int:
        """How many terms the largest segment holds; the others hold few that it does not."""
        return max((len(part.segment.terms) for part in self.parts), default=0)

    @property
    def tombstones(self) -> int:
        """How many removed documents the arrays still hold."""
        return sum(len(part.alive) for part in self.parts) - len(self)

    @property
    def own_bytes(self) -> int:
        """Memory of arrays that this process holds for itself, without the texts."""
        return sum(part.segment.own_bytes + part.alive.nbytes for part in self.parts)

    def with_documents(self, documents: Iterable[Document]) -> "Index":
        """Return the index that also holds these documents, each in place of the one with its id."""
        fresh = list({document.id: document for document in documents}.values())
        if not fresh:
            return self
        statistics, parts = self._freed_of(document.id for document in fresh) or (self.statistics, self.parts)
        segment = build_segment(fresh, self.config)
        return replace(self, statistics=statistics.changed_by(segment.lengths, sign=1), parts=_compact((*parts, _whole(segment))))

    def without(self, ids: Iterable[str]) -> "Index":
        """Return the index that no longer holds these documents; ids it does not know are passed over."""
        freed = self._freed_of(ids)
        return replace(self, statistics=freed[0], parts=_compact(freed[1])) if freed else self

    def _freed_of(self, ids: Iterable[str]) -> tuple[Statistics, tuple[_Part, ...]] | None:
        """Return the counts and the parts without these documents, None where there are none of them."""
        found = self._find(list(dict.fromkeys(ids)))
        if not any(len(rows) for rows in found):
            return None
        lengths = np.concatenate([part.segment.lengths[rows] for part, rows in zip(self.parts, found, strict=True)])
        parts = tuple(part.without(rows, self.config) if len(rows) else part for part, rows in zip(self.parts, found, strict=True))
        return self.statistics.changed_by(lengths, sign=-1), parts

    def knowing(self, table: Lexicon) -> "Index":
        """Return the index that reads queries by another table of names; the documents and their counts are shared."""
        if table is self.lexicon:
            return self
        found = next((known for known in self._knowing if known.lexicon is table), None) or replace(self, lexicon=table)
        self._knowing[:] = [found]
        return found

    def mixing(self, mix: Mix | None) -> "Index":
        """Return the index that weighs the terms of queries by a learned mix, or by the fixed one; documents and counts are shared."""
        return self if mix is self.mix else replace(self, mix=mix)

    def _find(self, ids: Sequence[str]) -> list[NDArray[np.int64]]:
        """Return for each part the rows of those ids that are alive in it."""
        found = []
        for part in self.parts:
            rows = part.segment.rows_of(ids)
            known = rows[rows >= 0]
            found.append(known[part.alive[known]])
        return found

    def held(self, keys: Keys) -> NDArray[np.int64]:
        """Return how many documents hold each term."""
        return np.sum([part.held(keys) for part in self.parts], axis=0, dtype=np.int64) if self.parts else np.zeros(len(keys), np.int64)

    def parted(self, query: Query) -> Parted:
        """Return what the terms of each part of the query give at most in this corpus, before any mix."""
        return self.parted_of(Told.of(query, self.config))

    def parted_of(self, told: Told) -> Parted:
        """Return the same of a query that was read."""
        return parted(told, self.held, self.statistics, self.config, self.lexicon)

    def weigh(self, query: Query) -> tuple[WeightedTerm, ...]:
        """Return the query's terms as this corpus weighs them."""
        return self.read(query)[1]

    def read(self, query: Query) -> tuple[Told, tuple[WeightedTerm, ...]]:
        """Return the query as it is read, and its terms."""
        known = self._weighed.get(query.parts)
        if known is None:
            told = Told.of(query, self.config)
            known = told, weigh(self.parted_of(told), self.statistics, self.config, self.mix)
            self._weighed.clear()
            self._weighed[query.parts] = known
        return known

    def search(self, query: Query, filters: Filters | None = None, *, k: int = 10, shard: Shard = WHOLE) -> list[Hit]:
        """Return exactly the k best documents that share a term with the query and meet the filters: by score, then by id.

        Of a shard only its own documents are considered; they are weighed against the whole corpus all the same.
        """
        asked = filters or Filters(), k, shard
        return [Hit(one.document, one.score, one.text_score, one.soft) for one in self._best(query, asked)]

    def best(self, query: Query, filters: Filters | None = None, *, k: int = 10, shard: Shard = WHOLE) -> list["Found"]:
        """Return what `search` returns, for whoever needs the text of few of them, or of none: none has been read yet."""
        return self._best(query, (filters or Filters(), k, shard))

    def _best(self, query: Query, asked: tuple[Filters, int, Shard]) -> list["Found"]:
        weighted = self.weigh(query)
        best = [found for part in self.parts for found in self._best_of(part, query, weighted, asked)]
        return sorted(best, key=lambda found: (-found.score, found.id))[: asked[1]]

    def _best_of(self, part: _Part, query: Query, weighted: Sequence[WeightedTerm], asked: tuple[Filters, int, Shard]) -> list["Found"]:
        segment, config = part.segment, self.config
        filters, k, shard = asked
        within = shard.rows_of(segment)
        whole = config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT)
        # Circumstances add little: whoever cannot reach the k-th best words even with all of them is out.
        share, most = (config.soft_ceiling, config.soft_most / whole) if query.attributes else (0.0, 0.0)
        wanted = Wanted(k, allowed(segment, part.alive, filters), share, most, within)
        rows, sums = scan(segment, segment.weighed(self.statistics.usual_length, config), weighted, wanted)
        text = sums * whole
        soft = soft_gains(segment, query, rows, text, config)
        score = text + soft.sum(axis=0)
        # Rows stand in the order of ids.
        order = np.lexsort((rows, -score))[:k]
        columns = rows[order].tolist(), score[order].tolist(), text[order].tolist(), soft[:, order].T.tolist()
        return [Found(segment, *found) for found in zip(*columns, strict=True)]


class Found(NamedTuple):
    """A row of a segment that was found: its score, what of it comes from the words, and what from each of SOFT_TERMS."""

    segment: Segment
    row: int
    score: float
    text_score: float
    gains: Sequence[float]

    @property
    def id(self) -> str:
        return bytes(self.segment.ids[self.row]).decode("utf-8", "surrogatepass")

    @property
    def document(self) -> Document:
        return self.segment.documents[self.row]

    @property
    def soft(self) -> dict[str, float]:
        return {name: gain for name, gain in zip(SOFT_TERMS, self.gains, strict=True) if gain > 0.0}


def _compact(parts: tuple[_Part, ...]) -> tuple[_Part, ...]:
    """Join a part with the one before it unless that is several times larger, and rid a part of tombstones when they are many.

    So there are few parts, and a document is moved only as often as the corpus has tiers. What lies in a file stays as it is.
    """
    kept = [part for part in parts if part.alive.any()]
    sizes = [int(part.alive.sum()) if _is_loose(part) else len(part.alive) for part in kept]
    first, size = len(kept) - 1, sizes[-1] if kept else 0
    while first > 0 and kept[first - 1].segment.stored is None and sizes[first - 1] < _TIER * size:
        first -= 1
        size = sum(int(part.alive.sum()) for part in kept[first:])
    # However many are joined, they are joined once.
    groups = [*([part] for part in kept[:first]), kept[first:]] if kept else []
    return tuple(_joined(group) if len(group) > 1 or _is_loose(group[0]) else group[0] for group in groups)


def _is_loose(part: _Part) -> bool:
    return part.segment.stored is None and (len(part.alive) - int(part.alive.sum())) * _MOST_DEAD > len(part.alive)


def _joined(parts: Sequence[_Part]) -> _Part:
    return _whole(join_segments([(part.segment, part.alive) for part in parts]))


def _whole(segment: Segment) -> _Part:
    return _Part(segment, np.ones(len(segment), dtype=np.bool_))
