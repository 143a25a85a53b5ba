"""How good and how fast the matcher is: `python bench/matching.py [DOCUMENTS …] [--nightly N] [--tokens N] [--answered N]`.

How good is measured on labelled sets, where they are there (quality.py). For speed texts are synthetic, from a fixed seed; each number
of documents is measured in a process of its own, 100,000 and 1,000,000 unless said otherwise, and written to a file of its own.

Words follow Zipf's law over a vocabulary of 200,000, a text has 60 to 100 of them. A whole demand is such a text, a short query twelve
words that are not among the hundred commonest. Figures are CPU milliseconds (median and 95th percentile). The index lies in files, as
that of a large corpus does. The yardsticks rank the same texts for the same queries in the same run: scikit-learn's plain linear_kernel,
bm25s and tantivy. N demands make a whole night (nights.py), as many as there are documents up to 100,000 unless said otherwise; N
documents are built from tokens (fromtokens.py), and asked for over HTTP where a database is named (answering.py).
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

import bm25s
import memory
import numpy as np
import tantivy
from answering import answered
from bm25s.tokenization import Tokenized
from figures import Figures
from fromtokens import SEARCHED, from_tokens
from nights import nights
from quality import quality
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from matching.engine.config import PLATFORM
from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.explaining import explain
from matching.engine.index import Index
from matching.engine.sharding import shards_between
from matching.engine.spreading import DEPTH
from matching.engine.stored import open_segment, write_segment

QUERIES = 100
YARDSTICK_QUERIES = 20
WORDS = 200_000
COMMONEST = 100
FILLING = 2_000
REGIONS = 16
NIGHTLY = 2_000
ALL_AGAINST_ALL = 100_000

Search = Callable[[str], object]


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


def brute_force(texts: list[str]) -> Search:
    """The ten best by scikit-learn: every document is compared."""
    vectoriser = TfidfVectorizer(analyzer=str.split)
    matrix = vectoriser.fit_transform(texts)
    return lambda query: linear_kernel(vectoriser.transform([query]), matrix)[0].argsort()[::-1][:10]


def bm25s_search(texts: list[str]) -> Search:
    """The ten best by bm25s, asked directly for its scores."""
    known: dict[str, int] = {}
    ids = [[known.setdefault(word, len(known)) for word in text.split()] for text in texts]
    ranking = bm25s.BM25(k1=1.5, b=0.75)
    ranking.index(Tokenized(ids=ids, vocab=known), show_progress=False)

    def best(query: str) -> object:
        scores = ranking.get_scores([word for word in query.split() if word in known])
        return np.argpartition(scores, -10)[-10:]

    return best


def tantivy_search(texts: list[str]) -> Search:
    """The ten best by tantivy, whose index lies in memory."""
    schema = tantivy.SchemaBuilder().add_text_field("body", tokenizer_name="whitespace", index_option="freq").build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=256 * 2**20, num_threads=1)
    for text in texts:
        writer.add_document(tantivy.Document(body=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    return lambda query: searcher.search(index.parse_query(query, ["body"]), 10, count=False)


YARDSTICKS = {"scikit-learn": brute_force, "bm25s": bm25s_search, "tantivy": tantivy_search}


def documents(texts: list[str]) -> Iterator[Document]:
    for number, text in enumerate(texts):
        attributes = {"region_code": f"1101{number * 7 % REGIONS + 1:02}", "readiness": 1 + number % 9}
        yield Document(id=f"{number:07}", body=text, attributes=attributes)


def built(texts: list[str], folder: Path, figures: Figures) -> Index:
    """Build the index in files and open it."""
    before, start = memory.from_here(), process_time()
    write_segment(folder, documents(texts), PLATFORM, {})
    figures.take(f"{len(texts)} documents built", process_time() - start, "CPU s")
    figures.take("  memory beside the texts, at most", (memory.most() - before) / 2**20, "MiB")
    start = process_time()
    index = Index.over(open_segment(folder, PLATFORM)[0])
    figures.take("opened and checked", (process_time() - start) * 1000, "CPU ms")
    figures.take("  terms", index.terms, "")
    figures.take("  postings", index.postings, "")
    sizes = {path.name: path.stat().st_size / 2**20 for path in folder.iterdir()}
    searched = sum(sizes[name] for name in SEARCHED)
    figures.take("  files that a search reads, shared", searched, "MiB")
    figures.take("  all files, texts included", sum(sizes.values()), "MiB")
    figures.take("  arrays of each process", index.own_bytes / 2**20, "MiB")
    return index


def nightly(index: Index, drawn: Texts, size: int, figures: Figures) -> None:
    """What a piece of a night costs a demand: its text read, and the thirty best found in one shard, or in four put together."""
    asked = [Query(body=drawn.long()) for _ in range(min(size, NIGHTLY))]
    cuts = [f"{size * part // 4:07}" for part in range(1, 4)]
    reading = spent(lambda number: index.parted(asked[number]), times=len(asked))
    whole = spent(lambda number: index.best(asked[number], k=DEPTH), times=len(asked))
    shards = shards_between(cuts)
    parted = spent(lambda number: [index.best(asked[number], k=DEPTH, shard=shard) for shard in shards], times=len(asked) // 4)
    figures.take(f"  of {len(asked)} demands of a night, each: read", sum(reading) / len(reading), "CPU ms")
    figures.take("  read, and the 30 best of one shard", sum(whole) / len(whole), "CPU ms")
    figures.take("  read once, and the 30 best of each of four shards", sum(parted) / len(parted), "CPU ms")
    figures.take(f"  so all {size} demands on two processors", sum(whole) / len(whole) * size / 2_000, "s")


def explaining(index: Index, asked: list[str], figures: Figures) -> None:
    """One match explained, alone and as part of a page of ten, for a demand that found supply and for supply that found a demand.

    The search before has read the query, as it has in a request. Nobody has read the demands that are found, unless they are found again.
    """
    for who, offering in (("demand asks", False), ("supply asks", True)):
        alone, of_ten, again = [], [], []
        for text in asked:
            query = Query(body=text, offering=offering)
            hits = index.search(query)

            def explained(some: list[Hit], query: Query = query) -> float:
                return spent(lambda _: explain(index, query, some), times=1)[0] / len(some)

            index.demands.forget()
            alone.append(explained(hits[4:5]))
            index.demands.forget()
            of_ten.append(explained(hits))
            again.append(explained(hits))
        found = {"one of ten": of_ten, "one alone": alone} | ({"one of ten that were found before": again} if offering else {})
        for label, times in found.items():
            figures.take(f"{label} explained, {who}, median", median(times), "CPU ms")
            figures.take(f"{label} explained, {who}, 95th percentile", quantiles(times, n=20)[-1], "CPU ms")


def speed(size: int, demands: int) -> None:
    """Take the figures over so many documents, with a night of so many demands."""
    drawn = Texts()
    texts = [drawn.long() for _ in range(size)]
    long = [drawn.long() for _ in range(QUERIES)]
    short = [drawn.short() for _ in range(QUERIES)]
    figures = Figures(f"matching-{size}")

    def measure(label: str, run: Callable[[int], object], *, beside: list[float] | None = None) -> None:
        found = spent(run)
        figures.take(f"{label}, median", median(found), "CPU ms", yardstick=median(beside) if beside else None)
        tail = quantiles(beside, n=20)[-1] if beside else None
        figures.take(f"{label}, 95th percentile", quantiles(found, n=20)[-1], "CPU ms", yardstick=tail)

    with TemporaryDirectory() as folder:
        index = built(texts, Path(folder), figures)
        index.search(Query(body=long[0]))
        region = Filters(region_codes=frozenset({"110108"}))
        measure("whole demand in one region", lambda number: index.search(Query(body=long[number]), region))
        measure(
            "whole demand and ten explanations",
            lambda number: explain(index, Query(body=long[number]), index.search(Query(body=long[number]))),
        )
        explaining(index, long, figures)
        nightly(index, Texts(), size, figures)
        if demands:
            with TemporaryDirectory() as kept:
                nights(index, [drawn.long() for _ in range(demands)], Path(kept), figures)
        replaced = index

        def replace(number: int) -> None:
            nonlocal replaced
            filling = Document(id=f"{number * FILLING % size:07}", body=texts[number])
            replaced = replaced.with_documents([filling])
            replaced.search(Query(body=short[number]))

        measure("replace one and see it", replace)
        changed = [Document(id=f"{number * FILLING % size:07}", body=long[number]) for number in range(QUERIES)]
        measure("  the change alone", lambda number: replaced.with_documents([changed[number]]))
        for name, yardstick in YARDSTICKS.items():
            figures.tell(f"{name} indexes the same texts")
            search = yardstick(texts)
            for kind, queries in (("whole demand", long), ("12 words", short)):
                times = spent(lambda number, search=search, queries=queries: search(queries[number]), times=YARDSTICK_QUERIES)  # type: ignore[misc]
                measure(f"{kind} beside {name}", lambda number, queries=queries: index.search(Query(body=queries[number])), beside=times)
            del search
    figures.write()


def main(sizes: Sequence[int], demands: int | None, tokens: int, answers: int) -> int:
    """Return 0 when every size was measured to its end."""
    figures = Figures("matching")
    quality(figures)
    # Each size in a process of its own, which nothing else has filled before.
    own = get_context("spawn")
    ended = []
    for size in sizes:
        asking = (size if size <= ALL_AGAINST_ALL else NIGHTLY) if demands is None else demands
        measured = own.Process(target=speed, args=(size, asking))
        measured.start()
        measured.join()
        ended.append(measured.exitcode)
    if tokens:
        from_tokens(tokens, figures)
    if answers:
        answered(answers, Texts().long, figures)
    figures.write()
    return 1 if any(ended) else 0


if __name__ == "__main__":
    given = ArgumentParser()
    given.add_argument("documents", type=int, nargs="*", default=[100_000, 1_000_000])
    given.add_argument("--nightly", type=int, help="demands of a whole night by two processes")
    given.add_argument("--tokens", type=int, default=1_000_000, help="documents that are built from tokens")
    given.add_argument("--answered", type=int, default=2_000, help="achievements that are asked for over HTTP")
    said = given.parse_args()
    sys.exit(main(said.documents, said.nightly, said.tokens, said.answered))
