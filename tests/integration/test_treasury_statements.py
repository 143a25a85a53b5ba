"""Statements: each line once, booked by its reference or by a finance officer, never twice."""

import pytest
from django.db import DatabaseError, transaction

from ledger.app import services as ledger
from marketplace.common import outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import MissingScope, NotFound, NotVerified
from marketplace.common.ids import uuid7
from marketplace.treasury import errors, selectors
from marketplace.treasury.models import BankStatement, StatementLine, Transfer
from marketplace.treasury.services import accounts, checking, statements, topups
from tests.factories import accounts as make
from tests.factories import camt
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db

FINANCE = Actor(person_id=uuid7(), staff="finance")


def imported(*lines: str) -> BankStatement:
    statement, _ = statements.import_statement(actor=FINANCE, content=statement_csv(*lines), name="day.csv")
    return statement


def wallet_fen(organisation) -> int:
    return selectors.balance(accounts.wallet(organisation.pk)).posted_fen


@pytest.fixture
def company():
    return make.organisation("company")


@pytest.fixture
def code(company) -> str:
    reference, _ = topups.issue_reference(actor=make.actor_for(company))
    return reference.code


def test_an_organisation_has_one_standing_reference(company) -> None:
    first, made = topups.issue_reference(actor=make.actor_for(company))
    again, made_again = topups.issue_reference(actor=make.actor_for(company))
    assert (made, made_again) == (True, False)
    assert first.code == again.code
    assert topups.codes_in(first.code) == {first.code}


@pytest.mark.parametrize(
    ("roles", "scopes", "verified", "error"),
    [
        (("member",), ("read", "write"), True, errors.ForTheirFinanceOnly),
        (("finance",), ("read",), True, MissingScope),
        (("finance",), ("read", "write"), False, NotVerified),
    ],
)
def test_a_reference_is_only_for_a_verified_organisations_finance_people(roles, scopes, verified, error) -> None:
    row = make.organisation("company", verified=verified)
    with pytest.raises(error):
        topups.issue_reference(actor=make.actor_for(row, roles=roles, scopes=scopes))


def test_a_line_with_a_reference_is_booked_to_its_wallet_with_its_own_ledger_intent(company, code) -> None:
    statement = imported(f"B1,2026-11-23,1000.00,in,某公司,6222,附言 {topups.shown(code)}")
    line = statement.lines.get()
    wallet = accounts.wallet(company.pk)
    assert wallet_fen(company) == 100_000
    assert (line.matched_kind, line.matched_id, line.matched_by) == ("organisation_wallet", wallet.pk, None)
    (paid,) = Transfer.objects.filter(group_id=line.pk)
    assert (paid.source.kind, paid.target_id, paid.fen, paid.code) == ("custody", wallet.pk, 100_000, "treasury.topup")
    assert ledger.receipt(line.pk).type == "treasury.topup"
    (entry,) = ledger.entries_of("organisation_wallet", wallet.pk)
    assert (entry.public, entry.money, entry.body) == (False, True, {"fen": 100_000, "bank_line": "B1"})
    assert checking.check() == []


def test_the_same_file_again_changes_nothing(company, code) -> None:
    content = statement_csv(f"B1,2026-11-23,1000.00,in,,,{code}", "B2,2026-11-23,5,in,,,nobody")
    first, fresh = statements.import_statement(actor=FINANCE, content=content, name="a.csv")
    again, fresh_again = statements.import_statement(actor=FINANCE, content=content, name="b.csv")
    assert (fresh, fresh_again, first.pk) == (True, False, again.pk)
    assert (StatementLine.objects.count(), wallet_fen(company)) == (2, 100_000)


def test_a_line_that_an_earlier_file_brought_is_counted_and_not_booked_again(company, code) -> None:
    imported(f"B1,2026-11-23,1000.00,in,,,{code}")
    second = imported(f"B1,2026-11-23,1000.00,in,,,{code}", f"B2,2026-11-23,1.00,in,,,{code}")
    assert (second.lines_known, second.lines.count(), second.faults) == (1, 1, [])
    assert wallet_fen(company) == 100_100


def test_a_bank_id_used_again_for_another_amount_is_a_fault_and_not_booked(company, code) -> None:
    imported(f"B1,2026-11-23,1000.00,in,,,{code}")
    second = imported(f"B1,2026-11-23,9000.00,in,,,{code}", f"B2,2026-11-23,1,in,,,{code}", f"B2,2026-11-23,2,in,,,{code}")
    assert [(fault["line"], fault["field"]) for fault in second.faults] == [(2, "bank_line_id"), (4, "bank_line_id")]
    assert wallet_fen(company) == 100_100


def test_bad_lines_are_listed_and_good_ones_are_taken(company, code) -> None:
    statement = imported("B1,yesterday,1,in,,,", f"B2,2026-11-23,1,in,,,{code}", "B3,2026-11-23,much,in,,,")
    assert [(fault["line"], fault["field"]) for fault in statement.faults] == [(2, "booked_at"), (4, "amount_yuan")]
    assert wallet_fen(company) == 100


def test_a_line_that_names_nobody_or_two_organisations_waits(company, code) -> None:
    other, _ = topups.issue_reference(actor=make.actor_for(make.organisation("funder")))
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    imported("B1,2026-11-23,1,in,,,货款", f"B2,2026-11-23,1,in,,,{code} {other.code}", f"B3,2026-11-23,1,in,,,{wrong}")
    assert [line.bank_line_id for line in selectors.waiting_lines()] == ["B1", "B2", "B3"]
    assert Transfer.objects.count() == 0


def test_a_finance_officer_assigns_a_waiting_line_once(company) -> None:
    line = imported("B1,2026-11-23,30.00,in,某公司,,货款").lines.get()
    done = statements.assign_line(actor=FINANCE, line_id=line.pk, organisation_id=company.pk)
    assert (done.matched_by, wallet_fen(company)) == (FINANCE.person_id, 3_000)
    with pytest.raises(errors.LineAlreadyMatched):
        statements.assign_line(actor=FINANCE, line_id=line.pk, organisation_id=company.pk)
    assert wallet_fen(company) == 3_000
    assert checking.check() == []


def test_what_cannot_be_assigned_looks_like_what_is_not_there(company) -> None:
    out = imported("B1,2026-11-23,30.00,out,,,").lines.get()
    for line_id, organisation_id in ((out.pk, company.pk), (uuid7(), company.pk)):
        with pytest.raises(NotFound):
            statements.assign_line(actor=FINANCE, line_id=line_id, organisation_id=organisation_id)
    line = imported("B2,2026-11-23,30.00,in,,,").lines.get()
    with pytest.raises(NotFound):
        statements.assign_line(actor=FINANCE, line_id=line.pk, organisation_id=uuid7())


@pytest.mark.parametrize("staff", ["admin", "reviewer", "security", "auditor", None])
def test_only_finance_officers_import_and_assign(staff, company) -> None:
    actor = Actor(person_id=uuid7(), staff=staff, organisation_id=None if staff else company.pk, roles=frozenset({"finance"}))
    line = imported("B1,2026-11-23,30.00,in,,,").lines.get()
    with pytest.raises(errors.ForFinanceOnly):
        statements.import_statement(actor=actor, content=statement_csv("B9,2026-11-23,1,in,,,"), name="x.csv")
    with pytest.raises(errors.ForFinanceOnly):
        statements.assign_line(actor=actor, line_id=line.pk, organisation_id=company.pk)
    assert (BankStatement.objects.count(), Transfer.objects.count()) == (1, 0)


def test_a_file_that_is_no_statement_leaves_nothing_behind() -> None:
    with pytest.raises(errors.StatementUnreadable):
        statements.import_statement(actor=FINANCE, content=b"%PDF-1.7", name="x.csv")
    assert BankStatement.objects.count() == 0


def test_rooms_above_are_offered_what_waits_and_the_first_to_recognise_it_has_it(monkeypatch) -> None:
    payout = uuid7()
    seen: list[str] = []

    def recognise(line: StatementLine) -> statements.Match | None:
        seen.append(line.bank_line_id)
        return statements.Match("payout", payout) if "BF-1" in line.reference else None

    monkeypatch.setattr(statements, "_recognisers", {"in": [], "out": [recognise]})
    imported("B1,2026-11-23,30.00,out,,,BF-1", "B2,2026-11-23,1,out,,,rent", "B3,2026-11-23,1,in,,,BF-1")
    outbox.relay()
    outbox.relay()
    assert seen == ["B1", "B2"]
    assert [line.bank_line_id for line in selectors.waiting_lines()] == ["B2", "B3"]
    booked = StatementLine.objects.get(bank_line_id="B1")
    assert (booked.matched_kind, booked.matched_id, booked.matched_by) == ("payout", payout, None)


@pytest.mark.parametrize("change", [{"fen": 1}, {"payer_name": "another"}, {"reference": "JQ"}])
def test_what_the_bank_said_does_not_change(change) -> None:
    line = imported("B1,2026-11-23,30.00,in,,,").lines.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        StatementLine.objects.filter(pk=line.pk).update(**change)


def test_the_import_itself_is_on_the_ledger_with_the_files_hash() -> None:
    statement = imported("B1,2026-11-23,30.00,in,,,")
    (entry,) = ledger.entries_of("bank_statement", statement.pk)
    assert (entry.type, entry.money, entry.body["sha256"]) == ("treasury.statement_imported", False, statement.sha256)


def xml(*parts: str, name: str = "day.xml") -> BankStatement:
    return statements.import_statement(actor=FINANCE, content=camt.document(*parts), name=name)[0]


def difference(statement: BankStatement) -> int:
    found = selectors.reconciled(statement)
    assert found
    return found.difference_fen


def test_a_camt_statement_books_by_reference_and_the_same_payment_in_a_later_file_changes_nothing(company, code) -> None:
    first = camt.entry("E1", 120_050, camt.payment(120_050, reference=f"充值 {code}"))
    statement = xml(first)
    assert wallet_fen(company) == 120_050
    assert (statement.lines.get().payer_name, statement.closing_fen, selectors.reconciled(statement)) == ("砺禾储能", None, None)
    again = xml(first, camt.entry("E2", 50, camt.payment(50, reference=code)), name="next.xml")
    assert (again.lines_known, again.lines.count(), wallet_fen(company)) == (1, 1, 120_100)


def test_a_closing_balance_agrees_with_the_books_and_the_lines_that_wait(company, code) -> None:
    booked, waiting, left = (
        camt.entry("E1", 1_000, camt.payment(1_000, reference=code)),
        camt.entry("E2", 300),
        camt.entry("E3", 50, direction="DBIT"),
    )
    statement = xml(booked, waiting, left, camt.balance(1_250))
    assert selectors.reconciled(statement) == selectors.Reconciliation(closing_fen=1_250, expected_fen=1_250)
    statements.assign_line(actor=FINANCE, line_id=statement.lines.get(bank_line_id="E2").pk, organisation_id=company.pk)
    assert selectors.expected_at_bank() == 1_250


def test_a_statement_that_was_never_imported_shows_as_a_difference_until_it_is(company, code) -> None:
    xml(
        camt.entry("E1", 1_000, camt.payment(1_000, reference=code), day="2026-11-21"),
        camt.balance(1_000, day="2026-11-21"),
        name="monday.xml",
    )
    wednesday = xml(camt.entry("E3", 200), camt.balance(1_900, day="2026-11-23"), name="wednesday.xml")
    assert difference(wednesday) == 700
    tuesday = xml(camt.entry("E2", 700, day="2026-11-22"), camt.balance(1_700, day="2026-11-22"), name="tuesday.xml")
    assert (difference(wednesday), difference(tuesday), selectors.expected_at_bank()) == (0, 0, 1_900)


def test_a_csv_may_name_its_balance_in_a_column_of_its_own() -> None:
    content = statement_csv("B1,2026-11-23,10,in,,,", "B2,2026-11-23,4,out,,,").decode().splitlines()
    rows = [content[0] + ",balance_yuan", content[1] + ",10.00", content[2] + ",6.00"]
    statement, _ = statements.import_statement(actor=FINANCE, content="\n".join(rows).encode(), name="b.csv")
    assert (statement.closing_fen, str(statement.closing_on), difference(statement)) == (600, "2026-11-23", 0)
    wrong = [rows[0], rows[1].replace("B1", "B3").replace("10.00", "lots")]
    statement, _ = statements.import_statement(actor=FINANCE, content="\n".join(wrong).encode(), name="c.csv")
    assert [(fault["line"], fault["field"]) for fault in statement.faults] == [(2, "balance_yuan")]
    assert statement.closing_fen is None


@pytest.mark.parametrize("broken", [camt.document(camt.entry("E1", 100))[:-9], b"<html></html>"])
def test_a_broken_xml_leaves_nothing_behind(broken: bytes) -> None:
    with pytest.raises(errors.StatementUnreadable):
        statements.import_statement(actor=FINANCE, content=broken, name="x.xml")
    assert (BankStatement.objects.count(), StatementLine.objects.count()) == (0, 0)
