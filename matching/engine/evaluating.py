"""Measures of a ranking against graded judgements, and a labelled set read from a folder."""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles, stdev

from matching.engine.config import PLATFORM, Config
from matching.engine.documents import Document, Filters, Query
from matching.engine.index import Index

Judgements = Mapping[str, Mapping[str, int]]


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return the discounted gain of the first k over the best possible one (gain = grade, discount = log2 of rank + 1).

    Järvelin and Kekäläinen 2002; 0 where nothing is relevant.
    """
    best = sorted(grades.values(), reverse=True)[:k]
    ideal = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))
    gain = sum(grades.get(id_, 0) / math.log2(rank + 2) for rank, id_ in enumerate(ranked[:k]))
    return gain / ideal if ideal else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int = 100) -> float:
    """Return the share of the relevant documents (grade above 0) that stand among the first k; 0 where nothing is relevant."""
    relevant = {id_ for id_, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return 1 over the rank of the first relevant document, 0 where none stands among the first k."""
    return next((1.0 / (rank + 1) for rank, id_ in enumerate(ranked[:k]) if grades.get(id_, 0) > 0), 0.0)


_DEPTH = 100
MEASURES: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    "nDCG@10": ndcg,
    "Recall@100": recall,
    "MRR@10": reciprocal_rank,
}


@dataclass(frozen=True)
class LabelledSet:
    """Documents, queries and graded judgements."""

    documents: tuple[Document, ...]
    queries: Mapping[str, Query]
    judgements: Judgements


def read_labelled_set(folder: Path) -> LabelledSet:
    """Read corpus.jsonl {id, title, text[, keywords]}, queries.jsonl {id, text[, full_text]} and qrels.tsv (query, document, grade).

    A query's text is its title; where a longer full_text is given, that is its body.
    """
    documents = tuple(
        Document(id=str(row["id"]), title=row.get("title", ""), body=row.get("text", ""), keywords="\n".join(row.get("keywords", ())))
        for row in _rows(folder / "corpus.jsonl")
    )
    queries = {str(row["id"]): Query(title=row["text"], body=row.get("full_text", "")) for row in _rows(folder / "queries.jsonl")}
    judgements: dict[str, dict[str, int]] = {id_: {} for id_ in queries}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        judgements.setdefault(query, {})[document] = int(grade)
    return LabelledSet(documents, queries, judgements)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


@dataclass(frozen=True)
class Measured:
    """What each query reached, measure by measure."""

    values: Mapping[str, Mapping[str, float]]

    def mean(self, measure: str) -> float:
        """Return the mean over the queries, 0 where there is none."""
        return fmean(self.values[measure].values()) if self.values[measure] else 0.0

    def spread(self, measure: str) -> dict[str, float]:
        """Return the standard deviation over the queries, and where the quarters of them end."""
        found = sorted(self.values[measure].values())
        if len(found) < 2:
            return {}
        first, middle, third = quantiles(found, n=4, method="inclusive")
        return {"deviation": stdev(found), "least": found[0], "first": first, "median": middle, "third": third, "most": found[-1]}


def measured(labelled: LabelledSet, rank: Callable[[str, Collection[str] | None], list[str]], *, pool: bool) -> Measured:
    """Measure a ranking: `rank` gets a query's id and, in a pool, the ids to choose from, and returns at most a hundred, the best first."""
    values: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    for id_ in labelled.queries:
        grades = labelled.judgements.get(id_, {})
        ranked = rank(id_, grades.keys() if pool else None)
        if pool:  # whoever shares no word with the query still has a place in the pool: behind the others, by id
            ranked += sorted(set(grades) - set(ranked))
        for name, figure in MEASURES.items():
            values[name][id_] = figure(ranked, grades)
    return Measured(values)


def evaluate(labelled: LabelledSet, *, pool: bool = False, config: Config = PLATFORM, index: Index | None = None) -> Measured:
    """Measure the platform's ranking; `pool` ranks only the judged documents of each query, `index` spares building one."""
    searched = Index.of(labelled.documents, config) if index is None else index

    def rank(id_: str, among: Collection[str] | None) -> list[str]:
        filters = Filters(only_ids=None if among is None else frozenset(among))
        return [hit.document.id for hit in searched.search(labelled.queries[id_], filters, k=_DEPTH)]

    return measured(labelled, rank, pool=pool)
