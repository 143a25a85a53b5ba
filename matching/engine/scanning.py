"""The scan: postings of the query's terms, added up document by document."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config
from matching.engine.querying import WeightedTerm
from matching.engine.segment import Segment


def scan(segment: Segment, query: Sequence[WeightedTerm], halfway: NDArray[np.float64], config: Config) -> NDArray[np.float64]:
    """Return what the words give to each document of the segment, from 0 to 1.

    Additions happen in the order of the query's terms, whatever their columns are: equal corpora give bit-equal scores.
    """
    known = [(term.column, term.weight) for term in query if term.column is not None and term.column < segment.width]
    total = np.zeros(len(segment.documents), dtype=np.float64)
    if not known:
        return total
    columns = np.array([column for column, _ in known], dtype=np.int64)
    weights = np.array([weight for _, weight in known], dtype=np.float64)
    for field, matrix in enumerate(segment.counts):
        starts = matrix.indptr[columns].astype(np.int64)
        sizes = matrix.indptr[columns + 1].astype(np.int64) - starts
        # One flat list of positions for all slices: each starts where the ones before it end.
        places = np.arange(sizes.sum()) + np.repeat(starts - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
        holders, times = matrix.indices[places], matrix.data[places].astype(np.float64)
        gains = np.repeat(weights, sizes) * times / (times + halfway[field][holders])
        total += config.field_weights[field] * np.bincount(holders, weights=gains, minlength=len(total))
    return total
