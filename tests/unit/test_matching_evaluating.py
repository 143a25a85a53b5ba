"""The measures are the textbook's, and the platform's ranking reaches on the labelled sets what it once reached."""

import math
from functools import cache
from pathlib import Path

import pytest

from matching.engine.documents import Document, Query
from matching.engine.evaluating import LabelledSet, evaluate, ndcg, read_labelled_set, recall, reciprocal_rank

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
    assert evaluate(labelled, pool=True)["nDCG@10"] == pytest.approx((1 + 2 / math.log2(3)) / best)
    assert evaluate(labelled)["nDCG@10"] == pytest.approx(1 / best)


@cache
def labelled_set(name: str) -> LabelledSet:
    folder = LABELLED / name
    if not folder.is_dir():
        pytest.skip(f"the labelled set {name} is not on this machine (../shared/data/matching)")
    return read_labelled_set(folder)


# Measured with the platform's configuration, less five thousandths for what another platform's arithmetic may move.
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
    measured = evaluate(labelled_set(name), pool=pool)
    assert {measure: value for measure, value in least.items() if measured[measure] < value} == {}, measured
