"""A bank's file by its own columns: looked at first, booked once confirmed, batch by batch."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib import admin
from django.http import HttpRequest

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.common.errors import MissingScope, NotFound
from marketplace.treasury import errors, selectors, tasks
from marketplace.treasury.admin import StatementImportAdmin
from marketplace.treasury.models import BankStatement, StatementImport, StatementLine, StatementMapping, Transfer
from marketplace.treasury.services import importing, statements, topups
from marketplace.treasury.services.layouts import digest_of
from marketplace.treasury.services.mappings import mapping_keep
from tests.factories import accounts as make
from tests.factories.treasury import mapping, previewed, statement_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def code() -> str:
    company = make.organisation("company")
    return topups.issue_reference(actor=make.actor_for(company))[0].code


def banks_own(*lines: str) -> bytes:
    return "\n".join(["渡口银行账户明细", "日期,流水号,户名,摘要,借方,贷方,机构", *lines]).encode("gb18030")


def test_a_banks_own_columns_are_read_by_its_mapping_and_nothing_is_booked_before_an_officer_confirms(code) -> None:
    content = banks_own(f'20261123,K1,某公司,充值 {code},,"1,200.50",01', "20261124,K2,某厂,货款,30.00,0.00,01", "2026-11-24,K3,,,1.00,,01")
    run = importing.preview(actor=make.staff_actor("finance"), content=content, name="k.csv", mapping_id=mapping().pk)
    assert (run.good, run.bad, run.in_fen, run.out_fen, run.phase) == (2, 1, 120_050, 3_000, "previewed")
    assert [(line["bank_line_id"], line["direction"], line["payer_name"]) for line in run.sample] == [
        ("K1", "in", "某公司"),
        ("K2", "out", "某厂"),
    ]
    assert [(fault["line"], fault["field"]) for fault in run.faults] == [(5, "booked_at")]
    assert StatementLine.objects.count() == 0
    importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    importing.work(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.handled, run.total, bytes(run.content)) == ("done", 2, 2, b"")
    assert {line.bank_line_id: line.is_waiting for line in StatementLine.objects.all()} == {"K1": False, "K2": True}
    assert selectors.expected_at_bank() == 117_050
    (entry,) = ledger.entries_of("bank_statement", run.statement_id)
    assert entry.body["mapping_sha256"] == digest_of(run.mapping)


def test_a_long_file_goes_in_batch_by_batch_and_goes_on_where_it_broke_off(code, monkeypatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    run = previewed(*(f"B{number},2026-11-23,1.00,in,,,{code}" for number in range(5)))
    importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    seen = []
    for _ in range(4):
        importing._step(run.pk)
        run.refresh_from_db()
        seen.append((run.phase, run.handled, run.total))
        assert bytes(run.content) == b""
    assert seen == [("running", 0, 5), ("running", 2, 5), ("running", 4, 5), ("done", 5, 5)]
    assert importing._step(run.pk) is False
    assert StatementLine.objects.exclude(matched_at=None).count() == 5


@pytest.mark.parametrize("at_once", [True, False])
def test_a_debit_is_offered_again_when_another_file_brings_its_top_up(code, at_once: bool) -> None:
    officer = make.staff_actor("finance")
    for line in ("BK-20000002,2026-11-24,9.00,out,,,冲正 BK-20000001", f"BK-20000001,2026-11-23,9.00,in,,,{code}"):
        if at_once:
            statements.import_statement(actor=officer, content=statement_csv(line), name="s.csv")
        else:
            run = previewed(line)
            importing.start(actor=officer, import_id=run.pk)
            importing.work(run.pk)
        outbox.relay()
    assert StatementLine.objects.get(direction="out").matched_kind == "charge_back"


def test_what_a_worker_left_behind_is_taken_up_again(monkeypatch) -> None:
    run = previewed("B1,2026-11-23,1.00,in,,,")
    importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    tasks.resume_imports()
    run.refresh_from_db()
    assert run.phase == "running"
    StatementImport.objects.filter(pk=run.pk).update(touched_at=make.a_moment_ago() - tasks.STALLED)
    tasks.resume_imports()
    run.refresh_from_db()
    assert (run.phase, run.statement.lines.count()) == ("done", 1)


def test_the_same_file_confirmed_twice_is_taken_once() -> None:
    first, second = (previewed("B1,2026-11-23,1.00,in,,,") for _ in range(2))
    for run in (first, first, second):
        importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
        importing.work(run.pk)
    second.refresh_from_db()
    assert (second.phase, second.total, BankStatement.objects.count(), StatementLine.objects.count()) == ("done", 0, 1, 1)


def test_a_dropped_file_is_not_booked_and_a_confirmed_one_not_dropped() -> None:
    dropped, confirmed = previewed("B1,2026-11-23,1.00,in,,,"), previewed("B2,2026-11-23,1.00,in,,,")
    officer = make.staff_actor("finance")
    importing.drop(actor=officer, import_id=dropped.pk)
    importing.start(actor=officer, import_id=confirmed.pk)
    for refused, run in ((importing.start, dropped), (importing.drop, confirmed)):
        with pytest.raises(errors.ImportOver):
            refused(actor=officer, import_id=run.pk)
    assert bytes(StatementImport.objects.get(pk=dropped.pk).content) == b""


def test_a_file_is_not_booked_by_a_mapping_that_was_changed_after_the_preview() -> None:
    kept = mapping()
    run = importing.preview(actor=make.staff_actor("finance"), content=banks_own("20261123,K1,,,,1,"), name="k.csv", mapping_id=kept.pk)
    mapping(id=kept.pk, columns={"bank_line_id": "流水号", "booked_at": "日期", "amount_yuan": "借方"})
    with pytest.raises(errors.MappingChanged):
        importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    StatementImport.objects.filter(pk=run.pk).update(phase="running")
    importing.work(run.pk)
    run.refresh_from_db()
    assert (run.phase, StatementLine.objects.count()) == ("failed", 0)


def test_a_mapping_changed_while_the_file_was_looked_at_is_noticed_although_its_moment_is_earlier() -> None:
    kept = mapping()
    run = importing.preview(actor=make.staff_actor("finance"), content=banks_own("20261123,K1,,,,1,"), name="k.csv", mapping_id=kept.pk)
    StatementMapping.objects.filter(pk=kept.pk).update(columns={**kept.columns, "amount_yuan": "借方", "amount_out_yuan": "贷方"})
    with pytest.raises(errors.MappingChanged):
        importing.start(actor=make.staff_actor("finance"), import_id=run.pk)


def test_a_mapping_that_was_only_renamed_reads_as_before() -> None:
    kept = mapping()
    run = importing.preview(actor=make.staff_actor("finance"), content=banks_own("20261123,K1,,,,1,"), name="k.csv", mapping_id=kept.pk)
    mapping(id=kept.pk, name="渡口银行（新）")
    assert importing.start(actor=make.staff_actor("finance"), import_id=run.pk).phase == "running"


def test_more_money_than_the_books_can_hold_is_refused_before_it_is_kept() -> None:
    with pytest.raises(errors.StatementUnreadable):
        previewed(*(f"B{number},2026-11-23,90071992547409.91,in,,," for number in range(2)))
    assert StatementImport.objects.count() == 0


def test_what_fails_time_and_again_is_stopped(monkeypatch) -> None:
    monkeypatch.setattr(importing, "TRIES", 2)
    run = previewed("B1,2026-11-23,1.00,in,,,")
    importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    monkeypatch.setattr(statements, "book", Mock(side_effect=ValueError))
    phases = []
    for _ in range(2):
        with pytest.raises(ValueError):
            importing.work(run.pk)
        run.refresh_from_db()
        phases.append((run.phase, run.tries, run.handled, run.total))
    assert phases == [("running", 1, 0, 1), ("failed", 2, 0, 1)]
    importing.work(run.pk)


def stopped(run: StatementImport, monkeypatch: pytest.MonkeyPatch, *, at: str, after: int) -> StatementImport:
    """Confirmed, and stopped by a fault of the function of this name once it has done so many calls."""
    real, calls = getattr(statements, at), iter(range(after))

    def faulty(*args: Any, **options: Any) -> Any:
        if next(calls, None) is None:
            raise ValueError
        return real(*args, **options)

    importing.start(actor=make.staff_actor("finance"), import_id=run.pk)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "TRIES", 1)
        patch.setattr(statements, at, faulty)
        with pytest.raises(ValueError):
            importing.work(run.pk)
    run.refresh_from_db()
    return run


def test_a_stopped_file_goes_on_where_it_stopped_and_books_nothing_twice(code, monkeypatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    run = stopped(previewed(*(f"B{number},2026-11-23,1.00,in,,,{code}" for number in range(5))), monkeypatch, at="book", after=1)
    assert (run.phase, run.handled, run.total) == ("failed", 2, 5)
    with pytest.raises(errors.ImportOver):
        importing.drop(actor=make.staff_actor("finance"), import_id=run.pk)
    other = make.staff_actor("finance")
    assert importing.start(actor=other, import_id=run.pk).tries == 0
    importing.work(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.handled, run.total, run.person) == ("done", 5, 5, other.person_id)
    assert Transfer.objects.filter(code="treasury.topup").count() == 5
    assert selectors.expected_at_bank() == 500
    assert importing.start(actor=other, import_id=run.pk).phase == "done"


def test_a_file_stopped_before_its_lines_were_taken_is_taken_later_or_dropped(monkeypatch) -> None:
    first, second = (stopped(previewed(f"B{number},2026-11-23,1.00,in,,,"), monkeypatch, at="take", after=0) for number in range(2))
    officer = make.staff_actor("finance")
    importing.start(actor=officer, import_id=first.pk)
    importing.work(first.pk)
    importing.drop(actor=officer, import_id=second.pk)
    phases = {run.pk: (run.phase, run.total, bytes(run.content)) for run in StatementImport.objects.all()}
    assert phases == {first.pk: ("done", 1, b""), second.pk: ("dropped", 0, b"")}


def test_what_nobody_confirms_or_goes_on_with_is_thrown_away_after_a_day_unless_lines_were_taken(monkeypatch) -> None:
    old, young, failed, half = (previewed(f"B{number},2026-11-23,1.00,in,,,") for number in range(4))
    stopped(failed, monkeypatch, at="take", after=0)
    stopped(half, monkeypatch, at="book", after=0)
    long_ago = make.a_moment_ago() - importing.KEPT
    StatementImport.objects.update(created_at=long_ago)
    StatementImport.objects.exclude(pk=young.pk).update(touched_at=long_ago)
    tasks.drop_old_previews()
    kept = {run.pk: (run.phase, bool(run.content)) for run in StatementImport.objects.all()}
    gone = ("dropped", False)
    assert kept == {old.pk: gone, young.pk: ("previewed", True), failed.pk: gone, half.pk: ("failed", False)}


def test_the_back_office_reads_no_files() -> None:
    previewed("B1,2026-11-23,1.00,in,,,")
    (row,) = StatementImportAdmin(StatementImport, admin.site).get_queryset(HttpRequest())
    assert row.get_deferred_fields() == {"content"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": {"bank_line_id": "A", "booked_at": "B"}}, "amount_yuan"),
        ({"columns": {"bank_line_id": "A", "booked_at": "B", "amount_yuan": "b"}}, "booked_at"),
        ({"columns": {"bank_line_id": "A", "booked_at": "B", "amount_yuan": "C", "colour": "D"}}, "columns"),
        ({"columns": {"bank_line_id": "A", "booked_at": "B", "amount_yuan": "C", "amount_out_yuan": "D", "direction": "E"}}, "direction"),
        ({"columns": {"bank_line_id": "A", "booked_at": "B", "amount_yuan": "C", "direction": "E"}, "words_in": ["贷"]}, "words_out"),
        ({"words_in": ["C"], "words_out": ["c"]}, "words_out"),
        ({"words_in": [f"C{number}" for number in range(21)]}, "words_in"),
        ({"words_out": ["D" * 81]}, "words_out"),
    ],
)
def test_a_mapping_that_could_not_be_read_by_is_refused_at_its_field(changes, field: str) -> None:
    with pytest.raises(errors.MappingRefused) as refusal:
        mapping(**changes)
    assert list(refusal.value.fields) == [field]


def test_a_name_is_given_once_and_only_finance_and_administrators_keep_mappings() -> None:
    kept = mapping()
    with pytest.raises(errors.MappingRefused):
        mapping()
    assert mapping(id=kept.pk, skip_lines=3).skip_lines == 3
    said = {"name": "别的", "columns": kept.columns, "encoding": "auto", "delimiter": ",", "skip_lines": 0, "date_format": "iso"}
    assert mapping_keep(actor=make.staff_actor("admin"), **said).name == "别的"
    for office, refusal in (("auditor", errors.ForFinanceOnly), ("reviewer", NotFound)):
        with pytest.raises(refusal):
            mapping_keep(actor=make.staff_actor(office), **said)
    with pytest.raises(NotFound):
        importing.preview(actor=make.staff_actor("finance"), content=banks_own("20261123,K1,,,,1,"), name="k.csv", mapping_id=kept.kept_by)


def test_a_key_without_the_scope_for_money_confirms_nothing() -> None:
    run, officer = previewed("B1,2026-11-23,1.00,in,,,"), make.staff_actor("finance")
    reader = type(officer)(person_id=officer.person_id, staff="finance", scopes=frozenset({"read", "write"}))
    with pytest.raises(MissingScope):
        importing.start(actor=reader, import_id=run.pk)


def test_organisations_have_no_part_in_it(code) -> None:
    company = Organisation.objects.get(kind="company")
    with pytest.raises(errors.ForFinanceOnly):
        importing.preview(actor=make.actor_for(company), content=b"x", name="x.csv")
