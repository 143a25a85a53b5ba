"""The measures are the textbook's, and the platform's ranking reaches on the labelled sets what it once reached."""

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from matching.engine.comparing import BASELINES, bm25, chance, evaluate_baseline, plain_words
from matching.engine.documents import Document, Query
from matching.engine.evaluating import LabelledSet, Measured, evaluate, ndcg, read_labelled_set, recall, reciprocal_rank
from matching.engine.explaining import explain
from matching.engine.index import Index

LABELLED = Path(__file__).parents[3] / "shared" / "data" / "matching"
GRADES = {"a": 3, "b": 0, "c": 1, "d": 2}


def test_ndcg_discounts_each_grade_by_its_rank() -> None:
    best = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["b", "a", "x", "c"], GRADES) == pytest.approx((3 / math.log2(3) + 1 / math.log2(5)) / best)
    assert ndcg(["a", "d", "c"], GRADES) == 1.0
    assert ndcg(["a"], {"a": 0}) == 0.0


def test_recall_and_reciprocal_rank_look_at_the_first_k_only() -> None:
    assert recall(["b", "a", "c"], GRADES, k=2) == pytest.approx(1 / 3)
    assert reciprocal_rank(["b", "x", "d"], GRADES) == pytest.approx(1 / 3)
    assert reciprocal_rank(["b", "x", "d"], GRADES, k=2) == 0.0


def test_in_a_pool_a_document_without_a_shared_word_still_has_its_place() -> None:
    documents = (Document(id="a", title="锂电池"), Document(id="b", title="焊接"), Document(id="z", title="锂电池组"))
    labelled = LabelledSet(documents, {"q": Query("锂电池")}, {"q": {"a": 1, "b": 2}})
    best = 2 + 1 / math.log2(3)
    assert evaluate(labelled, pool=True).mean("nDCG@10") == pytest.approx((1 + 2 / math.log2(3)) / best)
    assert evaluate(labelled).mean("nDCG@10") == pytest.approx(1 / best)


def test_the_spread_is_that_of_the_queries() -> None:
    found = Measured({"nDCG@10": {"a": 0.0, "b": 1.0, "c": 0.5}}).spread("nDCG@10")
    assert found == {"deviation": 0.5, "least": 0.0, "first": 0.25, "median": 0.5, "third": 0.75, "most": 1.0}


def test_bm25_is_the_textbooks() -> None:
    scores = bm25(["welding robots weld", "robot arm", ""], ["robots of robots", "锂电池"])
    rarity, mean = math.log1p(1.5 / 2.5), 5 / 3
    expected = [2 * rarity / (1 + 1.5 * (0.25 + 0.75 * length / mean)) for length in (3, 2)]
    assert scores.tolist() == [[pytest.approx(expected[0]), pytest.approx(expected[1]), 0.0], [0.0, 0.0, 0.0]]


def test_plain_words_are_a_dictionarys_in_chinese_and_the_rankings_own_in_english() -> None:
    assert plain_words("锂电池 LiFePO4 welding robots") == ["lifepo4", "weld", "robot", "锂电池"]


def test_a_plain_ranking_is_measured_like_ours() -> None:
    documents = (Document(id="a", title="锂电池"), Document(id="b", title="焊接"), Document(id="c", title="robot arm"))
    labelled = LabelledSet(documents, {"q": Query("robot"), "r": Query("welding")}, {"q": {"c": 1, "a": 0}, "r": {"b": 1}})
    found = {name: evaluate_baseline(name, labelled).values["MRR@10"] for name in BASELINES}
    assert found == {"bm25": {"q": 1.0, "r": 0.0}, "tfidf": {"q": 1.0, "r": 0.0}}
    assert evaluate_baseline("bm25", labelled, pool=True).values["MRR@10"] == {"q": 1.0, "r": 1.0}


def test_a_difference_of_every_query_is_no_chance_and_one_of_few_may_be() -> None:
    better = Measured({"m": {str(number): 0.6 for number in range(20)}})
    worse = Measured({"m": {str(number): 0.5 for number in range(20)}})
    mixed = Measured({"m": {str(number): 0.6 + (-0.1) ** (number % 2 + 1) for number in range(20)}})
    assert chance(better, worse, "m") < 0.001
    assert chance(better, better, "m") == 1.0
    assert chance(better, mixed, "m") > chance(better, worse, "m")


@cache
def labelled_texts(name: str) -> LabelledSet:
    folder = LABELLED / name
    if not folder.is_dir():
        pytest.skip(f"the labelled set {name} is not on this machine (../shared/data/matching)")
    return read_labelled_set(folder)


@cache
def labelled_set(name: str) -> tuple[LabelledSet, Index]:
    labelled = labelled_texts(name)
    return labelled, Index.of(labelled.documents)


@cache
def ours_on(name: str, *, pool: bool) -> Measured:
    labelled, index = labelled_set(name)
    return evaluate(labelled, pool=pool, index=index)


# Measured with the platform's configuration, less five thousandths for what another machine's arithmetic may move.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pool", "least"),
    [
        ("ccf_bdci2019", True, {"nDCG@10": 0.722}),
        ("ccf_bdci2019", False, {"nDCG@10": 0.239, "Recall@100": 0.418, "MRR@10": 0.417}),
        ("cranfield", False, {"nDCG@10": 0.552, "Recall@100": 0.784, "MRR@10": 0.861}),
        ("scifact", False, {"nDCG@10": 0.678, "Recall@100": 0.907, "MRR@10": 0.645}),
    ],
)
def test_the_ranking_is_no_worse_than_it_was(name: str, pool: bool, least: dict[str, float]) -> None:
    found = ours_on(name, pool=pool)
    assert {measure: found.mean(measure) for measure, value in least.items() if found.mean(measure) < value} == {}


@pytest.mark.parametrize("name", ["ccf_bdci2019", "cranfield", "scifact"])
def test_on_real_demands_the_shares_of_whatever_is_found_add_up_to_its_score(name: str, at_size: Callable[[int, int], int]) -> None:
    labelled = labelled_texts(name)
    index = Index.of(labelled.documents[: at_size(200, 1_000_000)])  # of all of scifact: some seconds to build
    for query in list(labelled.queries.values())[: at_size(12, 1_000)]:
        hits = index.search(query)
        for hit, why in zip(hits, explain(index, query, hits), strict=True):
            soft = math.fsum(one.share for one in why.soft)
            for side in (why.terms, why.asked):
                assert math.fsum(one.share for one in side) + soft == pytest.approx(hit.score, abs=1e-9)


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize(("name", "pool"), [("ccf_bdci2019", True), ("ccf_bdci2019", False), ("cranfield", False)])
def test_the_ranking_is_better_than_a_plain_one_and_not_by_chance(name: str, pool: bool, baseline: str) -> None:
    ours, theirs = ours_on(name, pool=pool), evaluate_baseline(baseline, labelled_set(name)[0], pool=pool)
    assert ours.mean("nDCG@10") > theirs.mean("nDCG@10")
    assert chance(ours, theirs, "nDCG@10") < 0.05


@pytest.mark.parametrize("baseline", BASELINES)
def test_on_scifact_it_is_better_than_tfidf_not_by_chance_and_than_bm25_by_little(
    baseline: str, at_size: Callable[[int, int], int]
) -> None:
    if not at_size(0, 1):
        pytest.skip("Plain rankings of long abstracts take a quarter of a minute: measured by make prove.")
    ours, theirs = ours_on("scifact", pool=False), evaluate_baseline(baseline, labelled_set("scifact")[0])
    assert ours.mean("nDCG@10") > theirs.mean("nDCG@10")
    # A hundredth above BM25 on 167 queries comes about by chance one time in five (docs/matching.md).
    assert baseline == "bm25" or chance(ours, theirs, "nDCG@10") < 0.05
