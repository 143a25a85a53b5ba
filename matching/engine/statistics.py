"""What the scores need to know about the whole corpus: exact integers, so the way to a corpus never shows in its scores."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config

# An impact is a whole number of 255ths and a term's weight one of 2**-24, so a sum of their products is exact in four bytes, in any order.
FULL_IMPACT = 255
FULL_WEIGHT = 2**24
# What so few postings give is worked out for each faster than it is looked up.
_FEW = 3_000


@dataclass(frozen=True)
class Statistics:
    """Counts over the living documents: how many there are, how many hold any term, and all their lengths together."""

    documents: int = 0
    texts: int = 0
    length: int = 0

    def rarity(self, held: int) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) for a term held by n of N documents (Robertson and Spärck Jones, as in Lucene)."""
        return math.log1p((self.documents - held + 0.5) / (held + 0.5))

    @property
    def usual_length(self) -> int:
        """Return the power of two nearest (by ratio) to the mean length: it moves so seldom that impacts can be stored."""
        if self.texts == 0:
            return 1
        return int(2 ** max(round(math.log2(self.length / self.texts)), 0))

    def changed_by(self, lengths: NDArray[np.int32], *, sign: int) -> "Statistics":
        """Return the counts with documents of these lengths (sign 1), or without them (-1)."""
        return Statistics(
            documents=self.documents + sign * len(lengths),
            texts=self.texts + sign * int((lengths > 0).sum()),
            length=self.length + sign * int(lengths.sum(dtype=np.int64)),
        )


def impacts(times: NDArray[np.integer], lengths: NDArray[np.integer], usual_length: int, config: Config) -> NDArray[np.uint8]:
    """Return what each count of a term gives in a text of each length, in 255ths from 1 to 255: BM25's saturation f / (f + h)."""
    counted = times.astype(np.float64)
    halfway = config.saturation * (1.0 - config.length_penalty + config.length_penalty * lengths / usual_length)
    return np.maximum(np.rint(FULL_IMPACT * counted / (counted + halfway)), 1.0).astype(np.uint8)


def impacts_of(
    times: NDArray[np.uint8], rows: NDArray[np.int32], lengths: NDArray[np.int32], usual_length: int, config: Config
) -> NDArray[np.uint8]:
    """Return what each posting gives: a term's count in a row, whose document has one of the `lengths`.

    Many postings share few counts and lengths: what each pair of these gives is worked out once and looked up, where that is less.
    """
    most = int(times.max(initial=0))
    if len(times) <= _FEW or len(np.unique(lengths)) * most >= len(times):
        return impacts(times, lengths[rows], usual_length, config)
    table, codes = table_of_impacts(lengths, most, usual_length, config)
    found: NDArray[np.uint8] = table.ravel()[(codes * (most + 1))[rows] + times]
    return found


def table_of_impacts(
    lengths: NDArray[np.int32], most: int, usual_length: int, config: Config
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return what each count up to `most` (column) gives in a text of each length (row), and the row of each of the `lengths`."""
    distinct, codes = np.unique(lengths, return_inverse=True)
    counts = [impacts(np.full(len(distinct), number), distinct, usual_length, config) for number in range(most + 1)]
    return np.stack(counts, axis=1), codes.astype(np.int32)
