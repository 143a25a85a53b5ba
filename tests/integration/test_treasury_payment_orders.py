"""Payment orders: approved payouts go to the bank in files, each in exactly one, kept byte for byte."""

import hashlib

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.app import services as ledger
from marketplace.common.ids import uuid7
from marketplace.funding.models import Payout
from marketplace.treasury import errors
from marketplace.treasury.models import OrderForm, PaymentInstruction, PaymentOrder
from marketplace.treasury.services import payment_orders
from marketplace.workflow import sweeping
from marketplace.workflow.performing import begin, perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_real_bank(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"


def order(payouts: list[Payout], form: OrderForm = OrderForm.PAIN001) -> PaymentOrder:
    return payment_orders.make_order(actor=accounts.staff_actor("finance"), form=form, payments=[payout.pk for payout in payouts])


def test_scheduled_payouts_wait_for_a_file_and_go_out_in_it() -> None:
    first, second = funding.scheduled_payouts(70_000, 30_000)
    assert [payment.id for payment in payment_orders.waiting()] == [first.pk, second.pk]
    made = order([first])
    assert (made.state, made.payments, made.fen) == ("made", 1, 70_000)
    assert [payment.id for payment in payment_orders.waiting()] == [second.pk]
    rows = payment_orders.fates(made)
    assert [(row.end_to_end_id, row.fen, payout.state) for row, payout in rows] == [(first.reference, 70_000, "processing")]


def test_the_sweeper_sends_nothing_to_a_bank_by_itself() -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    Payout.objects.filter(pk=payout.pk).update(due_at=accounts.a_moment_ago())
    sweeping.sweep()
    payout.refresh_from_db()
    assert (payout.state, payout.escalations) == ("scheduled", 1)


def test_the_files_bytes_are_kept_and_the_ledger_has_their_hash() -> None:
    made = order(funding.scheduled_payouts(70_000, 30_000))
    again = PaymentOrder.objects.get(pk=made.pk)
    assert hashlib.sha256(bytes(again.content)).hexdigest() == again.sha256
    (entry,) = ledger.entries_of("payment_order", made.pk)
    assert (entry.type, entry.body["sha256"], entry.body["payments"], entry.body["fen"]) == ("payment_order.made", made.sha256, 2, 100_000)


def test_a_payout_is_in_one_file_only() -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    order([payout])
    with pytest.raises(errors.PaymentsChanged):
        order([payout])
    assert PaymentOrder.objects.count() == 1
    row = PaymentInstruction.objects.get()
    row.pk = uuid7()
    row.order = begin(PaymentOrder(form=OrderForm.CSV, made_by=uuid7()), accounts.staff_actor("finance"))
    with pytest.raises(IntegrityError, match="end_to_end_id"), transaction.atomic():
        row.save(force_insert=True)


def test_the_payees_accounts_are_read_together_and_not_one_by_one() -> None:
    payouts = funding.scheduled_payouts(10_000, 20_000)
    with CaptureQueriesContext(connection) as asked:
        assert order(payouts).payments == 2
    one_by_one = [query["sql"] for query in asked if 'WHERE "funding_bankaccount"."id" =' in query["sql"]]
    assert one_by_one == []


def test_all_chosen_payments_go_or_none() -> None:
    first, second = funding.scheduled_payouts(10_000, 20_000)
    perform("reject", second, accounts.staff_actor("finance"), reason="有误")
    with pytest.raises(errors.PaymentsChanged):
        order([first, second])
    first.refresh_from_db()
    assert (first.state, PaymentOrder.objects.count()) == ("scheduled", 0)


def test_a_payout_whose_account_has_changed_does_not_go_out() -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    funding.bank_account(payout.organisation, number="6222000087654321")
    with pytest.raises(errors.PaymentsChanged):
        order([payout])
    payout.refresh_from_db()
    assert (payout.state, payout.first_approver) == ("requested", None)


def test_an_empty_choice_too_many_and_an_unnamed_custody_account_are_refused(settings, monkeypatch) -> None:
    payouts = funding.scheduled_payouts(10_000, 20_000)
    with pytest.raises(errors.NothingToPay):
        order([])
    monkeypatch.setattr(payment_orders, "MOST_PAYMENTS", 1)
    with pytest.raises(errors.TooManyPayments):
        order(payouts)
    settings.CUSTODY_NUMBER = ""
    with pytest.raises(errors.CustodyUnnamed):
        order(payouts[:1])


@pytest.mark.parametrize("role", ["reviewer", "auditor", "admin"])
def test_only_finance_officers_make_files(role: str) -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    with pytest.raises(errors.ForFinanceOnly):
        payment_orders.make_order(actor=accounts.staff_actor(role), form=OrderForm.CSV, payments=[payout.pk])


def test_the_database_lets_nothing_change_in_an_order_that_is_made() -> None:
    made = order(funding.scheduled_payouts(10_000), OrderForm.CSV)
    for change in (
        lambda: PaymentOrder.objects.filter(pk=made.pk).update(content=b"other"),
        lambda: PaymentOrder.objects.filter(pk=made.pk)._raw_delete("default"),
        lambda: PaymentInstruction.objects.update(fen=1),
        lambda: PaymentInstruction.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_database_lets_no_payment_join_an_order_that_is_made() -> None:
    order(funding.scheduled_payouts(10_000))
    row = PaymentInstruction.objects.get()
    row.pk, row.place, row.end_to_end_id = uuid7(), 2, "PAY0000000000"
    with pytest.raises(IntegrityError, match="takes no more payments"), transaction.atomic():
        row.save(force_insert=True)
