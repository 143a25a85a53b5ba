"""Payments and what the bank says of them at the same moment: each payout goes out once and is booked once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from marketplace.funding.models import Payout
from marketplace.funding.services import bank_lines
from marketplace.treasury.models import OrderForm, PaymentInstruction, StatementLine
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import decisions, payment_orders, statements
from marketplace.treasury.services.checking import check
from marketplace.workflow import registry
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, treasury
from tests.factories.locks import without_constraint, without_lock
from tests.factories.racing import outcomes, race, replaced

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("_a_real_bank")]
STATEMENTS = "marketplace.treasury.services.statements"
ONE_INSTRUCTION = "treasury_paymentinstruction_end_to_end_id_key"
PERFORM = "marketplace.workflow.performing.perform"


@pytest.fixture
def _a_real_bank(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"


def ordered(*payouts: Payout) -> None:
    chosen = [payout.pk for payout in payouts]
    payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.CSV, payments=chosen)


def at_the_bank(fen: int = 98_000) -> Payout:
    (payout,) = funding.scheduled_payouts(fen)
    ordered(payout)
    payout.refresh_from_db()
    return payout


def imported(*rows: str) -> list[StatementLine]:
    content = treasury.statement_csv(*rows)
    statement, _ = statements.import_statement(actor=accounts.staff_actor("finance"), content=content, name="s.csv")
    return list(statement.lines.order_by("number"))


def offered(line: StatementLine) -> bool:
    with transaction.atomic():
        return statements.offer_line(line.pk)


def two_lines_of_one_payout() -> list[Any]:
    """Two workers each hold one line that names the payout when both ask for it to be confirmed."""
    payout = at_the_bank()
    lines = sorted(imported(*(f"B-{place},2026-11-24,980.00,out,,,{payout.reference}" for place in (1, 2))), key=lambda line: line.pk)
    results = race(*(partial(offered, line) for line in lines), after=f"{STATEMENTS}._lock_line")
    payout.refresh_from_db()
    assert (payout.state, balance(books.in_transit()).posted_fen) == ("paid", 0)
    return results


def test_two_lines_of_one_payout_do_not_wait_for_each_other() -> None:
    assert two_lines_of_one_payout() == [True, False]


def test_twin_where_every_line_of_the_payout_is_locked_one_worker_is_the_victim_of_a_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.named("payout").locks, "confirm", bank_lines.debits_naming)
    (failure,) = [one for one in two_lines_of_one_payout() if isinstance(one, Exception)]
    assert "deadlock detected" in str(failure)


@contextmanager
def no_row_locks() -> Iterator[None]:
    """Every row is read as it stands, whoever is changing it, and no purse is locked before it pays."""
    with (
        without_lock("the row"),
        replaced("django.db.models.QuerySet.select_for_update", lambda lock: lambda rows, **options: rows),
        replaced("marketplace.treasury.services.transferring.lock", lambda lock: lambda accounts: None),
    ):
        yield


def two_files_for_one_payout() -> list[str]:
    """What is payable would pay it twice, so that only locks and keys stand in the way."""
    (payout,) = funding.scheduled_payouts(98_000)
    treasury.pay(books.custody(), books.payable(payout.organisation_id), 98_000)
    books.in_transit()  # opened before: opening it is a turn of its own
    return outcomes(race(*[partial(ordered, payout)] * 2, after="marketplace.funding.services.paying_out.account_has_stood"))


def test_one_payout_goes_into_one_of_two_files() -> None:
    assert two_files_for_one_payout() == ["done", "payments_changed"]
    assert PaymentInstruction.objects.count() == 1


def test_without_row_locks_the_unique_key_still_refuses_the_second_file() -> None:
    with no_row_locks():
        assert two_files_for_one_payout() == ["IntegrityError", "done"]


def test_twin_without_row_locks_and_key_the_bank_is_told_to_pay_twice() -> None:
    with no_row_locks(), without_constraint(ONE_INSTRUCTION):
        assert two_files_for_one_payout() == ["done", "done"]
        assert PaymentInstruction.objects.count() == 2
        assert "B9a" in {finding.rule.code for finding in check()}


def refused_while_the_statement_comes() -> tuple[Payout, list[Any]]:
    """The officer has booked a refusal and not committed when the statement that shows the payment is taken and offered."""
    payout, officer = at_the_bank(), accounts.staff_actor("finance")
    payout = perform("report_refusal", payout, accounts.staff_actor("finance"), reason="户名不符")

    @transaction.atomic
    def refuse() -> None:
        perform("bank_error", payout, officer)

    def taken() -> bool:
        (line,) = imported(f"B-1,2026-11-24,980.00,out,,,{payout.reference}")
        return offered(line)

    results = race(refuse, taken, after=PERFORM)
    payout.refresh_from_db()
    return payout, results


def test_a_payment_that_is_refused_while_its_statement_comes_is_paid() -> None:
    payout, results = refused_while_the_statement_comes()
    assert results == [None, True]
    assert (payout.state, payout.paid_late, balance(books.payable(payout.organisation_id)).posted_fen) == ("paid", True, 0)


def test_twin_without_a_second_look_the_line_waits_and_the_money_is_payable_again() -> None:
    with replaced("marketplace.funding.services.payout_answers._told_by", lambda look: lambda line: None):
        payout, results = refused_while_the_statement_comes()
    assert results == [None, False]
    assert (payout.state, balance(books.payable(payout.organisation_id)).posted_fen) == ("failed", 98_000)


def sent_while_the_account_changes() -> tuple[list[str], Payout]:
    """The new account is in and not committed when the file is made."""
    (payout,) = funding.scheduled_payouts(98_000)
    change = partial(funding.bank_account, payout.organisation, number="6222000087654321", verified=False, frozen=True)
    results = race(change, partial(ordered, payout), after=PERFORM)
    payout.refresh_from_db()
    return outcomes(results), payout


def test_nothing_is_sent_to_an_account_that_is_being_replaced() -> None:
    outcome, payout = sent_while_the_account_changes()
    assert (outcome, payout.state) == (["done", "payments_changed"], "requested")


def test_twin_without_row_locks_the_money_goes_to_the_old_account() -> None:
    with no_row_locks():
        outcome, payout = sent_while_the_account_changes()
    assert (outcome, payout.state) == (["done", "done"], "processing")
    assert payout.bank_account is not None
    assert payout.bank_account.replaced_at is not None


def two_agree_to_one_return() -> list[str]:
    (line,) = imported("B-1,2026-11-24,30.00,in,某公司,622200001111,货款")
    decision = decisions.propose(actor=accounts.staff_actor("finance"), line_id=line.pk, organisation_id=None)
    agree = [partial(perform, "give_back", decision, accounts.staff_actor("finance")) for _ in range(2)]
    return outcomes(race(*agree, after="marketplace.treasury.services.decisions.give_back"))


def test_two_officers_who_agree_at_once_return_the_money_once() -> None:
    assert two_agree_to_one_return() == ["done", "wrong_state"]
    assert balance(books.in_transit()).posted_fen == 3_000


def test_twin_without_row_locks_both_take_the_money_in_and_only_the_lines_trigger_refuses_the_second() -> None:
    with no_row_locks():
        assert two_agree_to_one_return() == ["IntegrityError", "done"]
