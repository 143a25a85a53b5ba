"""Many at once: the last fen is paid once, a hold is resolved once, and opposite payments do not deadlock."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from marketplace.common.ids import uuid7
from marketplace.treasury import selectors
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.services import accounts, checking, transferring
from tests.factories.locks import without_constraint, without_lock
from tests.factories.racing import outcomes, race
from tests.factories.treasury import funded_wallet, held, intent, pay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

THREADS = 16
LOCK, CHECK = "both accounts", "account_available_not_negative"
TRANSFER = "marketplace.treasury.services.transferring.transfer"


def two_pay_the_last_fen(wallet: Account) -> list[str]:
    """The first has paid and not committed when the second asks."""
    target = accounts.payable(uuid7())
    return outcomes(race(*[lambda: pay(wallet, target, 1)] * 2, after=TRANSFER))


def test_the_last_fen_is_paid_once_by_the_lock_alone() -> None:
    with without_constraint(CHECK):
        wallet = funded_wallet(1)
        assert two_pay_the_last_fen(wallet) == ["done", "insufficient_funds"]
        assert selectors.balance(wallet).available_fen == 0


def test_twin_without_the_lock_the_last_fen_is_paid_twice() -> None:
    with without_constraint(CHECK), without_lock(LOCK):
        wallet = funded_wallet(1)
        assert two_pay_the_last_fen(wallet) == ["done", "done"]
        assert selectors.balance(wallet).available_fen == -1
        assert "B3" in {finding.rule.code for finding in checking.check()}


def test_without_the_lock_the_constraint_still_refuses() -> None:
    with without_lock(LOCK):
        assert two_pay_the_last_fen(funded_wallet(1)) == ["done", "insufficient_funds"]


def test_many_spend_a_purse_of_ten_and_exactly_ten_succeed() -> None:
    wallet, target = funded_wallet(10), accounts.fee()
    paid = outcomes(race(*[lambda: pay(wallet, target, 1)] * THREADS * 2))
    assert paid == ["done"] * 10 + ["insufficient_funds"] * (THREADS * 2 - 10)
    assert selectors.balance(wallet).available_fen == 0


def test_twin_without_the_lock_many_spend_more_than_is_in_the_purse() -> None:
    with without_constraint(CHECK), without_lock(LOCK):
        wallet, target = funded_wallet(10), accounts.fee()
        paid = outcomes(race(*[lambda: pay(wallet, target, 1)] * THREADS, after=TRANSFER))
        assert paid == ["done"] * THREADS
        assert selectors.balance(wallet).available_fen == 10 - THREADS


def resolve(verb: Callable[..., Transfer], one: Transfer) -> Transfer:
    with transaction.atomic():
        return verb(group=intent(), hold=one)


def resolved_by_many(one: Transfer) -> list[str]:
    verbs = [transferring.post_hold, transferring.void_hold, transferring.expire_hold] * 3
    return outcomes(race(*(partial(resolve, verb, one) for verb in verbs)))


def test_a_hold_that_many_post_and_void_at_once_is_resolved_once() -> None:
    wallet, escrow = funded_wallet(100), accounts.campaign_escrow(uuid7())
    for _ in range(5):
        assert resolved_by_many(held(wallet, escrow, 10)) == ["done"] + ["hold_resolved"] * 8
    assert selectors.balance(wallet).held_fen == 0


def test_twin_without_the_unique_key_every_one_of_them_resolves_it() -> None:
    with without_constraint("treasury_transfer_pending_id_key"):
        wallet, escrow = funded_wallet(100), accounts.campaign_escrow(uuid7())
        one, _ = held(wallet, escrow, 10), held(wallet, escrow, 80)
        assert resolved_by_many(one) == ["done"] * 9
        assert "B4" in {finding.rule.code for finding in checking.check()}


def opened_by_many() -> list[object]:
    """Nobody has found the account when the first opens it."""
    owner = uuid7()
    return race(*[lambda: accounts.wallet(owner).pk] * THREADS, before="django.db.models.QuerySet.bulk_create")


def test_many_open_the_same_account_and_it_is_one() -> None:
    assert len(set(opened_by_many())) == 1


def test_twin_without_the_unique_key_each_opens_one_of_its_own() -> None:
    with without_constraint("account_one_of_its_kind"):
        opened_by_many()
        assert Account.objects.filter(kind="wallet").count() == THREADS


def opposite_payments(first: Account, second: Account, rounds: int) -> list[object]:
    def many(source: Account, target: Account) -> Callable[[], object]:
        def work() -> object:
            for _ in range(rounds):
                pay(source, target, 1)
            return "paid"

        return work

    return race(*[many(first, second), many(second, first)] * 4)


def test_opposite_payments_between_two_accounts_do_not_deadlock() -> None:
    one, other = funded_wallet(1_000), funded_wallet(1_000)
    assert opposite_payments(one, other, 15) == ["paid"] * 8
    assert selectors.balance(one).posted_fen == 1_000


def crossing(*, orderly: bool) -> list[object]:
    """Two transactions that each pay out of two wallets, in opposite order, meeting after the first of the two payments."""
    wallets = [funded_wallet(10), funded_wallet(10)]

    @transaction.atomic
    def work(order: list[Account]) -> str:
        if orderly:
            transferring.lock(wallets)
        for wallet in order:
            transferring.transfer(group=intent(), source=wallet, target=accounts.payable(uuid7()), fen=1, code="test.pay")
        return "paid"

    return race(partial(work, wallets), partial(work, wallets[::-1]), after=TRANSFER)


def test_callers_who_lock_first_cross_each_other_without_deadlock() -> None:
    assert crossing(orderly=True) == ["paid", "paid"]


def test_twin_of_callers_who_do_not_lock_first_one_is_the_victim_of_a_deadlock() -> None:
    results = crossing(orderly=False)
    (failure,) = [one for one in results if one != "paid"]
    assert "deadlock detected" in str(failure)
