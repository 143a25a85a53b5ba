"""How fast the matcher is on this machine: `python bench/matching.py [DOCUMENTS]`. Texts are synthetic, from a fixed seed.

Words follow Zipf's law over a vocabulary of 200,000, a text has 60 to 100 of them. A whole demand is such a text, a short query twelve
words that are not among the hundred commonest. Figures are CPU milliseconds (median and 95th percentile). The yardsticks rank the same
texts for the same queries in the same run: scikit-learn's plain linear_kernel, and bm25s where it is installed.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from figures import Figures
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from matching.engine.documents import Document, Filters, Query
from matching.engine.explaining import explain
from matching.engine.index import Index

QUERIES = 100
YARDSTICK_QUERIES = 20
WORDS = 200_000
COMMONEST = 100
FILLING = 2_000


class Texts:
    """Words drawn by Zipf's law from a fixed seed."""

    def __init__(self) -> None:
        self.draw = np.random.default_rng(7)
        chances = 1.0 / np.arange(1, WORDS + 1)
        self.cumulative = np.cumsum(chances / chances.sum())

    def words(self, count: int, *, rare: bool = False) -> list[str]:
        start = self.cumulative[COMMONEST] if rare else 0.0
        at = np.searchsorted(self.cumulative, self.draw.uniform(start, 1.0, size=count))
        return [f"w{number}" for number in np.minimum(at, WORDS - 1).tolist()]

    def long(self) -> str:
        return " ".join(self.words(int(self.draw.integers(60, 101))))

    def short(self) -> str:
        return " ".join(self.words(12, rare=True))


def spent(run: Callable[[int], object], times: int = QUERIES) -> list[float]:
    """CPU milliseconds of each of so many calls."""
    found = []
    for number in range(times):
        start = process_time()
        run(number)
        found.append((process_time() - start) * 1000)
    return found


def brute_force(texts: list[str]) -> Callable[[str], object]:
    """The ten best by scikit-learn: every document is compared."""
    vectoriser = TfidfVectorizer(analyzer=str.split)
    matrix = vectoriser.fit_transform(texts)
    return lambda query: linear_kernel(vectoriser.transform([query]), matrix)[0].argsort()[::-1][:10]


def bm25s_search(texts: list[str]) -> Callable[[str], object] | None:
    """The ten best by bm25s, asked directly for its scores, or None where it is not installed."""
    try:
        import bm25s  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    ranking = bm25s.BM25(k1=1.5, b=0.75)
    ranking.index([text.split() for text in texts], show_progress=False)

    def best(query: str) -> object:
        scores = ranking.get_scores(query.split())
        return np.argpartition(scores, -10)[-10:]

    return best


def main(size: int) -> None:
    drawn = Texts()
    texts = [drawn.long() for _ in range(size)]
    regions = drawn.draw.integers(1, 17, size=size).tolist()
    documents = [
        Document(id=f"{number:07}", body=text, attributes={"region_code": f"1101{region:02}", "readiness": 1 + number % 9})
        for number, (text, region) in enumerate(zip(texts, regions, strict=True))
    ]
    long = [drawn.long() for _ in range(QUERIES)]
    short = [drawn.short() for _ in range(QUERIES)]

    figures = Figures("matching")
    start = process_time()
    index = Index.of(documents)
    index.search(Query(body=long[0]))
    figures.take(f"{size} documents built", process_time() - start, "CPU s")
    figures.take("  terms", len(index.vocabulary), "")
    figures.take("  postings", index.postings, "")
    figures.take("  arrays", index.array_bytes / 2**20, "MiB")

    def measure(label: str, run: Callable[[int], object], *, beside: list[float] | None = None) -> None:
        found = spent(run)
        figures.take(f"{label}, median", median(found), "CPU ms", yardstick=median(beside) if beside else None)
        tail = quantiles(beside, n=20)[-1] if beside else None
        figures.take(f"{label}, 95th percentile", quantiles(found, n=20)[-1], "CPU ms", yardstick=tail)

    yardsticks = {"scikit-learn": brute_force(texts), "bm25s": bm25s_search(texts)}
    for name, search in yardsticks.items():
        if search is None:
            continue
        for kind, queries in (("whole demand", long), ("12 words", short)):
            times = spent(lambda number, search=search, queries=queries: search(queries[number]), times=YARDSTICK_QUERIES)  # type: ignore[misc]
            measure(f"{kind} beside {name}", lambda number, queries=queries: index.search(Query(body=queries[number])), beside=times)
    region = Filters(region_codes=frozenset({"110108"}))
    measure("whole demand in one region", lambda number: index.search(Query(body=long[number]), region))
    measure(
        "whole demand and ten explanations", lambda number: explain(index, Query(body=long[number]), index.search(Query(body=long[number])))
    )

    def replace(number: int) -> None:
        nonlocal index
        index = index.with_documents([documents[number * FILLING % size]])
        index.search(Query(body=short[number]))

    measure("replace one and see it", replace)
    figures.write()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
