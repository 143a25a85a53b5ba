"""What is handed to the matcher is found at once, by every process, and what is hidden leaves no trace."""

import json
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg2.errors import InsufficientPrivilege, UndefinedTable

from matching.app import memory
from matching.app.models import Corpus, Document
from matching.app.services import (
    DocumentInput,
    Filters,
    Indexed,
    MatchingError,
    QueryInput,
    index_documents,
    rank,
    remove_documents,
)
from matching.engine.lexicon import shipped

BATTERY, WELDING, VISION = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def _forget() -> None:
    memory._held.clear()


def battery(*, public: bool = True, title: str = "高镍三元动力电解液") -> DocumentInput:
    return DocumentInput(
        id=BATTERY,
        title=title,
        body="面向动力电池的电解液配方与添加剂。",
        keywords=("电解液", "LiFePO4"),
        attributes={"region_code": "110108", "industry_code": "C38", "kind": "patent", "readiness": 6},
        public=public,
    )


def welding() -> DocumentInput:
    return DocumentInput(id=WELDING, title="铝合金搅拌摩擦焊", body="焊接机器人工艺", attributes={"region_code": "120104"}, public=True)


def found(text: str, **conditions: object) -> list[UUID]:
    filters = Filters(**conditions)  # type: ignore[arg-type]
    return [match.id for match in rank(corpus="achievement", query=QueryInput(title=text), filters=filters)]


@pytest.mark.django_db
def test_what_was_indexed_is_found_with_shares_that_add_up_to_its_score() -> None:
    assert index_documents(corpus="achievement", documents=[battery(), welding()]) == Indexed(written=2, unchanged=0)
    query = QueryInput(title="动力电池电解液回收技术开发", attributes={"region_code": "110108", "industry_code": "C38", "readiness": 5})
    (match,) = rank(corpus="achievement", query=query)
    assert match.id == BATTERY
    assert 0 < match.score < 1
    assert sum(term.share for term in match.terms) + sum(soft.share for soft in match.soft) == pytest.approx(match.score, abs=1e-9)
    assert {soft.name for soft in match.soft} == {"industry", "region", "readiness"}
    assert match.uncovered == ("回收",)
    title = next(term for term in match.terms if term.field == "title")
    assert [battery().title[start:end] for start, end in title.spans] == [title.text]


@pytest.mark.django_db
def test_handing_in_the_same_again_writes_nothing() -> None:
    index_documents(corpus="achievement", documents=[battery()])
    before = Corpus.objects.get(name="achievement").generation
    assert index_documents(corpus="achievement", documents=[battery()]) == Indexed(written=0, unchanged=1)
    assert Corpus.objects.get(name="achievement").generation == before


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_change_and_a_removal_are_visible_at_the_next_query() -> None:
    index_documents(corpus="achievement", documents=[battery(), welding()])
    assert found("电解液") == [BATTERY]
    index_documents(corpus="achievement", documents=[battery(title="石墨烯散热膜")])
    assert found("石墨烯") == [BATTERY]
    assert remove_documents(corpus="achievement", ids=[BATTERY, VISION]) == 1
    assert found("电解液 石墨烯") == []
    assert found("焊接") == [WELDING]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_rolled_back_document_is_seen_inside_its_transaction_and_by_nobody_after() -> None:
    index_documents(corpus="achievement", documents=[welding()])
    assert found("电解液 焊接") == [WELDING]
    with transaction.atomic():
        index_documents(corpus="achievement", documents=[battery()])
        assert found("电解液") == [BATTERY]
        transaction.set_rollback(True)
    assert found("电解液") == []
    # The same generation number comes again with other content.
    index_documents(corpus="achievement", documents=[battery(title="激光雷达")])
    assert found("激光") == [BATTERY]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_transaction_that_only_reads_keeps_the_index_for_others_and_one_that_wrote_does_not() -> None:
    index_documents(corpus="achievement", documents=[welding()])
    with transaction.atomic():
        Corpus.objects.update(generation=1)
        assert found("焊接") == [WELDING]
    assert memory._held == {}
    with transaction.atomic():
        assert found("焊接") == [WELDING]
    assert memory._held["achievement"].generation == 1


@pytest.mark.django_db
def test_a_document_that_is_no_longer_public_is_not_found_and_leaves_no_text() -> None:
    index_documents(corpus="achievement", documents=[battery(), welding()])
    index_documents(corpus="achievement", documents=[battery(public=False)])
    assert found("电解液") == []
    assert found("电解液", only_ids=frozenset({BATTERY})) == []
    stored = Document.objects.get(object_id=BATTERY)
    assert (stored.fields, stored.attributes, stored.content_hash) == ({}, {}, "")


@pytest.mark.django_db
def test_a_hidden_document_moves_no_score_of_the_others() -> None:
    index_documents(corpus="achievement", documents=[welding()])
    alone = rank(corpus="achievement", query=QueryInput(title="焊接机器人"))
    for public in (False, True, False):
        index_documents(corpus="achievement", documents=[battery(public=public, title="焊接机器人")])
    assert rank(corpus="achievement", query=QueryInput(title="焊接机器人")) == alone


@pytest.mark.django_db
def test_the_database_refuses_the_text_of_a_hidden_document() -> None:
    index_documents(corpus="achievement", documents=[battery()])
    with pytest.raises(IntegrityError, match="matching_document_hidden_has_no_text"), transaction.atomic():
        Document.objects.filter(object_id=BATTERY).update(public=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"region_codes": frozenset({"120104"})}, [WELDING]),
        ({"industry_codes": frozenset({"C38"})}, [BATTERY]),
        ({"kinds": frozenset({"patent", "software"})}, [BATTERY]),
        ({"least_readiness": 7}, []),
        ({"excluded_ids": frozenset({BATTERY})}, [WELDING]),
        ({"only_ids": frozenset({BATTERY})}, [BATTERY]),
        ({"only_ids": frozenset()}, []),
    ],
)
def test_a_condition_lets_through_only_what_meets_it(conditions: dict[str, object], expected: list[UUID]) -> None:
    index_documents(corpus="achievement", documents=[battery(), welding()])
    assert found("电解液 焊接", **conditions) == expected


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_query_on_an_unchanged_corpus_reads_one_row() -> None:
    index_documents(corpus="achievement", documents=[battery(), welding()])
    found("电解液")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found("电解液")
    assert len(queries) == 1


@pytest.mark.django_db
def test_of_one_team_two_stand_among_the_first_ten() -> None:
    ids = [UUID(int=number) for number in range(100, 115)]
    teams = ["one"] * 4 + [f"other {number}" for number in range(11)]
    documents = [
        DocumentInput(id=id_, title="电解液", attributes={"team": team}, public=True) for id_, team in zip(ids, teams, strict=True)
    ]
    index_documents(corpus="achievement", documents=documents)
    assert [match.id for match in rank(corpus="achievement", query=QueryInput(title="电解液"))] == [*ids[:2], *ids[4:12]]


@pytest.mark.django_db
def test_corpora_are_apart() -> None:
    index_documents(corpus="demand", documents=[battery()])
    assert found("电解液") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("corpus", "stored", "asking", "reached"),
    [("achievement", 6, 5, True), ("achievement", 4, 5, False), ("demand", 4, 5, True), ("demand", 6, 5, False)],
)
def test_readiness_counts_when_the_supply_reaches_what_the_demand_wants(corpus: str, stored: int, asking: int, reached: bool) -> None:
    index_documents(corpus=corpus, documents=[DocumentInput(id=VISION, title="机器视觉", attributes={"readiness": stored}, public=True)])
    (match,) = rank(corpus=corpus, query=QueryInput(title="机器视觉", attributes={"readiness": asking}))
    assert [soft.name for soft in match.soft] == (["readiness"] if reached else [])


@pytest.mark.django_db
def test_hostile_text_can_be_stored_and_found() -> None:
    title = "电解液\x00 <script>\ud800 \u200b\u202e"
    index_documents(corpus="achievement", documents=[battery(title=title), DocumentInput(id=VISION, title="光" * 1_000_000, public=True)])
    assert found("电解液") == [BATTERY]
    assert len(Document.objects.get(object_id=VISION).fields["title"]) == 20_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "attributes", [{"readiness": 10}, {"readiness": "high"}, {"budget": 5}], ids=["too ready", "not a number", "not known"]
)
def test_an_attribute_the_matcher_cannot_use_is_an_error(attributes: dict[str, str | int | None]) -> None:
    with pytest.raises(MatchingError):
        index_documents(corpus="achievement", documents=[DocumentInput(id=VISION, title="x", attributes=attributes, public=True)])


def test_an_unknown_corpus_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(MatchingError, match="achievement, demand, expert, team"):
        rank(corpus="achievements", query=QueryInput(title="x"))


@pytest.mark.django_db
def test_the_index_command_says_what_is_stored() -> None:
    index_documents(corpus="achievement", documents=[battery(), welding()])
    out = StringIO()
    call_command("match_index", "--stats", stdout=out)
    shown = out.getvalue()
    assert shown.startswith("achievement: 2 documents, generation 1, ")
    assert ", usual length 64, 1 segments, 0 tombstones, " in shown
    assert shown.endswith(f"names: version 0, {len(shipped())} concepts\n")


@pytest.mark.django_db
def test_the_evaluation_command_prints_the_three_measures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"id": id_, "title": title, "text": ""}) for id_, title in (("a", "焊接"), ("b", "电解液"), ("c", "光")))
    )
    (tmp_path / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "电解液焊接"}))
    (tmp_path / "qrels.tsv").write_text("query-id\tdoc-id\tscore\nq\ta\t1\nq\tc\t1\n")
    out = StringIO()
    call_command("match_eval", str(tmp_path), "--json", "--baseline", "bm25", "--worst", "3", stdout=out)
    found = json.loads(out.getvalue())
    # b (three shared characters) comes before a: 1/log2(3) of 1 + 1/log2(3).
    reached = pytest.approx(0.38685, abs=1e-5)
    assert (found["nDCG@10"], found["Recall@100"], found["MRR@10"]) == (reached, 0.5, 0.5)
    assert found["baseline"]["MRR@10"] == {"mean": 1.0, "difference": -0.5, "p": 1.0}
    # By words of a dictionary a comes first: 1 of 1 + 1/log2(3).
    assert found["worst"] == [{"id": "q", "text": "电解液焊接", "nDCG@10": reached, "baseline": pytest.approx(0.61315, abs=1e-5)}]
    assert found["lexicon"] == 0
    monkeypatch.setattr("matching.app.management.commands.match_eval.in_force", _no_database)
    told = StringIO()
    call_command("match_eval", str(tmp_path), "--baseline", "tfidf", "--worst", "1", stdout=out, stderr=told)
    assert told.getvalue() == "There is no database with a table of names: measured with the one that comes with the program.\n"
    assert "nDCG@10    0.3869; tfidf 0.6131, difference -0.2263, p = 1.0000\n" in out.getvalue()


def test_the_evaluation_command_tells_the_spread_over_the_queries_also_over_a_database_without_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus.jsonl").write_text("\n".join(json.dumps({"id": id_, "title": id_, "text": ""}) for id_ in ("焊接", "光")))
    (tmp_path / "queries.jsonl").write_text("\n".join(json.dumps({"id": id_, "text": id_}) for id_ in ("焊接", "电")))
    (tmp_path / "qrels.tsv").write_text("query-id\tdoc-id\tscore\n焊接\t焊接\t3\n电\t光\t1\n")
    monkeypatch.setattr("matching.app.management.commands.match_eval.in_force", _no_tables)
    out = StringIO()
    call_command("match_eval", str(tmp_path), "--json", stdout=out, stderr=StringIO())
    spread = {"deviation": pytest.approx(0.5**0.5), "least": 0.0, "first": 0.25, "median": 0.5, "third": 0.75, "most": 1.0}
    figures = dict.fromkeys(("nDCG@10", "Recall@100", "MRR@10"), 0.5)
    rest = {"spread": dict.fromkeys(figures, spread), "queries": 2, "documents": 2, "worst": [], "lexicon": 0}
    assert json.loads(out.getvalue()) == figures | rest
    call_command("match_eval", str(tmp_path), "--json", "--pool", stdout=(pooled := StringIO()), stderr=StringIO())
    assert json.loads(pooled.getvalue())["nDCG@10"] == 1.0  # where only what was judged is ranked, it has its place
    monkeypatch.setattr("matching.app.management.commands.match_eval.in_force", _no_right)
    with pytest.raises(ProgrammingError):
        call_command("match_eval", str(tmp_path))


def _no_tables() -> Any:
    raise ProgrammingError from UndefinedTable()


def _no_right() -> Any:
    raise ProgrammingError from InsufficientPrivilege()


def _no_database() -> Any:
    raise OperationalError


def test_the_evaluation_command_refuses_a_folder_that_is_no_labelled_set(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a labelled set"):
        call_command("match_eval", str(tmp_path))
