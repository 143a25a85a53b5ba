"""Files of demands: each good row a draft, a second import no change."""

from typing import Any

import pytest

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.catalogue.importing import running
from marketplace.catalogue.models import ImportRun
from marketplace.common import hashing
from marketplace.demands import importing
from marketplace.demands.models import Demand
from marketplace.demands.services import drafting
from marketplace.workflow.actions import available_actions
from marketplace.workflow.performing import perform
from tests.factories import accounts, demands
from tests.factories import import_files as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]

ROW = {
    "ref": "D-1",
    "title": "低温钠离子电池",
    "text": "Cells for twenty below zero",
    "keywords": ["电池"],
    "industry_code": "38",
    "budget_min_yuan": 5_000,
    "budget_max_yuan": 8_000,
    "readiness_wanted": 6,
    "indicators": [{"name_zh": "容量保持率", "target": "≥85%"}],
}


@pytest.fixture(autouse=True)
def _files_of_their_own(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def company() -> Organisation:
    return accounts.organisation("company", region="120116")


def imported(owner: Organisation, *rows: dict[str, Any]) -> ImportRun:
    run = make.send(make.jsonl(rows), owner=owner, kind="demands")
    running.run_import(run.pk)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, ...]:
    return (run.created, run.updated, run.unchanged, run.bad)


def test_a_row_becomes_a_draft_of_the_company_with_each_text_on_its_language_s_side(company: Organisation) -> None:
    run = imported(company, ROW)
    assert (run.phase, counts(run)) == ("done", (1, 0, 0, 0))
    draft = Demand.objects.get()
    assert (draft.state, draft.organisation_id, draft.region_code, draft.due_at) == ("draft", company.pk, "120116", None)
    assert (draft.title_zh, draft.title_en, draft.text_zh, draft.text_en) == ("低温钠离子电池", "", "", "Cells for twenty below zero")
    assert (draft.budget_min_fen, draft.budget_max_fen) == (500_000, 800_000)
    assert [(one["name_zh"], one["target"]) for one in draft.indicators] == [("容量保持率", "≥85%")]
    assert [entry.type for entry in ledger.entries_of("import", run.pk)] == ["demand.batch"]
    assert [offer.action for offer in available_actions(draft, accounts.actor_for(company))] == ["submit"]


def test_the_same_file_again_changes_nothing_even_after_people_completed_the_draft(company: Organisation) -> None:
    imported(company, ROW)
    draft = Demand.objects.get()
    drafting.demand_edit(demand=draft, actor=accounts.actor_for(company), fields={"text_zh": "由人补充"})
    before = Demand.objects.values().get()
    assert counts(imported(company, ROW)) == (0, 0, 1, 0)
    assert Demand.objects.values().get() == before


def test_a_row_that_says_something_new_changes_the_draft_and_no_submitted_demand(company: Organisation) -> None:
    imported(company, ROW)
    changed = {**ROW, "title": "新标题"}
    assert counts(imported(company, changed)) == (0, 1, 0, 0)
    draft = Demand.objects.get()
    assert draft.title_zh == "新标题"
    actor = accounts.actor_for(company)
    draft = drafting.demand_edit(demand=draft, actor=actor, fields={"acceptance_zh": "检测报告", "deadline": demands.terms()["deadline"]})
    perform("submit", draft, actor)
    run = imported(company, ROW)
    assert counts(run) == (0, 0, 0, 1)
    assert [(fault.field, fault.line) for fault in run.faults.all()] == [("ref", 1)]
    draft.refresh_from_db()
    assert draft.title_zh == "新标题"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"text": "e" * 20_001}, "text"),
        ({"industry_code": "98"}, "industry_code"),
        ({"region_code": "310115"}, "region_code"),
        ({"budget_min_yuan": 9_000}, "budget_max_yuan"),
        ({"readiness_wanted": 10}, "readiness_wanted"),
        ({"indicators": [{"name_zh": "无目标"}]}, "indicators"),
        ({"indicators": "text"}, "indicators"),
    ],
)
def test_a_faulty_row_is_named_and_the_good_ones_go_in(company: Organisation, changes: dict[str, Any], field: str) -> None:
    run = imported(company, {**ROW, **changes}, {**ROW, "ref": "D-2"})
    assert counts(run) == (1, 0, 0, 1)
    assert [(fault.line, fault.field) for fault in run.faults.all()] == [(1, field)]


def test_one_end_of_a_budget_stands_for_both(company: Organisation) -> None:
    imported(company, {"ref": "D-9", "title_en": "Cells", "budget_max_yuan": 70})
    assert Demand.objects.values_list("budget_min_fen", "budget_max_fen").get() == (7_000, 7_000)


def test_the_protection_that_would_do_is_read_by_code_or_name_from_a_list_or_a_cell(company: Organisation) -> None:
    rows = [
        {**ROW, "ipr_wanted": ["granted", "技术秘密", "granted"]},
        {**ROW, "ref": "D-2", "知识产权要求": "专利已授权；copyright"},
        {**ROW, "ref": "D-3", "ipr_wanted": "patent pending, maybe"},
    ]
    run = imported(company, *rows)
    assert counts(run) == (2, 0, 0, 1)
    assert [row.ipr_wanted for row in Demand.objects.order_by("ref")] == [["granted", "secret"], ["granted", "copyright"]]
    assert [fault.field for fault in run.faults.all()] == ["ipr_wanted"]
    assert counts(imported(company, {**ROW, "ipr_wanted": []})) == (0, 1, 0, 0)
    assert Demand.objects.get(ref="D-1").ipr_wanted == []


def test_a_row_from_before_the_column_existed_is_the_row_that_it_was(company: Organisation) -> None:
    imported(company, ROW)
    draft = Demand.objects.get()
    adapter = importing.DemandAdapter(actor=accounts.actor_for(company), organisation=company)
    before = {name: getattr(draft, name) for name in importing.DemandAdapter.imported if name != "ipr_wanted"}
    assert adapter.fingerprint(draft) == hashing.sha256_of(before) == draft.content_hash
