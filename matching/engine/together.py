"""Many queries at once, from what was read of them: bit by bit what a search for each alone finds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.compiled import Asked
from matching.engine.compiledbest import NO_LEVEL, Circumstances, Lists, Slack, best_of_each
from matching.engine.config import Config
from matching.engine.documents import Filters
from matching.engine.filtering import allowed
from matching.engine.index import Index
from matching.engine.kept import Readings
from matching.engine.scanning import EVERYBODY, among, postings_of, to_read
from matching.engine.segment import Segment, Weighed
from matching.engine.sharding import WHOLE, Shard
from matching.engine.statistics import FULL_IMPACT, FULL_WEIGHT
from matching.engine.weighing import Weights, weigh_all

Attributes = Mapping[str, str | int | None]
# A segment, and which of its documents are not removed.
_Living = tuple[Segment, NDArray[np.bool_]]


class Bests(NamedTuple):
    """The best for many queries, by score and then by id: those of the i-th end at ends[i]."""

    ids: NDArray[np.bytes_]
    scores: NDArray[np.float64]
    ends: NDArray[np.int64]

    def each(self) -> Iterator[list[tuple[bytes, float]]]:
        """Yield what each query found."""
        found = list(zip(self.ids.tolist(), self.scores.tolist(), strict=True))
        for first, last in pairwise([0, *self.ends.tolist()]):
            yield found[first:last]


def weights_of(index: Index, readings: Readings) -> Weights:
    """Return what the terms of the queries weigh in this corpus."""
    return weigh_all(readings, index.held, index.statistics, index.config, index.mix)


def best_of_all(
    index: Index, weights: Weights, attributes: Sequence[Attributes], filters: Filters | None = None, *, k: int, shard: Shard = WHOLE
) -> Bests:
    """Return for each of the queries, which seek supply, exactly what `Index.best` finds; raises ValueError unless k is 1 or more."""
    if k < 1:
        raise ValueError("At least one must be asked for.")
    numbers, ids, scores = [], [], []
    for part in index.parts:
        found = _best_of(index, (part.segment, part.alive), weights, attributes, (filters or Filters(), k, shard))
        numbers.append(np.repeat(np.arange(len(found.ends)), np.diff(found.ends, prepend=0)))
        ids.append(found.ids)
        scores.append(found.scores)
        if len(index.parts) == 1:
            return found
    number, id_, score = (np.concatenate([*each, np.empty(0, kind)]) for each, kind in ((numbers, np.int64), (ids, "S1"), (scores, float)))
    order = np.lexsort((id_, -score, number))
    rank = np.arange(len(order)) - np.searchsorted(number[order], number[order])
    kept = order[rank < k]
    ends = np.searchsorted(number[kept], np.arange(len(attributes)), side="right")
    return Bests(id_[kept], score[kept], ends)


def teams_of(index: Index, ids: Sequence[bytes]) -> list[str | None]:
    """Return the team of each of these documents, None for one that names none."""
    found: list[str | None] = [None] * len(ids)
    for part in index.parts:
        rows = part.segment.rows_of(id_.decode("utf-8", "surrogatepass") for id_ in ids)
        for number in np.flatnonzero((rows >= 0) & part.alive[rows]).tolist():
            found[number] = part.segment.documents[int(rows[number])].text_attribute("team")
    return found


def _best_of(index: Index, living: _Living, weights: Weights, attributes: Sequence[Attributes], asked: tuple[Filters, int, Shard]) -> Bests:
    (segment, alive), config = living, index.config
    filters, k, shard = asked
    weighed = segment.weighed(index.statistics.usual_length, config)
    first, last = shard.rows_of(segment) or (0, len(segment))
    fitting = allowed(segment, alive, filters)
    whole = config.text_ceiling / (FULL_IMPACT * FULL_WEIGHT)
    rows, scores, ends = best_of_each(
        postings_of(segment, weighed),
        _lists(segment, weighed, weights),
        _circumstances(segment, attributes, config),
        ((first, last), to_read(EVERYBODY if fitting is None else fitting)),
        (k, Slack(whole, config.soft_ceiling, config.soft_most / whole)),
    )
    return Bests(segment.ids[rows], scores, ends)


def _circumstances(segment: Segment, attributes: Sequence[Attributes], config: Config) -> Circumstances:
    wanted = np.zeros((len(attributes), 3), np.int64)
    for number, given in enumerate(attributes):
        for place, name in enumerate(("industry_code", "region_code")):
            value = given.get(name)
            # A document without one has the code 0.
            wanted[number, place] = -1 if value in (None, "") else segment.attributes.values[name].get(str(value), -1)
        level = given.get("readiness")
        wanted[number, 2] = NO_LEVEL if level in (None, "") else int(level)
    return Circumstances(
        to_read(segment.attributes.codes["industry_code"]),
        to_read(segment.attributes.codes["region_code"]),
        to_read(segment.attributes.readiness),
        wanted,
        np.array([config.same_industry, config.same_region, config.readiness_reached]),
    )


def _lists(segment: Segment, weighed: Weighed, weights: Weights) -> Lists:
    """Return where the lists of the terms of all queries lie; each query's frequent ones the heaviest first."""
    query = np.repeat(np.arange(len(weights.ends)), np.diff(weights.ends, prepend=0))
    places = segment.places_of(weights.keys)
    there = (places >= 0) & (weights.units > 0)
    places, units, query = places[there], weights.units[there], query[there]
    numbers, frequent = among(weighed.frequent, places)
    count = len(weights.ends)
    gives = units[frequent].astype(np.float64) * weighed.most[places[frequent]]
    order = np.lexsort((-gives, query[frequent]))
    often = np.bincount(query[frequent], minlength=count)
    numbers, heavy = numbers[frequent][order], units[frequent][order]
    places, units, query = places[~frequent], units[~frequent], query[~frequent]
    before, long = among(segment.windowed.places, places)
    return Lists(
        Asked(
            segment.starts[places], segment.starts[places + 1],
            segment.windowed.starts[before], np.where(long, before, -1), units,
            numbers, heavy, _rest(gives[order], often),
        ),
        np.cumsum(np.bincount(query, minlength=count)),
        np.cumsum(often),
    )  # fmt: skip


def _rest(gives: NDArray[np.float64], often: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each query what all its frequent lists from each on can give together, and a 0 at its end.

    These are whole numbers below 2**53, so differences of running sums are exact.
    """
    ends = np.cumsum(often)
    until = np.concatenate(([0.0], np.cumsum(gives)))
    query = np.repeat(np.arange(len(often)), often + 1)
    place = np.arange(len(query)) - query
    rest: NDArray[np.float64] = until[ends[query]] - until[place]
    return rest
