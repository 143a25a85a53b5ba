"""Conditions that the caller alone can judge: asked of the best that were found, and as far down as it takes."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from matching.engine.documents import Filters, Hit, Query

if TYPE_CHECKING:
    from matching.engine.index import Found, Index

# Of the best so many times as many are looked at as are wanted, and each time it was not enough so many times as many again.
AHEAD, MORE = 4, 4
# After so many it pays to ask for all that fit, if these are no more than so many.
MANY, FEW = 400, 5_000


class Judge(Protocol):
    """What the caller knows of documents and the matcher does not."""

    def among(self, ids: Sequence[UUID], /) -> Collection[UUID]:
        """Which of these may be found."""

    def few(self, most: int, /) -> Collection[UUID] | None:
        """All that may be found, None where they are more than so many."""


class Fitting:
    """The best documents that meet the filters and that a judge lets pass.

    Guarantee: they are those, in that order, that a search finds which nothing else was ever handed in to. However many the judge refuses,
    only what is found is put before it: where nearly all are refused, the few that pass are asked for instead.
    """

    def __init__(self, index: "Index", query: Query, filters: Filters, judge: Judge) -> None:
        self._index, self._query, self._filters, self._judge = index, query, filters, judge
        self._fit: list[Found] = []
        self._looked_at, self._ended, self._asked_for_few = 0, False, False

    def search(self, depth: int) -> list[Hit]:
        """Return the best so many, fewer where there are no more."""
        while len(self._fit) < depth and not self._ended:
            self._look_further(max(AHEAD * depth, MORE * self._looked_at))
        return [Hit(one.document, one.score, one.text_score, one.soft) for one in self._fit[:depth]]

    def _look_further(self, depth: int) -> None:
        if self._looked_at >= MANY and not self._asked_for_few:
            self._asked_for_few = True
            few = self._judge.few(FEW)
            if few is not None:
                only = frozenset(map(str, few))
                kept = only if self._filters.only_ids is None else only & self._filters.only_ids
                self._fit = self._index.best(self._query, replace(self._filters, only_ids=kept), k=len(kept))
                self._ended = True
                return
        found = self._index.best(self._query, self._filters, k=depth)
        fresh = found[self._looked_at :]
        ids = [UUID(one.id) for one in fresh]
        passing = self._judge.among(ids) if ids else ()
        self._fit += [one for one, id_ in zip(fresh, ids, strict=True) if id_ in passing]
        self._looked_at, self._ended = len(found), len(found) < depth
