"""The scan: postings of the query's terms, added up document by document."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.engine.querying import WeightedTerm
from matching.engine.segment import Segment


def scan(segment: Segment, impacts: NDArray[np.uint8], query: Sequence[WeightedTerm]) -> NDArray[np.float64]:
    """Return per document the sum of weight times impact over the query's terms: whole numbers, so exact in any order."""
    if not len(segment.columns):
        return np.zeros(len(segment.documents), dtype=np.float64)
    asked = np.array([term.column for term in query if term.column is not None], dtype=np.int32)
    weights = np.array([term.units for term in query if term.column is not None], dtype=np.float64)
    at = np.searchsorted(segment.columns, asked)
    known = segment.columns[np.minimum(at, len(segment.columns) - 1)] == asked
    if not known.any():
        return np.zeros(len(segment.documents), dtype=np.float64)
    slices = [slice(start, stop) for start, stop in zip(segment.starts[at[known]], segment.starts[at[known] + 1], strict=True)]
    rows = np.concatenate([segment.rows[piece] for piece in slices])
    gains = np.concatenate([impacts[piece] for piece in slices]).astype(np.float64)
    ends = np.cumsum([0, *(piece.stop - piece.start for piece in slices)], dtype=np.int32)
    postings = sparse.csc_array((gains, rows, ends), shape=(len(segment.documents), len(slices)))
    total: NDArray[np.float64] = postings @ weights[known]
    return total
