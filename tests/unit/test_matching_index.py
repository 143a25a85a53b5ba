"""What the ranking guarantees: exact order, explanations that add up, and no trace of how the corpus came about."""

import math
import os
import random
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from matching.engine import index as indexing
from matching.engine.building import Terms, build_segment, document_terms, segment_of
from matching.engine.config import PLATFORM
from matching.engine.documents import Document, Filters, Hit, Query
from matching.engine.explaining import explain
from matching.engine.index import Index
from matching.engine.keys import keys_of
from matching.engine.segment import Segment
from matching.engine.statistics import FULL_WEIGHT, impacts, impacts_of
from matching.engine.stored import open_segment, write_segment
from matching.engine.tokenising import views_of
from tests.factories import hostile

# A busy machine may be slow, which is no fault of the rule.
UNHURRIED = settings(deadline=None, max_examples=60)
WORDS = ["锂电池", "电解液", "机器人", "焊接", "的", "LiFePO4", "C++", "battery", "welding robot", "5G基站", "光", "\u200b", "𠀀𠀁"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map("，".join) | st.lists(st.sampled_from(WORDS), max_size=6).map("".join)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "region_code": st.sampled_from(["110108", "120104"]),
        "industry_code": st.sampled_from(["C38", "C26"]),
        "kind": st.sampled_from(["patent", "software"]),
        "readiness": st.integers(1, 9),
    },
)
IDS = st.sampled_from([f"d{number}" for number in range(12)])
DOCUMENT = st.builds(Document, id=IDS, title=TEXT, body=TEXT, keywords=TEXT, attributes=ATTRIBUTES)
QUERY = st.builds(Query, title=TEXT, body=TEXT, keywords=TEXT, attributes=ATTRIBUTES)
CHANGES = st.lists(st.lists(DOCUMENT, max_size=4) | st.sets(IDS, max_size=4), max_size=8)


@UNHURRIED
@given(st.lists(DOCUMENT, max_size=12), QUERY)
def test_the_shares_of_every_match_add_up_to_its_score(documents: list[Document], query: Query) -> None:
    index = Index.of(documents)
    hits = index.search(query)
    for hit, why in zip(hits, explain(index, query, hits), strict=True):
        shares = [term.share for term in why.terms] + [soft.share for soft in why.soft]
        assert math.fsum(shares) == pytest.approx(hit.score, abs=1e-9)
        assert all(share > 0 for share in shares)
        assert 0 < hit.score <= 1
        for term in why.terms:
            text = getattr(hit.document, term.field)
            assert {text[start:end] for start, end in term.spans} == {term.text}
        assert sum(soft.share for soft in why.soft) <= PLATFORM.soft_ceiling * hit.text_score + 1e-12


@contextmanager
def over_files(documents: Iterable[Document]) -> Iterator[Index]:
    """An index whose documents lie in files, as those of a large corpus do."""
    with TemporaryDirectory() as folder:
        write_segment(Path(folder), sorted(documents, key=lambda document: document.id), PLATFORM, {})
        yield Index.over(open_segment(Path(folder), PLATFORM)[0])


@pytest.fixture(scope="module", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@UNHURRIED
@given(st.lists(DOCUMENT, max_size=12, unique_by=lambda document: document.id), st.booleans(), CHANGES, QUERY)
def test_an_index_that_grew_by_changes_equals_one_built_anew(
    first: list[Document], filed: bool, changes: list[list[Document] | set[str]], query: Query
) -> None:
    with over_files(first) if filed else nullcontext(Index.of(first)) as grown:
        changed_like_one_built_anew(grown, {document.id: document for document in first}, changes, query)


def changed_like_one_built_anew(grown: Index, alive: dict[str, Document], changes: list[list[Document] | set[str]], query: Query) -> None:
    for change in changes:
        if isinstance(change, set):
            grown = grown.without(sorted(change))
            alive = {id_: document for id_, document in alive.items() if id_ not in change}
        else:
            grown = grown.with_documents(change)
            alive |= {document.id: document for document in change}
    built = Index.of(alive.values())
    assert {document.id: document for document in grown.documents()} == alive
    assert len(grown) == len(alive)
    assert grown.statistics == built.statistics
    # Not approximately: the same integers.
    assert grown.search(query) == built.search(query)


def test_many_changes_fold_into_one_part_and_lose_nothing() -> None:
    index = Index.of(Document(id=f"{number:03}", title=f"锂电池 item{number}") for number in range(100))
    for number in range(0, 100, 3):
        index = index.with_documents([Document(id=f"{number:03}", title="机器人")])
    for number in range(1, 100, 3):
        index = index.without([f"{number:03}"])
    again = index.with_documents(Document(id=f"{number:03}", title="光") for number in range(1, 100, 3))
    # Which parts are joined, and when, depends on their sizes alone.
    assert [(len(part.alive), int(part.alive.sum())) for part in index.parts] == [(74, 65), (2, 2)]
    assert [(len(part.alive), int(part.alive.sum())) for part in again.parts] == [(100, 100)]
    assert again.search(Query("机器人锂电池光"), k=200) == Index.of(again.documents()).search(Query("机器人锂电池光"), k=200)
    assert [len(index.search(Query(word), k=200)) for word in ("机器人", "锂电池", "item3", "item4", "item5")] == [34, 33, 0, 0, 1]


def test_however_many_parts_a_change_joins_it_joins_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []
    join = indexing.join_segments

    def counted(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
        joined.append(len(parts))
        return join(parts)

    monkeypatch.setattr(indexing, "join_segments", counted)
    index = Index.of([Document(id="0", title="锂电池")])
    for number in range(1, 6):
        index = index.with_documents([Document(id=str(number), title="锂电池")])
    assert joined == [2, 2, 2, 3]  # the fifth document stood alone, and the sixth was joined with it and with the first four at one stroke
    assert [len(part.alive) for part in index.parts] == [6]
    index.with_documents([Document(id=str(number), title="光") for number in (1, 2, 3)])
    assert joined == [2, 2, 2, 3, 2]  # what lost half of its documents is not made smaller first


@UNHURRIED
@given(st.lists(DOCUMENT, max_size=12), QUERY)
def test_a_snapshot_is_not_moved_by_what_follows_it(documents: list[Document], query: Query) -> None:
    index = Index.of(documents)
    before = index.search(query)
    index.with_documents([Document(id="later", title="锂电池机器人 brandnew", body="battery")]).without(["d1", "d2"])
    assert index.search(query) == before


@UNHURRIED
@given(st.lists(DOCUMENT, max_size=12), QUERY, st.integers(0, 6))
def test_the_first_k_are_the_first_k_of_all(documents: list[Document], query: Query, k: int) -> None:
    index = Index.of(documents)
    everything = index.search(query, k=100)
    assert everything == sorted(everything, key=lambda hit: (-hit.score, hit.document.id))
    assert index.search(query, k=k) == everything[:k]


def test_equal_documents_come_by_id_and_the_cut_is_the_same_every_time() -> None:
    index = Index.of(Document(id=id_, title="锂电池") for id_ in "dbcae")
    assert [hit.document.id for hit in index.search(Query("电池"), k=3)] == ["a", "b", "c"]


@UNHURRIED
@given(st.lists(DOCUMENT, max_size=12), QUERY, st.frozensets(IDS), st.sampled_from(["110108", "120104"]), st.integers(0, 9))
def test_conditions_hold_for_whatever_is_found(
    documents: list[Document], query: Query, excluded: frozenset[str], region: str, readiness: int
) -> None:
    index = Index.of(documents)
    filters = Filters(region_codes=frozenset({region}), least_readiness=readiness, excluded_ids=excluded)

    def meets(hit: Hit) -> bool:
        document = hit.document
        return document.attributes.get("region_code") == region and document.readiness >= readiness and document.id not in excluded

    assert index.search(query, filters, k=100) == [hit for hit in index.search(query, k=100) if meets(hit)]


def test_the_worked_example_of_the_documentation() -> None:
    index = Index.of([Document(id="A", title="锂电池"), Document(id="B", title="电机"), Document(id="C", title="焊接")])
    query = Query("锂电池回收技术研究")
    assert index.statistics.usual_length == 8
    assert {term.term: round(term.units / FULL_WEIGHT, 4) for term in index.weigh(query)} == {
        **dict.fromkeys(("锂", "锂电", "池", "电池"), 0.0701),
        "电": 0.0290,
        **dict.fromkeys(("回", "回收", "收", "池回"), 0.1727),
    }
    assert [(hit.document.id, round(hit.score, 4)) for hit in index.search(query)] == [("A", 0.1367), ("B", 0.0159)]
    (first, second) = explain(index, query, index.search(query))
    assert [(term.text, round(term.share, 4)) for term in first.terms] == [("锂电池", 0.1367)]
    assert [(term.text, term.spans, round(term.share, 4)) for term in second.terms] == [("电", ((0, 1),), 0.0159)]
    assert (first.uncovered, second.uncovered) == (("回收",), ("回收", "锂电池"))


def test_counts_are_those_of_scikit_learn() -> None:
    texts = ["welding robot welding", "robot arm", ""]
    index = Index.of(Document(id=str(number), body=text) for number, text in enumerate(texts))
    oracle = CountVectorizer()
    counted = oracle.fit_transform(texts).toarray()
    (part,) = index.parts
    for stem, word in (("weld", "welding"), ("robot", "robot"), ("arm", "arm")):
        (at,) = part.segment.places_of(keys_of([stem])).tolist()
        postings = slice(part.segment.starts[at], part.segment.starts[at + 1])
        ours = np.zeros(3, dtype=int)
        ours[part.segment.rows[postings]] = part.segment.times[postings]
        assert ours.tolist() == counted[:, oracle.vocabulary_[word]].tolist()


def test_terms_that_were_read_elsewhere_build_the_same_segment(seed: int) -> None:
    draw = random.Random(seed)
    words = ["锂电池", "电", "robot welding", "oscillator", "c++"]
    documents = [Document(id=f"{number:02}", body=" ".join(draw.choices(words, k=number % 7))) for number in range(40)]
    found = [list(document_terms(document, PLATFORM)) for document in documents]
    names = sorted({term for terms in found for term in terms}, key=lambda _: draw.random())
    numbers = np.array([names.index(term) for terms in found for term in terms], dtype=np.int32)
    views = np.array([bool(views_of([name])) for name in names])
    ends = np.cumsum([len(terms) for terms in found])
    cut = int(ends[16])
    parts = [Terms(keys_of(names), views, numbers[:cut], ends[:17]), Terms(keys_of(names), views, numbers[cut:], ends[17:] - cut)]
    whole = build_segment(documents, PLATFORM)
    for made in (segment_of(documents, parts), segment_of(documents, [Terms(keys_of(names), views, numbers, ends)])):
        for name in ("ids", "terms", "starts", "rows", "times", "lengths"):
            assert getattr(made, name).dtype == getattr(whole, name).dtype
            assert np.array_equal(getattr(made, name), getattr(whole, name))


def test_what_postings_give_is_looked_up_as_it_is_worked_out() -> None:
    draw = np.random.default_rng(3)
    lengths = draw.integers(0, 90, 50, dtype=np.int32)
    for many, most in ((20_000, 255), (20_000, 3), (30, 255), (0, 1)):
        times = draw.integers(1, most + 1, many, dtype=np.uint8)
        rows = draw.integers(0, 50, many, dtype=np.int32)
        found = impacts_of(times, rows, lengths, 64, PLATFORM)
        assert np.array_equal(found, impacts(times, lengths[rows], 64, PLATFORM))


def test_a_word_in_the_title_counts_as_often_as_the_configuration_says() -> None:
    (part,) = Index.of([Document(id="a", title="锂", body="锂锂")]).parts
    assert part.segment.times[part.segment.places_of(keys_of(["锂"]))].tolist() == [4]  # twice for the title, and twice in the body
    assert part.segment.lengths.tolist() == [5]  # and 锂锂


def test_words_of_forms_say_nothing_unless_nothing_else_is_said() -> None:
    index = Index.of([Document(id="a", title="锂电池"), Document(id="b", title="关键技术研究")])
    assert [hit.document.id for hit in index.search(Query("锂电池关键技术研究"))] == ["a"]
    assert [hit.document.id for hit in index.search(Query("关键技术研究"))] == ["b"]


# Several times what the dearest takes on a busy machine: what grew with the text would take more.
MOST_SECONDS, MOST_KIB = 10.0, 256 * 2**10


def _peak_kib(*, anew: bool = False) -> int:
    """The most memory that this process ever had, or has had since it was asked for anew; only Linux forgets an earlier peak."""
    status, forget = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not forget.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    if anew:
        forget.write_text("5", encoding="ascii")
    return next(int(line.split()[1]) for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))


@pytest.mark.parametrize("text", hostile.TEXTS.values(), ids=hostile.TEXTS.keys())
def test_hostile_text_is_ranked_and_explained_within_bounds(text: str) -> None:
    before, began = _peak_kib(anew=True), process_time()
    index = Index.of([Document(id="plain", title="锂电池 battery the"), Document(id="hostile", title=text, body=text, keywords=text)])
    for query in (Query("锂电池 battery"), Query(title=text, body=text, keywords=text)):
        hits = index.search(query)
        for hit, why in zip(hits, explain(index, query, hits), strict=True):
            total = sum(term.share for term in why.terms) + sum(soft.share for soft in why.soft)
            assert total == pytest.approx(hit.score, abs=1e-9)
            assert len(why.uncovered) <= 32
    grown = _peak_kib() - before
    assert index.terms < 20_000
    assert (process_time() - began < MOST_SECONDS, grown < MOST_KIB) == (True, True)


@pytest.mark.parametrize("query", [Query(), Query("the of and"), Query("😀"), Query("没有人说过")])
def test_a_query_that_shares_no_term_finds_nothing(query: Query) -> None:
    assert Index.of([Document(id="a", title="锂电池 battery")]).search(query) == []


def test_an_empty_corpus_finds_nothing() -> None:
    assert Index.of(()).search(Query("锂电池")) == []
    assert Index.of([Document(id="a")]).search(Query("锂电池")) == []
