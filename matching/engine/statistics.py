"""What the scores need to know about the whole corpus: exact integers, so the way to a corpus never shows in its scores."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import Config


@dataclass(frozen=True)
class Statistics:
    """Counts over the living documents: how many there are, how many hold each term, and the terms and non-empty texts per field."""

    documents: int
    holders: NDArray[np.int64]
    field_terms: NDArray[np.int64]
    field_texts: NDArray[np.int64]

    def rarity(self, column: int | None) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)) for a term held by n of N documents (Robertson and Spärck Jones, as in Lucene)."""
        held = int(self.holders[column]) if column is not None and column < len(self.holders) else 0
        return math.log1p((self.documents - held + 0.5) / (held + 0.5))

    def halfway(self, lengths: NDArray[np.int64], config: Config) -> NDArray[np.float64]:
        """Return for each field and document how many repetitions give half of what a term can give there."""
        mean = self.field_terms / np.maximum(self.field_texts, 1)
        relative = lengths / np.where(mean > 0, mean, 1.0)[:, np.newaxis]
        return config.saturation * (1.0 - config.length_penalty + config.length_penalty * relative)
