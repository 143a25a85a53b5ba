"""The weights of many queries that were read before, in compiled loops: bit by bit those that `querying.weigh` gives each alone."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiledweights import Figures, Weighable, units_of_each
from matching.engine.config import FIELDS, Config
from matching.engine.kept import Readings
from matching.engine.keys import Keys
from matching.engine.mixing import BEGINNING, KINDS, SEQUENCE, Mix, factors_of
from matching.engine.statistics import Statistics


class Weights(NamedTuple):
    """What each term of many queries weighs, in 2**-24; what was left out weighs nothing. Those of the i-th end at ends[i]."""

    keys: Keys
    units: NDArray[np.uint32]
    ends: NDArray[np.int64]

    def only(self, numbers: Sequence[int]) -> "Weights":
        """Return the weights of some of the queries."""
        sizes = np.diff(self.ends, prepend=0)[list(numbers)]
        ends = np.cumsum(sizes, dtype=np.int64)
        at = np.repeat(self.ends[list(numbers)] - ends, sizes) + np.arange(sizes.sum())
        return Weights(self.keys[at], self.units[at], ends)


def weigh_all(
    readings: Readings, held: Callable[[Keys], NDArray[np.int64]], statistics: Statistics, config: Config, mix: Mix | None = None
) -> Weights:
    """Return what the terms of each query weigh; `held` says how many documents hold each of some terms, and is asked once."""
    every, place = np.unique(readings.keys, return_inverse=True)
    holders = held(every)[place]
    numbers, which = np.unique(holders, return_inverse=True)
    rare = np.array([statistics.rarity(number) ** config.rarity_power for number in numbers.tolist()], dtype=np.float64)
    beside = np.ones(len(KINDS))
    beside[BEGINNING], beside[SEQUENCE] = config.beginning_weight, config.sequence_weight
    factors = np.empty((0, 0, 0)) if mix is None else factors_of(mix)
    units = units_of_each(
        Weighable(readings.kinds, readings.told, holders, rare[which] * beside[readings.kinds]),
        readings.ends,
        Figures(_shares(config), factors, config.other_name_weight, config.max_query_terms, statistics.documents),
    )
    return Weights(readings.keys, units, readings.ends)


def _shares(config: Config) -> NDArray[np.float64]:
    """Return what each part counts, by which of the parts say anything (as bits)."""
    found = np.zeros((2 ** len(FIELDS), len(FIELDS)))
    for said in product((0, 1), repeat=len(FIELDS)):
        spoken = [part for part, says in enumerate(said) if says]
        whole = sum(config.query_weights[part] for part in spoken)
        for part in spoken:
            found[sum(1 << part for part in spoken), part] = config.query_weights[part] / whole
    return found
