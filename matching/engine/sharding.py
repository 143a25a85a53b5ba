"""Shards: a corpus cut by ids, so that several processes rank a part each and their answers are put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.documents import Hit
from matching.engine.segment import Segment, encoded


@dataclass(frozen=True, slots=True)
class Shard:
    """The documents whose ids are `first` or above and below `until`; None stands for no end on that side.

    Guarantee: whatever cuts a corpus has, each document lies in one shard, and has in it the score that it has in the whole.
    """

    first: str | None = None
    until: str | None = None

    def rows_of(self, segment: Segment) -> tuple[int, int] | None:
        """Return where the shard begins and ends among the rows of a segment, None where it holds all of them."""
        if self == WHOLE:
            return None
        begins = 0 if self.first is None else int(np.searchsorted(segment.ids, encoded([self.first]))[0])
        ends = len(segment) if self.until is None else int(np.searchsorted(segment.ids, encoded([self.until]))[0])
        return begins, max(begins, ends)


WHOLE = Shard()


def shards_between(cuts: Sequence[str]) -> list[Shard]:
    """Return the shards that ascending cuts make: one more than there are cuts, and together everything."""
    return [Shard(first, until) for first, until in zip((None, *cuts), (*cuts, None), strict=True)]


def merged(found: Iterable[Sequence[Hit]], k: int) -> list[Hit]:
    """Return the k best of what the shards found, by score and then by id: the same as the whole corpus gives."""
    return sorted((hit for hits in found for hit in hits), key=lambda hit: (-hit.score, hit.document.id))[:k]
