"""Payouts: three people, one account that has stood, and the bank's own word."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, WrongState
from marketplace.common.ids import uuid7
from marketplace.funding import errors, selectors
from marketplace.funding.models import BankAccount, Payout
from marketplace.funding.services import bank_accounts
from marketplace.funding.services.asking_anew import ask_anew
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury import errors as treasury_errors
from marketplace.treasury.models import OrderForm, StatementLine
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import payment_orders, statements
from marketplace.treasury.services.checking import check
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_stay_clean():
    yield
    assert [(finding.rule.code, finding.what, finding.detail) for finding in check()] == []


def posted(account) -> int:
    return balance(account).posted_fen


def owed(fen: int = 98_000, *, account: bool = True, actor: Actor = funding.SYSTEM) -> Payout:
    """A payout of what is payable to a (new) university."""
    university = accounts.organisation("university")
    treasury.pay(books.custody(), books.payable(university.pk), fen)
    if account:
        funding.bank_account(university)
    return payout_request(organisation_id=university.pk, fen=fen, purpose_kind="milestone", purpose_id=uuid7(), actor=actor)


def sent(payout: Payout) -> Payout:
    return perform("send", perform("schedule", funding.approved_payout(payout), funding.SYSTEM), funding.SYSTEM)


def ordered(payout: Payout) -> Payout:
    """Approved, scheduled and sent in a payment order."""
    payout = perform("schedule", funding.approved_payout(payout), funding.SYSTEM)
    payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.PAIN001, payments=[payout.pk])
    payout.refresh_from_db()
    return payout


def test_an_approved_payout_goes_through_transit_and_leaves_custody_when_the_sandbox_answers(settings) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"
    payout = sent(owed())
    payable, transit = books.payable(payout.organisation_id), books.in_transit()
    assert (payout.state, posted(payable), posted(transit), posted(books.custody())) == ("processing", 0, 98_000, 98_000)
    payout = funding.passed(payout, "confirm")
    assert (payout.state, posted(transit), posted(books.custody())) == ("paid", 0, 0)
    assert funding.passed(payout, "settle").state == "settled"


def test_the_sweeper_alone_brings_an_approved_payout_to_the_bank(settings) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"
    payout = funding.approved_payout(owed())
    for _ in range(3):
        sweeping.sweep()
    payout.refresh_from_db()
    assert payout.state == "processing"


def test_a_bank_transfer_waits_for_the_statement_that_names_it(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"
    payout = ordered(owed())
    with pytest.raises(errors.BankHasNotAnswered):
        funding.passed(payout, "confirm")
    csv = "bank_line_id,booked_at,amount_yuan,direction,payer_name,payer_account,reference\n"
    csv += f"B-1,2026-11-23,979.99,out,,,{payout.reference}\n"
    csv += f"B-2,2026-11-23,980.00,out,,,payment {payout.reference.lower()} thanks\n"
    statements.import_statement(actor=accounts.staff_actor("finance"), content=csv.encode(), name="s.csv")
    offered = [statements.offer_line(line.pk) for line in StatementLine.objects.order_by("number")]
    assert offered == [False, True]
    payout.refresh_from_db()
    assert (payout.state, posted(books.in_transit()), posted(books.custody())) == ("paid", 0, 0)
    assert StatementLine.objects.get(bank_line_id="B-2").matched_id == payout.pk


def test_what_the_bank_refuses_is_payable_again_and_asked_for_anew() -> None:
    payout = sent(owed())
    first_reference = payout.reference
    officer = accounts.staff_actor("finance")
    payout = funding.refused(payout, officer)
    assert (payout.state, posted(books.payable(payout.organisation_id)), posted(books.in_transit())) == ("failed", 98_000, 0)
    payout = perform("retry", payout, officer)
    assert (payout.state, payout.first_approver, payout.second_approver) == ("requested", None, None)
    assert payout.reference != first_reference
    with pytest.raises(errors.SamePerson):
        perform("approve_1", payout, officer)
    assert sent(payout).state == "processing"


def test_the_banks_refusal_is_told_by_one_officer_and_booked_by_another() -> None:
    payout, officer = sent(owed()), accounts.staff_actor("finance")
    with pytest.raises(treasury_errors.RefusalNotTold):
        perform("bank_error", payout, officer)
    payout = perform("report_refusal", payout, officer, reason="户名不符")
    with pytest.raises(treasury_errors.SecondOfficer):
        perform("bank_error", payout, officer)
    assert (payout.state, posted(books.in_transit())) == ("processing", 98_000)
    payout = perform("bank_error", payout, accounts.staff_actor("finance"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(refusal_agreed_by=officer.person_id)


def test_what_was_rejected_is_asked_for_again_once_by_its_beneficiary_or_a_finance_officer() -> None:
    payout = owed()
    asker = accounts.actor_for(payout.organisation)
    with pytest.raises(WrongState):
        ask_anew(actor=asker, payout_id=payout.pk)
    perform("reject", payout, accounts.staff_actor("finance"), reason="资料不全")
    for actor, refusal in (
        (accounts.actor_for(payout.organisation, roles=("member",)), Forbidden),
        (accounts.staff_actor("auditor"), Forbidden),
        (accounts.actor_for(accounts.organisation("university")), NotFound),
        (accounts.actor_for(payout.organisation, scopes=("read", "write")), MissingScope),
    ):
        with pytest.raises(refusal):
            ask_anew(actor=actor, payout_id=payout.pk)
    again = ask_anew(actor=asker, payout_id=payout.pk)
    assert (again.state, again.fen, again.purpose_id, again.requested_by) == ("requested", 98_000, payout.purpose_id, asker.person_id)
    assert again.reference != payout.reference
    with pytest.raises(errors.PayoutAskedAlready):
        ask_anew(actor=accounts.staff_actor("finance"), payout_id=payout.pk)
    assert sent(again).state == "processing"


def test_requester_and_approvers_are_three_people() -> None:
    requester, first = accounts.staff_actor("finance"), accounts.staff_actor("finance")
    payout = owed(actor=requester)
    with pytest.raises(errors.SamePerson):
        perform("approve_1", payout, requester)
    payout = perform("approve_1", payout, first)
    for same in (requester, first):
        with pytest.raises(errors.SamePerson):
            perform("approve_2", payout, same)
    assert perform("approve_2", payout, accounts.staff_actor("finance")).state == "second_approved"


def test_the_database_itself_refuses_the_same_person_twice() -> None:
    someone = uuid7()
    payout = owed()
    for names in (("requested_by", "first_approver"), ("first_approver", "second_approver"), ("requested_by", "second_approver")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payout.objects.filter(pk=payout.pk).update(**dict.fromkeys(names, someone))


@pytest.mark.parametrize("role", ["reviewer", "auditor", "security", "admin"])
def test_only_finance_officers_approve(role: str) -> None:
    payout = owed()
    with pytest.raises((Forbidden, NotFound)):
        perform("approve_1", payout, accounts.staff_actor(role))


def test_the_beneficiary_sees_its_payout_and_cannot_approve_it() -> None:
    payout = owed()
    own = accounts.actor_for(payout.organisation)
    assert list(selectors.payouts_for(own)) == [payout]
    with pytest.raises(Forbidden):
        perform("approve_1", payout, own)
    with pytest.raises(NotFound):
        selectors.payout_for(accounts.actor_for(accounts.organisation("university")), payout.pk)


def test_without_an_account_nothing_is_approved() -> None:
    with pytest.raises(errors.NoBankAccount):
        perform("approve_1", owed(account=False), accounts.staff_actor("finance"))


def test_an_account_that_changes_after_approval_stops_the_payout() -> None:
    payout = perform("approve_1", owed(), accounts.staff_actor("finance"))
    funding.bank_account(payout.organisation, number="6222000087654321")
    payout.refresh_from_db()
    assert (payout.state, payout.first_approver, payout.bank_account) == ("requested", None, None)
    payout = perform("reject", payout, accounts.staff_actor("finance"), reason="账户已变更")
    assert (payout.state, posted(books.payable(payout.organisation_id))) == ("rejected", 98_000)


def test_nothing_is_sent_to_an_account_in_its_freeze() -> None:
    payout = owed(account=False)
    account = funding.bank_account(payout.organisation, frozen=True)
    payout = funding.approved_payout(payout)
    assert payout.due_at == account.frozen_until
    with pytest.raises(errors.BankAccountFrozen):
        perform("schedule", payout, funding.SYSTEM)


def test_one_purpose_is_paid_once() -> None:
    payout = owed()
    with pytest.raises(IntegrityError), transaction.atomic():
        payout_request(
            organisation_id=payout.organisation_id, fen=1, purpose_kind="milestone", purpose_id=payout.purpose_id, actor=funding.SYSTEM
        )


def test_an_account_is_in_the_organisations_own_name_and_shown_masked() -> None:
    university = accounts.organisation("university", name_zh="燕赵大学")
    actor = accounts.actor_for(university)
    with pytest.raises(errors.NotTheirName):
        bank_accounts.bank_account_set(actor=actor, holder_name="张三", number="6222000012345678", bank_name="中国银行")
    with pytest.raises(Invalid):
        bank_accounts.bank_account_set(actor=actor, holder_name="燕赵大学", number="62220000ABCD", bank_name="中国银行")
    made = bank_accounts.bank_account_set(actor=actor, holder_name=" 燕赵 大学 ", number="6222 0000 1234 5678", bank_name="中国银行")
    assert made.masked == "**** 5678"
    bank_accounts.bank_account_set(actor=actor, holder_name="燕赵大学", number="6222000087654321", bank_name="中国银行")
    assert BankAccount.objects.filter(organisation=university, replaced_at=None).count() == 1
    with pytest.raises(Forbidden):
        bank_accounts.bank_account_set(
            actor=accounts.actor_for(university, roles=["member"]), holder_name="燕赵大学", number="6222000087654321", bank_name="x"
        )
