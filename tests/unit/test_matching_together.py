"""Many queries ranked at once, from what was kept of reading them, find bit by bit what each finds alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import compiledweights
from matching.engine.config import PLATFORM
from matching.engine.documents import Document, Filters, Query
from matching.engine.index import Index
from matching.engine.kept import Readings, read
from matching.engine.mixing import CLASSES, Mix
from matching.engine.sharding import Shard
from matching.engine.together import best_of_all, teams_of, weights_of

UNHURRIED = settings(deadline=None, max_examples=25)
WORDS = ["锂电池", "电解液", "关键技术", "机器人", "LiFePO4", "lithium battery", "oscillation robot", "electrolyte", "光", "5G基站", "the"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=12).map("，".join)
IDS = st.sampled_from([f"d{number:02}" for number in range(30)])
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "region_code": st.sampled_from(["110108", "120104", ""]),
        "industry_code": st.sampled_from(["C26", "C27", None]),
        "readiness": st.integers(0, 9),
    },
)
DOCUMENTS = st.lists(st.builds(Document, id=IDS, title=TEXT, body=TEXT, keywords=TEXT, attributes=ATTRIBUTES), max_size=40)
QUERIES = st.lists(st.builds(Query, title=TEXT, body=TEXT, keywords=TEXT, attributes=ATTRIBUTES), max_size=6)
MIXES = st.none() | st.builds(Mix, st.dictionaries(st.sampled_from(CLASSES), st.sampled_from([0, 1, 333, 2500]), max_size=50))


ASKED = st.tuples(st.integers(1, 12), st.sampled_from([Shard(), Shard("d05", "d20")]))
ONLY = Filters(excluded_ids=frozenset({"d07"}))


def at_once(index: Index, queries: list[Query], k: int, shard: Shard) -> list[list[tuple[str, float]]]:
    readings = Readings.of(read(query, index.lexicon, index.config).tobytes() for query in queries)
    attributes = [query.attributes for query in queries]
    found = best_of_all(index, weights_of(index, readings), attributes, ONLY, k=k, shard=shard)
    return [[(id_.decode(), score) for id_, score in one] for one in found.each()]


def alone(index: Index, queries: list[Query], k: int, shard: Shard) -> list[list[tuple[str, float]]]:
    return [[(one.id, one.score) for one in index.best(query, ONLY, k=k, shard=shard)] for query in queries]


@UNHURRIED
@given(st.lists(DOCUMENTS, min_size=1, max_size=3), st.frozensets(IDS, max_size=5), QUERIES, MIXES, ASKED)
def test_many_at_once_find_what_each_finds_alone_bit_by_bit(
    changes: list[list[Document]], gone: frozenset[str], queries: list[Query], mix: Mix | None, asked: tuple[int, Shard]
) -> None:
    index = Index.of(()).mixing(mix)
    for documents in changes:
        index = index.with_documents(documents)
    index = index.without(gone)
    assert at_once(index, queries, *asked) == alone(index, queries, *asked)


def test_among_equals_the_first_ids_are_kept_however_deep_it_is_asked() -> None:
    draw = np.random.default_rng(11)
    index = Index.of(
        Document(f"d{number:03}", body=WORDS[number % 3], attributes={"region_code": "110108" if draw.random() < 0.5 else "120104"})
        for number in range(400)
    )
    queries = [Query(body="锂电池 电解液", attributes={"region_code": "110108"}), Query(body="电解液")]
    for k in (1, 7, 30, 200, 399, 500):
        found = at_once(index, queries, k, Shard())
        assert found == alone(index, queries, k, Shard())
    assert [len({score for _, score in one}) < len(one) // 20 for one in found] == [True, True]


@pytest.mark.parametrize("mix", [None, Mix(dict.fromkeys(CLASSES, 0)), Mix({"body word rare": 300, "title word rare": 0})])
def test_the_weights_are_those_of_each_query_alone_also_where_there_are_more_terms_than_count(mix: Mix | None) -> None:
    draw = np.random.default_rng(5)
    texts = [" ".join(f"term{word}" for word in draw.zipf(1.2, 1_800) % 2_000) for _ in range(60)]
    index = Index.of(Document(f"{number:02}", body=text) for number, text in enumerate(texts)).mixing(mix)
    queries = [Query(title=texts[number][:90], body=texts[number], keywords="锂电池") for number in range(0, 60, 7)]
    queries += [Query(), Query(body="锂")]
    readings = Readings.of(read(query, index.lexicon, PLATFORM).tobytes() for query in queries)
    assert max(np.diff(readings.ends)) > PLATFORM.max_query_terms
    found = weights_of(index, readings)
    first = 0
    for query, last in zip(queries, found.ends.tolist(), strict=True):
        wanted = {term.key: term.units for term in index.weigh(query) if term.units}
        units = dict(zip(found.keys[first:last].tolist(), found.units[first:last].tolist(), strict=True))
        assert {key: one for key, one in units.items() if one} == wanted
        first = last


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(1e-30, 1e30) | st.floats(-1e16, 1e16), max_size=30))
def test_a_sum_is_rounded_once(values: list[float]) -> None:
    assert compiledweights.exact_sum(np.array(values, dtype=np.float64), len(values)) == math.fsum(values)


def test_some_of_many_weigh_as_they_did() -> None:
    index = Index.of(Document(str(number), title=word) for number, word in enumerate(WORDS))
    kept = [read(Query(title=word, body="锂电池 robot"), index.lexicon, PLATFORM).tobytes() for word in WORDS]
    some = weights_of(index, Readings.of(kept)).only([7, 0, 0, 3])
    wanted = weights_of(index, Readings.of([kept[7], kept[0], kept[0], kept[3]]))
    assert all(np.array_equal(one, other) for one, other in zip(some, wanted, strict=True))
    assert len(some.only([]).keys) == 0


def test_of_what_is_found_the_team_is_told() -> None:
    index = Index.of(Document(f"d{number}", title="光", attributes={"team": "A"}) for number in range(2))
    index = index.with_documents([Document("d1", title="光", attributes={"team": "B"}), Document("d2", title="光")]).without(["d0"])
    assert teams_of(index, [b"d2", b"d1", b"d1", b"d0", b"d9"]) == [None, "B", "B", None, None]
