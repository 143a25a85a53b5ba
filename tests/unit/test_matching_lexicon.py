"""A demand in one language finds what is described in the other, and words that both know weigh more."""

from collections import Counter
from pathlib import Path
from time import process_time

import pytest

import matching.engine
from matching.engine.documents import Document, Query
from matching.engine.explaining import explain
from matching.engine.index import Index
from matching.engine.lexicon import Concept, Lexicon, lexicon, other_names
from matching.engine.tokenising import Reading

TABLE = Path(matching.engine.__file__).with_name("lexicon.txt")


def equivalents(text: str, *, limit: int, table: Lexicon) -> Counter[str]:
    return other_names(Reading.of(text, limit=limit), table)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("高镍锂离子电池", {"lithium", "batteri"}),
        ("lithium-ion batteries", {"锂电", "电池"}),
        ("LITHIUM BATTERY", {"锂电", "电池"}),
        ("ＡＩ芯片", {"人工", "智能", "chip"}),
        ("UAV", {"无人", "人机"}),
        ("PLC", {"可编", "编程"}),
    ],
)
def test_a_text_names_things_that_have_other_names(text: str, named: set[str]) -> None:
    assert named <= set(equivalents(text, limit=100, table=lexicon()))


@pytest.mark.parametrize("text", ["", "leadership", "没有这样的东西", "lithium", "ledger"])
def test_a_text_that_names_nothing_known_has_none(text: str) -> None:
    assert not equivalents(text, limit=100, table=lexicon())


def test_the_longest_name_counts() -> None:
    assert "laser" not in equivalents("friction stir welding", limit=100, table=lexicon())
    assert "摩擦" in equivalents("friction stir welding", limit=100, table=lexicon())


@pytest.mark.parametrize(
    ("text", "meanings"),
    [("electrolytes", {"解液", "解质"}), ("powder coatings", {"涂层", "涂料"}), ("涂料", {"paint", "coat"})],
)
def test_a_name_of_several_things_names_each_of_them_once(text: str, meanings: set[str]) -> None:
    found = equivalents(text, limit=100, table=lexicon())
    assert {term: found[term] for term in meanings} == dict.fromkeys(meanings, 1)


def test_every_name_of_the_table_finds_all_names_of_each_line_it_stands_on() -> None:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    names = [(name.strip(), number) for number, line in enumerate(lines) for name in line.replace("|", ",").split(",")]
    assert [name for name, number in names if not lexicon().terms_of[number] <= set(equivalents(name, limit=100, table=lexicon()))] == []


def test_many_names_with_one_beginning_cost_a_query_no_more_than_one() -> None:
    table = Lexicon.of(
        Concept((f"气凝{chr(0x4E00 + number)}毡",), (f"gel {chr(97 + number % 26)}{number}x felt",)) for number in range(2000)
    )
    text = "气凝" * 2000 + " gel" * 2000 + " 气凝一毡 gel a0x felt"
    start = process_time()
    named = list(table.named(Reading.of(text, limit=len(text))))
    assert process_time() - start < 0.3
    assert [(text[one.start : one.end], one.concepts) for one in named] == [("气凝一毡", {0}), ("gel a0x felt", {0})]


@pytest.mark.parametrize("others", [0, 50])
def test_names_that_begin_with_a_letter_or_end_with_one_are_found_as_others_are(others: int) -> None:
    names = ["5g基站", "x射线", "钢b", "锂", "电池", *(f"{number}号钢" for number in range(others))]
    table = Lexicon.of(Concept((name,), (f"thing {number}x",)) for number, name in enumerate(names))
    text = "用X射线看5Ｇ基站与钢B，电池、锂"
    found = list(table.named(Reading.of(text, limit=len(text))))
    assert [(text[one.start : one.end], one.concepts) for one in found] == [
        ("X射线", {1}), ("5Ｇ基站", {0}), ("钢B", {2}), ("电池", {4}), ("锂", {3}),
    ]  # fmt: skip


def test_what_is_named_twice_counts_twice() -> None:
    assert equivalents("传感器与传感器", limit=100, table=lexicon())["sensor"] == 2


def test_every_line_gives_names_in_both_languages() -> None:
    assert all(any(term.isascii() for term in known) and any(not term.isascii() for term in known) for known in lexicon().terms_of)


def test_a_chinese_demand_finds_english_supply_and_says_by_which_words() -> None:
    index = Index.of(
        [Document(id="en", title="Electrolyte for lithium-ion batteries"), Document(id="zh", title="锂电池电解液"), Document(id="x")]
    )
    query = Query("锂电池电解液")
    hits = index.search(query)
    assert [hit.document.id for hit in hits] == ["zh", "en"]
    _, english = explain(index, query, hits)
    assert {term.text.lower() for term in english.terms} >= {"electrolyte"}
    assert english.uncovered == ()


def test_an_english_demand_finds_chinese_supply() -> None:
    index = Index.of([Document(id="zh", title="无人机"), Document(id="other", title="轴承")])
    assert [hit.document.id for hit in index.search(Query("drone inspection of bridges"))] == ["zh"]
