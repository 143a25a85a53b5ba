"""What the bank says about a payout: paid, refused, returned or nothing; and whose account it is."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, NotFound, WrongState
from marketplace.common.models import OutboxEvent
from marketplace.funding import errors
from marketplace.funding.models import BankAccount, Payout
from marketplace.funding.services import asking_anew, bank_accounts, bank_lines
from marketplace.treasury.consumers import offer_waiting_line
from marketplace.treasury.errors import PaymentsChanged
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
def _a_real_bank(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"


def sent(fen: int = 98_000) -> Payout:
    (payout,) = funding.scheduled_payouts(fen)
    payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.PAIN001, payments=[payout.pk])
    return fresh(payout)


def fresh(payout: Payout) -> Payout:
    return Payout.objects.get(pk=payout.pk)


def imported(*lines: str) -> list[StatementLine]:
    """The lines of a new statement, in its order, offered to nobody yet."""
    content = treasury.statement_csv(
        *(f"{line},燕赵大学,62220000,{reference}" for line, _, reference in (one.partition("|") for one in lines))
    )
    statement, _ = statements.import_statement(actor=accounts.staff_actor("finance"), content=content, name="s.csv")
    return list(statement.lines.order_by("number"))


def overdue(payout: Payout) -> Payout:
    Payout.objects.filter(pk=payout.pk).update(due_at=accounts.a_moment_ago())
    sweeping.sweep()
    return fresh(payout)


def posted(account) -> int:
    return balance(account).posted_fen


def test_a_payout_without_an_answer_is_unknown_and_never_guessed() -> None:
    payout = overdue(sent())
    assert (payout.state, posted(books.in_transit())) == ("unknown", 98_000)
    payout = overdue(payout)
    assert (payout.state, payout.escalations, posted(books.in_transit())) == ("unknown", 1, 98_000)


def test_an_unknown_payout_is_paid_once_a_statement_names_it() -> None:
    payout = overdue(sent())
    (line,) = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}")
    assert statements.offer_line(line.pk)
    assert (fresh(payout).state, posted(books.in_transit()), posted(books.custody())) == ("paid", 0, 0)


def test_the_reconciler_finds_the_line_that_an_offer_missed() -> None:
    payout = sent()
    (line,) = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}")
    assert overdue(payout).state == "paid"
    line.refresh_from_db()
    assert (line.matched_kind, line.matched_id) == ("payout", payout.pk)
    assert statements.offer_line(line.pk) is False


def test_what_the_statement_shows_as_paid_is_not_booked_as_refused() -> None:
    payout = sent()
    imported(f"B-1,2026-11-23,980.00,out|{payout.reference}")
    with pytest.raises(errors.BankHasPaid):
        perform("report_refusal", payout, accounts.staff_actor("finance"), reason="户名不符")


def refused(payout: Payout) -> Payout:
    return funding.refused(payout)


def retried(payout: Payout) -> Payout:
    return perform("retry", refused(payout), accounts.staff_actor("finance"))


def money(payout: Payout) -> tuple[int, int, int]:
    """Payable to its organisation, in transit and at the bank, in fen."""
    return posted(books.payable(payout.organisation_id)), posted(books.in_transit()), posted(books.custody())


@pytest.mark.parametrize("until", ["failed", "requested", "first_approved", "second_approved", "scheduled"])
def test_what_the_bank_paid_although_it_was_booked_as_refused_is_paid_and_not_paid_again(until: str) -> None:
    payout = sent()
    reference = payout.reference
    payout = refused(payout)
    for action in ("retry", "approve_1", "approve_2", "schedule"):
        if payout.state != until:
            payout = perform(action, payout, funding.SYSTEM if action == "schedule" else accounts.staff_actor("finance"))
    assert (payout.state, money(payout)) == (until, (98_000, 0, 98_000))
    (line,) = imported(f"B-1,2026-11-24,980.00,out|{reference}")
    assert statements.offer_line(line.pk)
    payout = fresh(payout)
    assert (payout.state, payout.paid_late, payout.reference, money(payout)) == ("paid", True, reference, (0, 0, 0))
    assert check() == []


def test_nothing_is_asked_approved_or_sent_again_while_a_statement_shows_the_earlier_try() -> None:
    first, second, third = sent(), sent(), sent()
    failed, asked, scheduled = refused(first), retried(second), funding.approved_payout(retried(third))
    scheduled = perform("schedule", scheduled, funding.SYSTEM)
    imported(*(f"B-{place},2026-11-24,980.00,out|{one.reference}" for place, one in enumerate((first, second, third))))
    for action, payout in (("retry", failed), ("approve_1", asked)):
        with pytest.raises(errors.BankHasPaidBefore):
            perform(action, payout, accounts.staff_actor("finance"))
    with pytest.raises(PaymentsChanged):
        payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.CSV, payments=[scheduled.pk])


def test_a_debit_of_the_first_try_waits_while_the_second_is_at_the_bank_and_is_booked_once_that_is_refused() -> None:
    payout = sent()
    first = payout.reference
    again = perform("schedule", funding.approved_payout(retried(payout)), funding.SYSTEM)
    payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.CSV, payments=[again.pk])
    (line,) = imported(f"B-1,2026-11-24,980.00,out|{first}")
    assert statements.offer_line(line.pk) is False
    offered = OutboxEvent.objects.filter(topic="treasury.line_waiting", object_id=line.pk)
    assert offered.count() == 1
    refused(fresh(payout))
    assert offered.count() == 2
    assert statements.offer_line(line.pk)
    assert (fresh(payout).state, fresh(payout).reference) == ("paid", first)


@pytest.mark.parametrize("until", ["", "scheduled"])
def test_what_the_bank_paid_for_a_request_that_was_rejected_since_is_not_paid_by_the_next(until: str) -> None:
    first = sent()
    reference = first.reference
    rejected = perform("reject", refused(first), accounts.staff_actor("finance"), reason="账号有误")
    anew = asking_anew.ask_anew(actor=accounts.staff_actor("finance"), payout_id=rejected.pk) if until else None
    for action in ("approve_1", "approve_2", "schedule"):
        if anew is not None and anew.state != until:
            anew = perform(action, anew, funding.SYSTEM if action == "schedule" else accounts.staff_actor("finance"))
    (line,) = imported(f"B-1,2026-11-24,980.00,out|{reference}")
    if anew is not None:
        with pytest.raises(errors.BankHasPaidBefore):
            perform("send", anew, funding.SYSTEM)
    assert statements.offer_line(line.pk)
    paid = Payout.objects.exclude(pk=first.pk).get()
    assert (paid.state, paid.paid_late, paid.reference, money(paid), check()) == ("paid", True, reference, (0, 0, 0), [])
    (back,) = imported(f"B-2,2026-11-25,980.00,in|{reference}")
    assert statements.offer_line(back.pk)
    assert (fresh(paid).state, money(paid), check()) == ("reversed", (98_000, 0, 98_000), [])


def test_a_return_that_was_imported_before_its_payment_is_offered_again() -> None:
    payout = sent()
    (back,) = imported(f"B-2,2026-11-24,980.00,in|{payout.reference}")
    assert statements.offer_line(back.pk) is False
    (out,) = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}")
    offered = OutboxEvent.objects.filter(topic="treasury.line_waiting", object_id=back.pk)
    assert offered.count() == 1
    assert statements.offer_line(out.pk)
    assert offered.count() == 2
    offer_waiting_line(offered.latest("id"))
    assert fresh(payout).state == "reversed"


def test_what_was_approved_before_accounts_were_verified_is_not_paid_to_an_unverified_one() -> None:
    (third,) = funding.scheduled_payouts(30_000)
    treasury.pay(books.custody(), books.payable(third.organisation_id), 30_000)
    first = perform("approve_1", funding.payout_of(third.organisation, 10_000), accounts.staff_actor("finance"))
    second = funding.approved_payout(funding.payout_of(third.organisation, 20_000))
    BankAccount.objects.update(verified_at=None, verified_by=None)
    with pytest.raises(errors.BankAccountUnverified):
        perform("approve_2", first, accounts.staff_actor("finance"))
    with pytest.raises(errors.BankAccountUnverified):
        perform("schedule", second, funding.SYSTEM)
    with pytest.raises(PaymentsChanged):
        payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.CSV, payments=[third.pk])


def test_a_returned_payment_is_payable_again_and_asked_for_anew() -> None:
    payout = sent()
    out, back = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}", f"B-2,2026-11-24,980.00,in|退汇 {payout.reference}")
    assert [statements.offer_line(line.pk) for line in (out, back)] == [True, True]
    assert (fresh(payout).state, posted(books.payable(payout.organisation_id)), posted(books.custody())) == ("reversed", 98_000, 98_000)
    anew = Payout.objects.exclude(pk=payout.pk).get()
    assert (anew.state, anew.fen, anew.purpose_id, anew.first_approver) == ("requested", 98_000, payout.purpose_id, None)
    assert anew.reference != payout.reference


def test_a_return_that_is_offered_before_its_payment_takes_that_first() -> None:
    payout = sent()
    out, back = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}", f"B-2,2026-11-24,980.00,in|{payout.reference}")
    assert statements.offer_line(back.pk)
    out.refresh_from_db()
    assert (fresh(payout).state, out.matched_kind, posted(books.payable(payout.organisation_id))) == ("reversed", "payout", 98_000)


def test_a_return_without_its_payment_or_of_another_amount_waits_for_a_person() -> None:
    payout = sent()
    lines = imported(f"B-1,2026-11-24,980.00,in|{payout.reference}", f"B-2,2026-11-24,979.00,in|{payout.reference}")
    assert [statements.offer_line(line.pk) for line in lines] == [False, False]
    assert fresh(payout).state == "processing"


def test_a_line_that_names_two_payouts_confirms_neither() -> None:
    first, second = sent(), sent()
    (line,) = imported(f"B-1,2026-11-23,980.00,out|{first.reference} {second.reference}")
    assert statements.offer_line(line.pk) is False
    assert bank_lines.debits_naming(first) == []


def test_after_the_banks_window_a_payment_is_settled_and_a_late_return_waits() -> None:
    payout = sent()
    out, back = imported(f"B-1,2026-11-23,980.00,out|{payout.reference}", f"B-2,2026-12-24,980.00,in|{payout.reference}")
    statements.offer_line(out.pk)
    assert funding.passed(payout, "settle").state == "settled"
    assert statements.offer_line(back.pk) is False


def test_nothing_is_approved_for_an_account_that_nobody_has_verified() -> None:
    university = accounts.organisation("university")
    treasury.pay(books.custody(), books.payable(university.pk), 100)
    account = funding.bank_account(university, verified=False)
    payout = funding.payout_of(university, 100)
    with pytest.raises(errors.BankAccountUnverified):
        perform("approve_1", payout, accounts.staff_actor("finance"))
    with pytest.raises(Forbidden):
        bank_accounts.bank_account_verify(actor=accounts.actor_for(university), account_id=account.pk)
    officer = accounts.staff_actor("finance")
    assert bank_accounts.bank_account_verify(actor=officer, account_id=account.pk).verified_by == officer.person_id
    with pytest.raises(WrongState):
        bank_accounts.bank_account_verify(actor=officer, account_id=account.pk)
    assert perform("approve_1", payout, officer).state == "first_approved"


def test_a_changed_account_is_verified_again_and_frozen_again() -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    old = payout.bank_account
    new = funding.bank_account(payout.organisation, number="6222000087654321", frozen=True, verified=False)
    payout = fresh(payout)
    assert payout.state == "requested"
    with pytest.raises(errors.BankAccountUnverified):
        perform("approve_1", payout, accounts.staff_actor("finance"))
    with pytest.raises(NotFound):
        bank_accounts.bank_account_verify(actor=accounts.staff_actor("finance"), account_id=old.pk)
    bank_accounts.bank_account_verify(actor=accounts.staff_actor("finance"), account_id=new.pk)
    with pytest.raises(errors.BankAccountFrozen):
        perform("schedule", funding.approved_payout(payout), funding.SYSTEM)


def test_whoever_registered_an_account_never_verifies_it_whatever_office_they_hold_now() -> None:
    account = funding.bank_account(accounts.organisation("university"), verified=False)
    turned = Actor(person_id=account.created_by, staff="finance")
    with pytest.raises(errors.SamePerson):
        bank_accounts.bank_account_verify(actor=turned, account_id=account.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        BankAccount.objects.filter(pk=account.pk).update(verified_by=account.created_by, verified_at=account.created_at)


def test_the_three_people_stay_three_when_a_role_changes() -> None:
    university = accounts.organisation("university")
    treasury.pay(books.custody(), books.payable(university.pk), 100)
    funding.bank_account(university)
    asked_by = accounts.actor_for(university)
    payout = funding.payout_of(university, 100, actor=asked_by)
    turned = Actor(person_id=asked_by.person_id, staff="finance")
    with pytest.raises(errors.SamePerson):
        perform("approve_1", payout, turned)
    first = accounts.staff_actor("finance")
    payout = perform("approve_1", payout, first)
    for same in (turned, first):
        with pytest.raises(errors.SamePerson):
            perform("approve_2", payout, same)
    assert perform("approve_2", payout, accounts.staff_actor("finance")).state == "second_approved"
