"""Lines that nobody recognised: proposed by one officer, agreed to by another, booked or returned once."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.common.errors import Invalid, NotFound, WrongState
from marketplace.common.money import yuan
from marketplace.treasury import errors, selectors
from marketplace.treasury.models import LineDecision, OrderForm, StatementLine
from marketplace.treasury.services import accounts, decisions, payment_orders, statements, topups
from marketplace.treasury.services.checking import check
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts as make
from tests.factories.treasury import pay, statement_csv

pytestmark = pytest.mark.django_db
SENDER = "B1,2026-11-23,30.00,in,某公司,622200001111,货款"


@pytest.fixture
def company() -> Organisation:
    return make.organisation("company")


def line_of(row: str = SENDER) -> StatementLine:
    statement, _ = statements.import_statement(actor=make.staff_actor("finance"), content=statement_csv(row), name="s.csv")
    return statement.lines.get()


def proposed(row: str = SENDER, organisation: Organisation | None = None) -> LineDecision:
    owner = organisation.pk if organisation else None
    return decisions.propose(actor=make.staff_actor("finance"), line_id=line_of(row).pk, organisation_id=owner)


def agreed(decision: LineDecision) -> LineDecision:
    return perform("book" if decision.kind == "wallet" else "give_back", decision, make.staff_actor("finance"))


def posted(account) -> int:
    return selectors.balance(account).posted_fen


def test_nothing_is_booked_before_a_second_officer_agrees(company) -> None:
    officer = make.staff_actor("finance")
    decision = decisions.propose(actor=officer, line_id=line_of().pk, organisation_id=company.pk)
    assert posted(accounts.wallet(company.pk)) == 0
    with pytest.raises(errors.SecondOfficer):
        perform("book", decision, officer)
    assert agreed(decision).state == "booked"
    assert (posted(accounts.wallet(company.pk)), decision.line.decisions.count()) == (3_000, 1)
    with pytest.raises(WrongState):
        agreed(decision)


def test_a_refused_proposal_leaves_the_line_waiting_for_another(company) -> None:
    decision = proposed(organisation=company)
    with pytest.raises(Invalid):
        perform("refuse", decision, make.staff_actor("finance"), reason=" ")
    assert perform("refuse", decision, make.staff_actor("finance"), reason="非其来款").state == "refused"
    anew = decisions.propose(actor=make.staff_actor("finance"), line_id=decision.line_id, organisation_id=None)
    assert (anew.kind, decision.line.is_waiting) == ("return", True)


def test_one_proposal_stands_at_a_time(company) -> None:
    decision = proposed(organisation=company)
    with pytest.raises(errors.LineAlreadyProposed):
        decisions.propose(actor=make.staff_actor("finance"), line_id=decision.line_id, organisation_id=None)


def test_a_return_goes_out_in_a_payment_order_and_ends_with_the_banks_line() -> None:
    decision = agreed(proposed())
    assert (decision.state, posted(accounts.in_transit()), selectors.expected_at_bank()) == ("scheduled", 3_000, 3_000)
    (payment,) = payment_orders.waiting()
    assert (payment.name, payment.account, payment.fen) == ("某公司", "622200001111", 3_000)
    order = payment_orders.make_order(actor=make.staff_actor("finance"), form=OrderForm.CSV, payments=[payment.id])
    assert b"622200001111" in bytes(order.content)
    out = line_of(f"B2,2026-11-24,30.00,out,某公司,622200001111,{decision.reference}")
    assert statements.offer_line(out.pk)
    decision.refresh_from_db()
    assert (decision.state, posted(accounts.in_transit()), selectors.expected_at_bank()) == ("returned", 0, 0)


def test_a_debit_of_another_amount_or_before_the_file_confirms_no_return() -> None:
    decision = agreed(proposed())
    early = line_of(f"B2,2026-11-24,30.00,out,,,{decision.reference}")
    assert statements.offer_line(early.pk) is False


def test_a_return_needs_the_payers_name_and_an_account_that_a_file_can_carry() -> None:
    for row in ("B1,2026-11-23,1,in,某公司,,", "B2,2026-11-23,1,in,,6222,", f"B3,2026-11-23,1,in,某公司,{'6' * 35},"):
        with pytest.raises(errors.PayerUnknown):
            proposed(row)


def topped_up(company: Organisation, fen: int) -> StatementLine:
    code = topups.issue_reference(actor=make.actor_for(company))[0].code
    return line_of(f"T1,2026-11-23,{yuan(fen).replace(',', '')},in,某公司,6222,{code}")


def test_an_unknown_debit_is_a_charge_back_once_two_officers_say_so(company) -> None:
    top_up, debit = topped_up(company, 3_000), line_of("D1,2026-11-24,30.00,out,,9999,冲正")
    officer = make.staff_actor("finance")
    decision = decisions.propose_outgoing(actor=officer, line_id=debit.pk, top_up="T1")
    assert (decision.kind, decision.top_up_id, posted(accounts.wallet(company.pk))) == ("charge_back", top_up.pk, 3_000)
    with pytest.raises(errors.SecondOfficer):
        perform("book", decision, officer)
    second = make.staff_actor("finance")
    perform("book", decision, second)
    debit.refresh_from_db()
    assert (debit.matched_kind, debit.matched_id, debit.matched_by) == ("charge_back", top_up.pk, second.person_id)
    assert (posted(accounts.wallet(company.pk)), selectors.expected_at_bank(), check()) == (0, 0, [])


def test_the_banks_own_charge_is_borne_by_the_platform_as_far_as_its_fees_reach(company) -> None:
    debit = line_of("D1,2026-11-24,5.00,out,,,手续费")
    decision = decisions.propose_outgoing(actor=make.staff_actor("finance"), line_id=debit.pk, top_up="")
    with pytest.raises(errors.InsufficientFunds), transaction.atomic():
        perform("book", decision, make.staff_actor("finance"))
    topped_up(company, 3_000)
    pay(accounts.wallet(company.pk), accounts.fee(), 600)
    assert perform("book", decision, make.staff_actor("finance")).state == "booked"
    assert (posted(accounts.fee()), selectors.expected_at_bank(), check()) == (100, 2_500, [])


@pytest.mark.parametrize("named", ["T2", "D1"])
def test_a_debit_takes_back_only_a_booked_top_up_of_its_amount(company, named: str) -> None:
    topped_up(company, 2_999)
    line_of(f"T2,2026-11-23,30.00,in,,,{company.name_zh}")
    debit = line_of("D1,2026-11-24,30.00,out,,,冲正")
    for top_up in (named, "T1"):
        with pytest.raises(errors.TopUpUnfit):
            decisions.propose_outgoing(actor=make.staff_actor("finance"), line_id=debit.pk, top_up=top_up)
    with pytest.raises(NotFound):
        decisions.propose_outgoing(actor=make.staff_actor("finance"), line_id=StatementLine.objects.get(bank_line_id="T2").pk, top_up="T1")


def test_the_banks_refusal_of_a_return_is_told_by_one_officer_and_booked_by_another() -> None:
    decision, officer = at_the_bank(agreed(proposed())), make.staff_actor("finance")
    with pytest.raises(errors.RefusalNotTold):
        perform("bank_error", decision, officer)
    decision = perform("report_refusal", decision, officer, reason="账号不存在")
    with pytest.raises(errors.SecondOfficer):
        perform("bank_error", decision, officer)
    assert decision.state == "processing"
    assert perform("bank_error", decision, make.staff_actor("finance")).state == "bank_refused"
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(refusal_agreed_by=officer.person_id)


@pytest.mark.parametrize("state", ["scheduled", "bank_refused"])
def test_a_return_that_has_not_gone_out_is_called_off_into_a_wallet_by_two_officers(company, state: str) -> None:
    decision = agreed(proposed())
    if state == "bank_refused":
        decision = bank_refused(at_the_bank(decision))
    officer = make.staff_actor("finance")
    with pytest.raises(errors.CallOffNotAsked):
        perform("call_off", decision, officer, organisation_id=company.pk)
    with pytest.raises(NotFound):
        perform("ask_call_off", decision, officer, organisation_id=decision.pk)
    other = make.organisation("company")
    perform("ask_call_off", decision, make.staff_actor("finance"), organisation_id=other.pk)
    decision = perform("ask_call_off", decision, officer, organisation_id=company.pk)
    with pytest.raises(errors.SecondOfficer):
        perform("call_off", decision, officer, organisation_id=company.pk)
    with pytest.raises(errors.CallOffChanged):
        perform("call_off", decision, make.staff_actor("finance"), organisation_id=other.pk)
    assert posted(accounts.wallet(company.pk)) == 0
    decision = perform("call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)
    assert (decision.state, posted(accounts.wallet(company.pk)), posted(accounts.in_transit())) == ("booked", 3_000, 0)
    assert (payment_orders.waiting(), selectors.expected_at_bank(), check()) == ([], 3_000, [])
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(call_off_agreed_by=officer.person_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(call_off_agreed_by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(call_off_by=None, call_off_agreed_by=None)


def test_what_goes_out_after_all_is_not_called_off_by_an_older_request(company) -> None:
    decision = perform("ask_call_off", agreed(proposed()), make.staff_actor("finance"), organisation_id=company.pk)
    decision = bank_refused(at_the_bank(decision))
    with pytest.raises(errors.CallOffNotAsked):
        perform("call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(refusal_agreed_by=None)


def test_a_return_that_a_statement_shows_is_not_called_off(company) -> None:
    decision = at_the_bank(agreed(proposed()))
    with pytest.raises(WrongState):
        perform("ask_call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)
    first = decision.reference
    decision = bank_refused(decision)
    line_of(f"B2,2026-11-24,30.00,out,,,{first}")
    with pytest.raises(errors.ReturnShown):
        perform("ask_call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)


def test_what_left_the_bank_is_not_proposed_and_a_booked_line_is_not_decided_again(company) -> None:
    with pytest.raises(NotFound):
        proposed("B9,2026-11-23,30.00,out,某公司,6222,")
    decision = proposed(organisation=company)
    statements.assign_line(actor=make.staff_actor("finance"), line_id=decision.line_id, organisation_id=company.pk)
    with pytest.raises(errors.LineAlreadyMatched):
        agreed(decision)


@pytest.mark.parametrize("role", ["admin", "reviewer", "auditor"])
def test_only_finance_officers_propose(role: str, company) -> None:
    with pytest.raises(errors.ForFinanceOnly):
        decisions.propose(actor=make.staff_actor(role), line_id=line_of().pk, organisation_id=company.pk)


def test_the_database_itself_wants_two_people(company) -> None:
    decision = agreed(proposed(organisation=company))
    with pytest.raises(IntegrityError), transaction.atomic():
        LineDecision.objects.filter(pk=decision.pk).update(decided_by=decision.proposed_by)


def at_the_bank(decision: LineDecision) -> LineDecision:
    payment_orders.make_order(actor=make.staff_actor("finance"), form=OrderForm.CSV, payments=[decision.pk])
    return LineDecision.objects.get(pk=decision.pk)


def bank_refused(decision: LineDecision, officer=None) -> LineDecision:
    told = perform("report_refusal", decision, officer or make.staff_actor("finance"), reason="账号不存在")
    return perform("bank_error", told, make.staff_actor("finance"))


def test_a_return_that_the_bank_refuses_is_sent_again_by_another_officer_under_a_new_reference() -> None:
    decision, officer = at_the_bank(agreed(proposed())), make.staff_actor("finance")
    first = decision.reference
    decision = bank_refused(decision, officer)
    assert (decision.state, posted(accounts.in_transit()), list(selectors.unpaid_returns())) == ("bank_refused", 3_000, [decision])
    with pytest.raises(errors.SecondOfficer):
        perform("send_again", decision, officer)
    decision = perform("send_again", decision, make.staff_actor("finance"))
    again = at_the_bank(decision)
    assert (again.state, again.reference != first) == ("processing", True)
    assert statements.offer_line(line_of(f"B2,2026-11-24,30.00,out,,,{again.reference}").pk)
    assert (LineDecision.objects.get().state, posted(accounts.in_transit()), check()) == ("returned", 0, [])


@pytest.mark.parametrize("state", ["bank_refused", "scheduled"])
def test_a_return_that_was_made_although_it_was_booked_as_refused_is_not_made_again(state: str) -> None:
    decision = at_the_bank(agreed(proposed()))
    first = decision.reference
    decision = bank_refused(decision)
    if state == "scheduled":
        decision = perform("send_again", decision, make.staff_actor("finance"))
    line = line_of(f"B2,2026-11-24,30.00,out,,,{first}")
    with pytest.raises(errors.ReturnShown):
        at_the_bank(decision) if state == "scheduled" else perform("send_again", decision, make.staff_actor("finance"))
    assert statements.offer_line(line.pk)
    decision.refresh_from_db()
    assert (decision.state, decision.reference, posted(accounts.in_transit()), check()) == ("returned", first, 0, [])


def test_a_debit_of_an_earlier_try_waits_while_the_return_is_at_the_bank_again() -> None:
    decision = at_the_bank(agreed(proposed()))
    first = decision.reference
    decision = at_the_bank(perform("send_again", bank_refused(decision), make.staff_actor("finance")))
    line = line_of(f"B2,2026-11-24,30.00,out,,,{first}")
    assert statements.offer_line(line.pk) is False
    with pytest.raises(errors.ReturnNotShown):
        perform("confirm", decision, Actor.system(), line_id=line.pk, reference=first)


def test_the_reconciler_finds_the_debit_of_a_return_that_an_offer_missed_and_it_is_not_booked_as_refused() -> None:
    decision = at_the_bank(agreed(proposed()))
    line = line_of(f"B2,2026-11-24,30.00,out,,,{decision.reference}")
    with pytest.raises(errors.ReturnShown):
        bank_refused(decision)
    LineDecision.objects.filter(pk=decision.pk).update(due_at=make.a_moment_ago())
    sweeping.sweep()
    decision.refresh_from_db()
    line.refresh_from_db()
    assert (decision.state, line.matched_id) == ("returned", decision.pk)
