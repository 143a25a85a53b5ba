"""How fast the matcher is on this machine: `python bench/matching.py [DOCUMENTS]`. Texts are synthetic, from a fixed seed.

Figures are CPU milliseconds (median and 95th percentile); the yardstick is scikit-learn's plain linear_kernel over the same counts and
the same queries in the same run.
"""

import random
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import Figures
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from matching.engine.config import PLATFORM
from matching.engine.documents import Document, Filters, Query
from matching.engine.explaining import explain
from matching.engine.index import Index
from matching.engine.tokenising import terms

QUERIES = 100


def text(draw: random.Random, length: int) -> str:
    """Draw characters by a power law over the common Han characters, so a few are everywhere and most are rare."""
    return "".join(chr(0x4E00 + min(int(draw.paretovariate(0.6)) * 7, 6_000)) for _ in range(length))


def spent(run: Callable[[int], object], times: int = QUERIES) -> list[float]:
    """CPU milliseconds of each of so many calls."""
    found = []
    for number in range(times):
        start = process_time()
        run(number)
        found.append((process_time() - start) * 1000)
    return found


def main(size: int) -> None:
    draw = random.Random(7)
    documents = [
        Document(
            id=f"{number:07}",
            title=text(draw, 20),
            body=text(draw, 220),
            keywords=text(draw, 12),
            attributes={"region_code": f"1101{draw.randint(1, 16):02}", "readiness": draw.randint(1, 9)},
        )
        for number in range(size)
    ]
    queries = [Query(title=text(draw, 20), body=text(draw, 250), attributes={"region_code": "110108"}) for _ in range(QUERIES)]
    short = [Query(title=text(draw, 10)) for _ in range(QUERIES)]

    figures = Figures("matching")
    start = process_time()
    index = Index.of(documents)
    figures.take(f"{size} documents built", process_time() - start, "CPU s")
    figures.take("  terms", len(index.vocabulary), "")
    figures.take("  postings", index.postings, "")

    vectoriser = TfidfVectorizer(analyzer=lambda words: terms(words, limit=PLATFORM.max_field_chars), sublinear_tf=True)
    matrix = vectoriser.fit_transform(" ".join(document.fields) for document in documents)

    def plain(number: int) -> object:
        query = " ".join(queries[number].parts)
        return linear_kernel(vectoriser.transform([query]), matrix)[0].argsort()[::-1][:10]

    yardstick = spent(plain, times=20)

    def measure(label: str, run: Callable[[int], object], *, beside: list[float] | None = None) -> None:
        found = spent(run)
        figures.take(f"{label}, median", median(found), "CPU ms", yardstick=median(beside) if beside else None)
        tail = quantiles(beside, n=20)[-1] if beside else None
        figures.take(f"{label}, 95th percentile", quantiles(found, n=20)[-1], "CPU ms", yardstick=tail)

    measure("search, title and body", lambda number: index.search(queries[number]), beside=yardstick)
    measure("search, title", lambda number: index.search(short[number]))
    region = Filters(region_codes=frozenset({"110108"}))
    measure("search in one region", lambda number: index.search(queries[number], region))
    measure("search and explain 10", lambda number: explain(index, queries[number], index.search(queries[number])))

    def replace(number: int) -> None:
        nonlocal index
        index = index.with_documents([documents[number * 7 % size]])
        index.search(short[number])

    measure("replace one and see it", replace)
    figures.write()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
