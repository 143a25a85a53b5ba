"""Many at once: the last fen is paid once, a hold is resolved once, and opposite payments do not deadlock."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import DatabaseError, connection, connections, transaction

from marketplace.common.ids import uuid7
from marketplace.treasury import errors, selectors
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.services import accounts, checking, transferring
from tests.factories.treasury import funded_wallet, held, intent, pay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

THREADS = 16
LOCK = "ORDER BY id FOR NO KEY UPDATE"


def all_at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run every work on a connection of its own behind one barrier; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return work()
        except Exception as raised:  # noqa: BLE001 - what was raised is what the test looks at
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def as_owner(sentence: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sentence)


@pytest.fixture
def without_check() -> Iterator[None]:
    """Take away the last defence, so that what holds is the lock alone."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'account_available_not_negative'")
        (definition,) = cursor.fetchone()
    as_owner("ALTER TABLE treasury_account DROP CONSTRAINT account_available_not_negative")
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT testing.flush()")
        cursor.execute(f"ALTER TABLE treasury_account ADD CONSTRAINT account_available_not_negative {definition}")


@pytest.fixture
def without_lock() -> Iterator[None]:
    """The same trigger function with its lock taken out, for the twins."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('treasury_apply_transfer'::regproc)")
        (source,) = cursor.fetchone()
    assert LOCK in source
    as_owner(source.replace(LOCK, "ORDER BY id"))
    yield
    as_owner(source)


def two_pay_the_last_fen(wallet: Account) -> list[object]:
    """The first has paid and not committed when the second asks: no luck is needed for the race."""
    first_paid, second_asks = threading.Event(), threading.Event()

    def first() -> object:
        with transaction.atomic():
            pay(wallet, accounts.fee(), 1)
            first_paid.set()
            second_asks.wait(20)
            wait_for_blocked()
        return "paid"

    def second() -> object:
        first_paid.wait(20)
        with transaction.atomic():
            group = intent()
            second_asks.set()
            transferring.transfer(group=group, source=wallet, target=accounts.payable(uuid7()), fen=1, code="test.pay")
        return "paid"

    return all_at_once([first, second])


def wait_for_blocked() -> None:
    """Until some session of this database waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(300):
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")


def test_the_last_fen_is_paid_once_by_the_lock_alone(without_check: None) -> None:
    wallet = funded_wallet(1)
    outcome = two_pay_the_last_fen(wallet)
    assert outcome[0] == "paid"
    assert isinstance(outcome[1], errors.InsufficientFunds)
    assert selectors.balance(wallet).available_fen == 0


def test_twin_without_the_lock_the_last_fen_is_paid_twice(without_check: None, without_lock: None) -> None:
    wallet = funded_wallet(1)
    assert two_pay_the_last_fen(wallet) == ["paid", "paid"]
    assert selectors.balance(wallet).available_fen == -1
    assert "B3" in {finding.rule.code for finding in checking.check()}


def test_without_the_lock_the_constraint_still_refuses(without_lock: None) -> None:
    wallet = funded_wallet(1)
    outcome = two_pay_the_last_fen(wallet)
    assert outcome[0] == "paid"
    assert isinstance(outcome[1], errors.InsufficientFunds)


def test_many_spend_a_purse_of_ten_and_exactly_ten_succeed() -> None:
    wallet, target = funded_wallet(10), accounts.fee()
    outcome = all_at_once([lambda: pay(wallet, target, 1)] * THREADS * 2)
    refused = [one for one in outcome if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {errors.InsufficientFunds}
    assert len(outcome) - len(refused) == 10
    assert selectors.balance(wallet).available_fen == 0
    assert checking.check() == []


def resolve(verb: Callable[..., Transfer], one: Transfer) -> Transfer:
    with transaction.atomic():
        return verb(group=intent(), hold=one)


def test_a_hold_that_many_post_and_void_at_once_is_resolved_once() -> None:
    wallet, escrow = funded_wallet(100), accounts.campaign_escrow(uuid7())
    for _ in range(5):
        one = held(wallet, escrow, 10)

        verbs = [transferring.post_hold, transferring.void_hold, transferring.expire_hold] * 3
        outcome = all_at_once([partial(resolve, verb, one) for verb in verbs])
        assert [type(each) for each in outcome if isinstance(each, Exception)] == [errors.HoldResolved] * 8
    assert selectors.balance(wallet).held_fen == 0
    assert checking.check() == []


def test_many_open_the_same_account_and_it_is_one() -> None:
    owner = uuid7()
    assert len({account.pk for account in all_at_once([lambda: accounts.wallet(owner)] * THREADS)}) == 1


def opposite_payments(first: Account, second: Account, rounds: int) -> list[object]:
    def many(source: Account, target: Account) -> Callable[[], object]:
        def work() -> object:
            for _ in range(rounds):
                pay(source, target, 1)
            return "paid"

        return work

    return all_at_once([many(first, second), many(second, first)] * 4)


def test_opposite_payments_between_two_accounts_do_not_deadlock() -> None:
    one, other = funded_wallet(1_000), funded_wallet(1_000)
    assert opposite_payments(one, other, 15) == ["paid"] * 8
    assert selectors.balance(one).posted_fen == 1_000


def crossing(orderly: bool) -> list[object]:
    """Two transactions that each pay out of two wallets, in opposite order, meeting in the middle."""
    wallets = [funded_wallet(10), funded_wallet(10)]
    half_way = threading.Barrier(2)

    def work(order: list[Account]) -> object:
        with transaction.atomic():
            if orderly:
                transferring.lock(wallets)
            for number, wallet in enumerate(order):
                transferring.transfer(group=intent(), source=wallet, target=accounts.payable(uuid7()), fen=1, code="test.pay")
                if number == 0 and not orderly:
                    half_way.wait(20)
        return "paid"

    return all_at_once([lambda: work(wallets), lambda: work(wallets[::-1])])


def test_a_caller_who_locks_first_crosses_another_without_deadlock() -> None:
    assert crossing(orderly=True) == ["paid", "paid"]


def test_twin_a_caller_who_does_not_lock_first_deadlocks() -> None:
    outcome = crossing(orderly=False)
    (failure,) = [one for one in outcome if isinstance(one, Exception)]
    assert isinstance(failure, DatabaseError | errors.DomainError)
    assert "deadlock" in str(failure)


@pytest.mark.prove
def test_the_sum_of_all_balances_stays_the_same_while_money_moves(at_size: Callable[[int, int], int]) -> None:
    wallets = [funded_wallet(100_000) for _ in range(4)]
    stop = threading.Event()

    def read() -> object:
        sums = set()
        while not stop.is_set():
            with connection.cursor() as cursor:
                cursor.execute("SELECT sum(posted_in - posted_out) FROM treasury_account WHERE kind = 'wallet'")
                sums.add(int(cursor.fetchone()[0]))
        return sums

    def move(index: int) -> Callable[[], object]:
        def work() -> object:
            try:
                for step in range(at_size(20, 1_700)):
                    pay(wallets[index % 4], wallets[(index + 1 + step % 3) % 4], 7)
            finally:
                if index == 0:
                    stop.set()
            return "moved"

        return work

    outcome = all_at_once([read, *(move(index) for index in range(6))])
    assert outcome == [{400_000}, *["moved"] * 6]
    assert checking.check() == []
