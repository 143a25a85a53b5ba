"""A corpus cut into shards gives what the whole gives, and the guaranteed place is given by one exact rule."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.index import Index
from matching.engine.sharding import Shard, merged, shards_between
from matching.engine.spreading import DEPTH, PAGE, enough_for_a_page, guaranteed, guaranteed_search, spread

UNHURRIED = settings(deadline=None, max_examples=25)
WORDS = ["锂电池", "电解液", "机器人", "焊接", "LiFePO4", "battery", "welding robot", "5G基站", "光"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=5).map("，".join)
IDS = st.sampled_from([f"d{number:02}" for number in range(30)])
ATTRIBUTES = st.fixed_dictionaries(
    {}, optional={"region_code": st.sampled_from(["110108", "120104"]), "readiness": st.integers(1, 9), "team": st.sampled_from("ABC")}
)
DOCUMENTS = st.lists(st.builds(Document, id=IDS, title=TEXT, body=TEXT, attributes=ATTRIBUTES), max_size=40)
QUERY = st.builds(Query, title=TEXT, body=TEXT, attributes=ATTRIBUTES)
FILTERS = st.builds(
    Filters,
    region_codes=st.frozensets(st.sampled_from(["110108", "120104"]), max_size=1),
    least_readiness=st.integers(0, 5),
    excluded_ids=st.frozensets(IDS, max_size=4),
)


@UNHURRIED
@given(st.lists(DOCUMENTS, max_size=3), st.frozensets(IDS, max_size=3), QUERY, FILTERS, st.integers(1, 12))
def test_shards_put_together_are_the_whole_bit_by_bit(
    changes: list[list[Document]], cuts: frozenset[str], query: Query, filters: Filters, k: int
) -> None:
    index = Index.of(())
    for documents in changes:
        index = index.with_documents(documents)
    shards = shards_between(sorted(cuts))
    whole = index.search(query, filters, k=k)
    assert merged((index.search(query, filters, k=k, shard=shard) for shard in shards), k) == whole
    unread = index.best(query, filters, k=k)
    assert [(one.id, one.score) for one in unread] == [(hit.document.id, hit.score) for hit in whole]


@pytest.mark.parametrize("allowed", [0, 3], ids=["all", "some"])
def test_long_lists_are_cut_to_the_shard(allowed: int) -> None:
    draw = np.random.default_rng(3)
    chances = 1.0 / np.arange(1, 301)
    texts = (" ".join(f"w{word}" for word in draw.choice(300, 25, p=chances / chances.sum())) for _ in range(2_500))
    index = Index.of(Document(f"{number:04}", body=text, attributes={"readiness": number % 5 + 1}) for number, text in enumerate(texts))
    filters = Filters(least_readiness=allowed)
    for number in range(6):
        query = Query(body=" ".join(f"w{word}" for word in draw.choice(300, 30, p=chances / chances.sum())), attributes={"readiness": 4})
        for cuts in (["1000", "1001", "2000"], ["0000", "9999"]):
            found = [index.search(query, filters, k=20 + number, shard=shard) for shard in shards_between(cuts)]
            assert merged(found, 20 + number) == index.search(query, filters, k=20 + number)
    assert index.search(Query(body="w1 w2"), shard=Shard("1000", "1003"), k=9) == [
        hit for hit in index.search(Query(body="w1 w2"), k=2_500) if "1000" <= hit.document.id < "1003"
    ]


def hits(scores: Sequence[float], teams: str = "") -> list[Hit]:
    attributes = [{"team": team} for team in teams] if teams else [{}] * len(scores)
    return [
        Hit(Document(f"{rank:03}", attributes=told), score, score, {})
        for rank, (score, told) in enumerate(zip(scores, attributes, strict=True))
    ]


def ids(found: Sequence[Hit]) -> list[str]:
    return [hit.document.id for hit in found]


RANKED = hits([1.0 - rank / 1000 for rank in range(60)])


def test_the_last_of_ten_places_goes_to_the_best_favoured_that_comes_close() -> None:
    placed, lifted = guaranteed_search(lambda depth: RANKED[:depth], 10, lambda _: {"017", "014", "029"})
    assert (ids(placed), lifted) == ([f"{rank:03}" for rank in (*range(9), 14)], {"014"})


def test_nobody_is_lifted_where_one_stands_there_already() -> None:
    assert guaranteed_search(lambda depth: RANKED[:depth], 10, lambda _: {"009", "010"}) == (RANKED[:10], frozenset())


@pytest.mark.parametrize(("score", "lifts"), [(0.8, True), (0.7999, False)])
def test_a_favoured_one_must_have_four_fifths_of_the_score_it_replaces(score: float, lifts: bool) -> None:
    ranked = hits([1.0] * 10 + [0.9, score])
    assert guaranteed(ranked, ranked[:10], 10, {"011"})[1] == (frozenset({"011"}) if lifts else frozenset())


def test_only_the_thirty_best_are_looked_at() -> None:
    assert guaranteed_search(lambda depth: RANKED[:depth], 10, lambda _: {"029"})[1] == {"029"}
    assert guaranteed_search(lambda depth: RANKED[:depth], 10, lambda _: {"030"})[1] == frozenset()


def test_whoever_is_displaced_follows_and_the_next_ten_have_a_place_of_their_own() -> None:
    placed, lifted = guaranteed_search(lambda depth: RANKED[:depth], 20, lambda _: {"012", "025", "026"})
    assert ids(placed) == [f"{rank:03}" for rank in (*range(9), 12, 9, 10, 11, *range(13, 19), 25)]
    assert lifted == {"012", "025"}


@pytest.mark.parametrize("k", [1, 6, 9, 10, 11, 20, 25, 30])
def test_whoever_asks_for_fewer_gets_the_beginning_of_the_tens_and_nobody_loses_an_earlier_place(k: int) -> None:
    def asked(k: int) -> tuple[list[Hit], frozenset[str]]:
        return guaranteed_search(lambda depth: RANKED[:depth], k, lambda _: {"011", "025", "033"})

    whole, (found, lifted) = ids(asked(30)[0]), asked(k)
    assert whole == [f"{rank:03}" for rank in (*range(9), 11, 9, 10, *range(12, 19), 25, *range(19, 25), *range(26, 29), 33)]
    assert (ids(found), lifted) == (whole[:k], {"011", "025", "033"} & set(whole[:k]))


def test_ten_that_are_not_full_keep_no_place() -> None:
    assert guaranteed_search(lambda depth: RANKED[:7][:depth], 10, lambda _: {"006"}) == (RANKED[:7], frozenset())
    assert ids(guaranteed_search(lambda depth: RANKED[:13][:depth], 20, lambda _: {"001", "012"})[0]) == ids(RANKED[:13])


def test_where_nothing_was_found_nobody_is_asked() -> None:
    assert guaranteed_search(lambda _: [], 10, lambda _: pytest.fail("asked about nothing")) == ([], frozenset())


@UNHURRIED
@given(st.text("ABCDEFG", min_size=30, max_size=120), st.sets(st.integers(0, 119), max_size=5), st.sets(st.integers(1, 119), max_size=3))
def test_what_each_shard_hands_over_suffices_for_the_ten_places(teams: str, favoured: set[int], cuts: set[int]) -> None:
    ranked = hits([1.0 - rank / 1000 for rank in range(len(teams))], teams)
    shards = [
        Shard(first, until) for first, until in ((one.first, one.until) for one in shards_between([f"{cut:03}" for cut in sorted(cuts)]))
    ]
    # Shards must not follow the ranking: ids are turned around.
    turned = {hit.document.id: f"{int(hit.document.id) * 61 % 120:03}" for hit in ranked}
    handed = []
    for shard in shards:
        own = [hit for hit in ranked if (shard.first or "") <= turned[hit.document.id] < (shard.until or "~")]
        upto = next(
            (size for size in range(len(own)) if enough_for_a_page([hit.document.text_attribute("team") for hit in own[:size]])), len(own)
        )
        handed.append(own[:upto])
    wanted = {f"{number:03}" for number in favoured}
    together = merged(handed, len(ranked))
    whole = guaranteed(ranked, spread(ranked, PAGE)[0], PAGE, wanted)
    assert guaranteed(together, spread(together, PAGE)[0], PAGE, wanted) == whole
    assert ids(together[:DEPTH]) == ids(ranked[:DEPTH])
    assert set(ids(whole[0])) <= set(chain(ids(ranked)))
