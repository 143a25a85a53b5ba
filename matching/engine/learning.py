"""Learning a mix from judged pairs: what each class of terms should count, and whether it ranks better than the fixed mix.

Every judged document gets, per class of terms, the sum of what they give it: the score is the sum of these figures, so a linear model over
them is a factor for each class (mixing.py). The factors are those, none below nothing, that come nearest to the grades by least squares,
each demand's figures and grades taken from their means; they are drawn towards the fixed mix, so little evidence changes little.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.building import document_terms
from matching.engine.comparing import chance
from matching.engine.documents import Document
from matching.engine.evaluating import LabelledSet, Measured, evaluate
from matching.engine.index import Index
from matching.engine.mixing import CLASSES, MOST, ONE, Mix
from matching.engine.segment import MOST_TIMES
from matching.engine.statistics import FULL_IMPACT, impacts
from matching.engine.tokenising import is_view

FOLDS = 10
MEASURE = "nDCG@10"
# How strongly the factors are drawn towards the fixed mix, beside a weight of one for each demand.
_DRAWN = 1.0
# The gate: so few demands or pairs decide nothing, and a difference as large must come about by chance in fewer cases than these.
LEAST_DEMANDS, LEAST_PAIRS, MOST_CHANCE = 50, 500, 0.05
_PLACES = {name: place for place, name in enumerate(CLASSES)}
Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """A labelled set with the index of its documents.

    Only the judged documents of a demand are ranked where they are a `pool`, which nobody's ranking may have picked; otherwise the whole
    corpus is. `beside` are documents of a demand that nobody judged and that are learned from as not chosen; the gate does not count them.
    A demand's id means one demand in all sources of a name.
    """

    labelled: LabelledSet
    index: Index
    pool: bool = True
    beside: Mapping[str, Collection[str]] = field(default_factory=dict)
    name: str = ""

    def grades(self, id_: str) -> dict[str, int]:
        """Return what is learned from: what was judged, and nothing for what stood beside it."""
        return {**dict.fromkeys(self.beside.get(id_, ()), 0), **self.labelled.judgements.get(id_, {})}


@dataclass(frozen=True)
class Learned:
    """A mix and what it reached on demands it was not learned from, beside the fixed mix on the same ones."""

    mix: Mix
    learned: Measured
    fixed: Measured
    pairs: int

    @property
    def demands(self) -> int:
        return len(self.fixed.values[MEASURE])

    @property
    def chance(self) -> float:
        """How often chance alone makes a difference as large (paired randomisation test)."""
        return chance(self.learned, self.fixed, MEASURE)

    @property
    def holds(self) -> bool:
        """Whether the gate lets the mix be used: better than the fixed one, not by chance, on enough demands and pairs."""
        enough = self.demands >= LEAST_DEMANDS and self.pairs >= LEAST_PAIRS
        return enough and self.learned.mean(MEASURE) > self.fixed.mean(MEASURE) and self.chance < MOST_CHANCE


def learn(sources: Sequence[Source]) -> Learned:
    """Learn a mix from all demands; its figures come from ten folds of demands, each ranked by a mix learned from the other nine.

    A demand's pairs never stand on both sides. Deterministic: which fold a demand is in is decided by its id.
    """
    rows = [row for source in sources for row in _rows(source)]
    learned: dict[str, float] = {}
    for fold in range(FOLDS):
        learned |= _reached(sources, fold, _fitted([row for row in rows if _fold(row.id) != fold]))
    fixed = _reached(sources)
    return Learned(_fitted(rows), Measured({MEASURE: learned}), Measured({MEASURE: fixed}), sum(row.pairs for row in rows))


def _reached(sources: Sequence[Source], fold: int | None = None, mix: Mix | None = None) -> dict[str, float]:
    """Return what each demand of a fold, or of all, reached: one figure, the mean where several sources have it."""
    reached: defaultdict[str, list[float]] = defaultdict(list)
    for source in sources:
        found = evaluate(_judged(source, fold), pool=source.pool, index=source.index.mixing(mix))
        for id_, value in found.values[MEASURE].items():
            reached[f"{source.name} {id_}"].append(value)
    return {id_: fmean(values) for id_, values in reached.items()}


def _fold(id_: str) -> int:
    return int.from_bytes(sha256(id_.encode()).digest()[:8], "big") % FOLDS


def _judged(source: Source, fold: int | None = None) -> LabelledSet:
    """The demands of a fold, or of all, of which documents were judged differently: of the others nothing can be learned or measured."""
    queries = {
        id_: query
        for id_, query in source.labelled.queries.items()
        if len(set(source.grades(id_).values())) > 1 and fold in (None, _fold(id_))
    }
    return replace(source.labelled, queries=queries)


class _Row(NamedTuple):
    """A demand: what the terms of each class give to each document it is learned from, the grades of these, and how many were judged."""

    id: str
    figures: Figures
    grades: Figures
    pairs: int


def _rows(source: Source) -> list[_Row]:
    documents = {document.id: document for document in source.labelled.documents}
    found = []
    for id_, query in _judged(source).queries.items():
        parted = source.index.parted(query)
        classed = [one for part in parted.parts for one in parted.classed(part, source.index.statistics.documents)]
        grades = {key: grade for key, grade in source.grades(id_).items() if key in documents}
        figures = np.array([_figures(classed, documents[key], source.index) for key in grades]).reshape(-1, len(CLASSES))
        best = figures.sum(axis=1).max(initial=0.0)
        if best > 0.0:
            # Against the best of the demand: scores of different demands are not comparable.
            judged = len(grades.keys() & source.labelled.judgements[id_].keys())
            found.append(_Row(id_, figures / best, np.array(list(grades.values()), dtype=np.float64), judged))
    return found


def _figures(classed: Sequence[tuple[str, str, float]], document: Document, index: Index) -> Figures:
    """Return what the terms of each class give to a document."""
    counts = Counter(document_terms(document, index.config))
    length = sum(times for term, times in counts.items() if not is_view(term))
    held = [(class_, gain, min(counts[term], MOST_TIMES)) for term, class_, gain in classed if term in counts]
    sums = np.zeros(len(CLASSES))
    if held:
        classes, gains, times = zip(*held, strict=True)
        given = impacts(np.array(times), np.full(len(held), length), index.statistics.usual_length, index.config) / FULL_IMPACT
        np.add.at(sums, [_PLACES[class_] for class_ in classes], given * np.array(gains))
    return sums


def _fitted(rows: Sequence[_Row]) -> Mix:
    """Return the factors nearest to the grades, drawn towards those of the fixed mix; all one where nothing was judged."""
    from sklearn.linear_model import LinearRegression  # noqa: PLC0415 - takes a second to load

    if not rows:
        return Mix({})
    figures = np.vstack([(given - given.mean(axis=0)) / np.sqrt(len(given)) for _, given, _, _ in rows])
    grades = np.concatenate([(wanted - wanted.mean()) / np.sqrt(len(wanted)) for _, _, wanted, _ in rows])
    fixed = figures.sum(axis=1)
    # What a unit of the fixed score is worth in grades: factors are told beside it.
    worth = max(float(fixed @ grades / max(fixed @ fixed, 1e-12)), 1e-6)
    drawn = np.sqrt(_DRAWN) * np.eye(len(CLASSES))
    model = LinearRegression(positive=True, fit_intercept=False)
    model.fit(np.vstack([figures, drawn]), np.concatenate([grades, drawn.sum(axis=1) * worth]))
    factors = np.clip(np.rint(ONE * model.coef_ / worth), 0, MOST).astype(int)
    return Mix({name: int(factor) for name, factor in zip(CLASSES, factors, strict=True) if factor != ONE})
