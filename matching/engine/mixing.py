"""A learned mix: how much each kind of a query's terms counts beside what the fixed configuration gives it.

A factor multiplies what a term gives, so a learned score is a sum of the same shares and is explained in the same way.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matching.engine.config import FIELDS
from matching.engine.tokenising import is_beginning, is_pair, is_sequence, is_single

ONE = 1000
MOST = 100 * ONE
OTHER_NAME = "other name"
KINDS = ("single", "pair", "word", "beginning", "sequence", OTHER_NAME)
SINGLE, PAIR, WORD, BEGINNING, SEQUENCE = range(5)
# A term that one document in twenty holds says little, one that fewer than one in 150 hold says much.
_BANDS = ("common", "usual", "rare")
COMMON, RARE = 20, 150
CLASSES = tuple(" ".join(names) for names in product(FIELDS, KINDS, _BANDS))


def class_of(part: str, term: str, *, said: bool, held: int, documents: int) -> str:
    """Return the class of a term in a part of a query: which part, what kind of term, and how many of the documents hold it."""
    band = "common" if held * COMMON > documents else "rare" if held * RARE <= documents else "usual"
    return f"{part} {KINDS[kind_of(term)] if said else OTHER_NAME} {band}"


def kind_of(term: str) -> int:
    """Return the place among KINDS of a term that was said."""
    if is_single(term):
        return SINGLE
    if is_pair(term):
        return PAIR
    if is_beginning(term):
        return BEGINNING
    return SEQUENCE if is_sequence(term) else WORD


@dataclass(frozen=True)
class Mix:
    """A factor for each class of terms in thousandths, whole so that every worker's scores are bit-equal; a class not named counts 1."""

    factors: Mapping[str, int]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.factors) - set(CLASSES))
        if unknown or not all(factor == int(factor) and 0 <= factor <= MOST for factor in self.factors.values()):
            raise ValueError(f"A mix gives known classes factors from 0 to {MOST} thousandths; unknown: {', '.join(unknown) or 'none'}.")

    def factor(self, class_: str) -> float:
        return self.factors.get(class_, ONE) / ONE

    @property
    def sha256(self) -> str:
        """The hash of the factors as JSON with sorted names."""
        return sha256(json.dumps(dict(self.factors), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def factors_of(mix: Mix) -> NDArray[np.float64]:
    """Return a mix's factors by part, kind and how common a term is, in the order of FIELDS, KINDS and CLASSES."""
    return np.array([mix.factor(name) for name in CLASSES]).reshape(len(FIELDS), len(KINDS), len(_BANDS))
