"""What a match rests on, shown in the seeker's own text, and what the demand asks that the supply does not mention."""

import random
from collections.abc import Sequence

import pytest

from matching.engine.asking import _pairs
from matching.engine.concepts import SEPARATOR, Unfit, concept, digest, read, written
from matching.engine.documents import Document, Query, TermShare
from matching.engine.explaining import _TOGETHER, explain
from matching.engine.index import Index
from matching.engine.lexicon import Concept, Lexicon, shipped
from matching.engine.tokenising import is_pair, terms

SUPPLY = [
    Document(id="en", title="Electrolyte for lithium-ion batteries"),
    Document(id="zh", title="锂电池电解液", body="高镍三元体系"),
    Document(id="x", title="轴承"),
]
WORDS = (
    "锂电池",
    "电解液",
    "低温",
    "循环",
    "焊接",
    "robot",
    "welding of aluminium",
    "lithium battery",
    "LiFePO4",
    "\u200b",
    "Ⅲ",
    "，",
    " ",
)


def places(asked: Sequence[TermShare]) -> set[tuple[str, str, tuple[tuple[int, int], ...]]]:
    return {(share.field, share.text, share.spans) for share in asked}


def test_a_match_is_pointed_out_in_the_words_of_the_demand_also_where_they_are_another_name() -> None:
    index = Index.of(SUPPLY)
    query = Query("锂电池电解液技术", "我公司需要低温电解液")
    hits = index.search(query)
    why = {hit.document.id: one for hit, one in zip(hits, explain(index, query, hits), strict=True)}
    assert len(hits) == 2
    assert places(why["zh"].asked) >= {("title", "锂电池电解液", ((0, 6),)), ("body", "电解液", ((7, 10),))}
    assert {(share.field, share.text) for share in why["en"].asked} == {("title", "锂电池"), ("title", "电解液"), ("body", "电解液")}


def test_what_the_words_gave_adds_up_in_both_texts_and_each_stretch_stands_where_it_is_said_to(seed: int) -> None:
    draw = random.Random(seed)
    texts = ["".join(draw.choices(WORDS, k=8)) for _ in range(60)]
    index = Index.of(Document(id=str(number), title=text, body=texts[-number]) for number, text in enumerate(texts))
    for number in range(20):
        query = Query("".join(draw.choices(WORDS, k=3)), texts[number] + "技术", "\n".join(draw.choices(WORDS, k=2)))
        hits = index.search(query)
        for hit, why in zip(hits, explain(index, query, hits), strict=True):
            assert sum(share.share for share in why.asked) == pytest.approx(hit.text_score, abs=1e-9)
            assert sum(share.share for share in why.terms) == pytest.approx(hit.text_score, abs=1e-9)
            for share in why.asked:
                text = dict(zip(("title", "body", "keywords"), query.parts, strict=True))[share.field]
                assert {text[start:end] for start, end in share.spans} == {share.text}


@pytest.mark.parametrize("offering", [False, True])
def test_a_match_is_explained_among_many_as_it_is_alone(offering: bool) -> None:
    draw = random.Random(5)
    index = Index.of(Document(id=f"{number:02}", title="".join(draw.choices(WORDS, k=6)), body="低温循环") for number in range(40))
    query = Query("锂电池电解液技术", "".join(WORDS), offering=offering)
    hits = index.search(query, k=40)
    assert len(hits) > 2 * _TOGETHER
    assert explain(index, query, hits) == [explain(index, query, [hit])[0] for hit in hits]


def test_what_is_not_covered_is_the_demands_whichever_of_the_two_asks() -> None:
    supply, demand = Document(id="s", title="锂电池电解液", body="高镍三元"), Document(id="d", title="锂电池电解液低温循环")
    (asked,) = explain(Index.of([supply]), Query(demand.title), Index.of([supply]).search(Query(demand.title)))
    index, query = Index.of([demand]), Query(*supply.fields, offering=True)
    (offered,) = explain(index, query, index.search(query))
    assert set(asked.uncovered) == set(offered.uncovered) == {"低温", "循环"}


def test_another_table_of_names_changes_queries_alone() -> None:
    index, query = Index.of([Document(id="en", title="graphene aerogel"), Document(id="x", title="轴承")]), Query("石墨烯气凝胶")
    knowing = index.knowing(Lexicon.of([Concept(("石墨烯气凝胶",), ("graphene aerogel",))]))
    assert [hit.document.id for hit in knowing.search(query)] == ["en"]
    assert index.knowing(Lexicon.of([])).search(query) == []
    assert knowing.parts is index.parts
    assert [hit.document.id for hit in knowing.with_documents([Document(id="more", title="graphene")]).search(query)] == ["en", "more"]


@pytest.mark.parametrize(
    ("chinese", "english", "code"),
    [
        ([" "], ["steel"], "chinese_missing"),
        (["钢"], [], "english_missing"),
        (["steel"], ["steel"], "not_chinese"),
        (["钢"], ["the"], "not_english"),
        (["钢"], ["钢 steel"], "not_english"),
        (["钢" * 61], ["steel"], "too_long"),
        (["㍿" * 20], ["company"], "too_long"),
        (["钢|铁"], ["steel"], "unwritable"),
        ([f"钢{number}" for number in range(13)], ["steel"], "too_many"),
    ],
)
def test_what_is_no_name_is_refused_with_its_reason(chinese: list[str], english: list[str], code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        concept(chinese, english)
    assert refusal.value.code == code


def test_names_are_trimmed_and_each_stands_once() -> None:
    assert concept([" 石墨 烯 ", "石墨 烯", ""], ["graphene"]) == Concept(("石墨 烯",), ("graphene",))


def test_the_table_that_comes_with_the_program_is_fit_and_its_file_reads_back() -> None:
    assert [concept(one.chinese, one.english) for one in shipped()] == list(shipped())
    again = read(written(shipped()).encode())
    assert sorted(again, key=lambda one: one.key) == sorted(shipped(), key=lambda one: one.key)
    assert digest(again) == digest(reversed(shipped()))


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"\xff", "not_utf8", 0),
        ("中文,英文\n".encode(), "headings", 1),
        ("chinese,english\n钢,steel\n铁\n".encode(), "columns", 3),
        ('chinese,english\n钢,"steel'.encode(), "columns", 2),
        ("chinese,english\n钢,the\n".encode(), "not_english", 2),
        (f"chinese,english\n钢{SEPARATOR}钢材,steel\n钢,steel\n".encode(), "twice", 3),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_line(content: bytes, code: str, line: int) -> None:
    with pytest.raises(Unfit) as refusal:
        read(content)
    assert (refusal.value.code, refusal.value.line) == (code, line)


def test_words_of_han_characters_are_read_at_once_as_the_tokeniser_reads_them() -> None:
    for first in range(0x4E00, 0xA000, 61):
        word = chr(first) + "电池"
        assert sorted(_pairs(word)) == sorted(filter(is_pair, terms(word, limit=len(word))))
    # What the normal form changes, or what stands beside letters, is read by the tokeniser itself.
    assert [sorted(_pairs(word)) for word in ("㍿", "Ｌｉ电池", "电池2号")] == [["会社", "式会", "株式"], ["电池"], ["电池"]]
