"""Money that many move at once for a while: every snapshot has the same sum, and nobody becomes the victim of a deadlock.

`make test` moves it for a moment; `make prove` for sixty seconds, with 32 threads over sixteen wallets and with 16 threads over four
wallets and four campaigns.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from marketplace.common.errors import DomainError
from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign
from marketplace.treasury import selectors
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import topups, transferring
from tests.factories import accounts, funding
from tests.factories.locks import without_lock
from tests.factories.racing import race
from tests.factories.treasury import funded_wallet, intent, pay, statement_csv

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.prove]
Size = Callable[[int, int], int]
Over = Callable[[], bool]
PURSE = 100_000
AT_MOST = 280  # seconds, whatever else the machine does


def sums(wallets: list[Account], isolation: str, over: Over) -> Counter[int]:
    """Read every balance, one after the other in one transaction, again and again: how often each sum was seen."""
    seen = Counter[int]()
    while not over():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            seen[sum(selectors.balance(one).posted_fen for one in wallets)] += 1
    return seen


def payments(wallets: list[Account], chance: random.Random, over: Over) -> int:
    """Pay a few fen from one of the wallets to another, again and again: how often it was done."""
    made = 0
    while not over():
        source, target = chance.sample(wallets, 2)
        pay(source, target, chance.randint(1, 9))
        made += 1
    return made


def test_every_snapshot_of_the_balances_has_the_same_sum_while_money_moves(at_size: Size, seed: int) -> None:
    threads, number = at_size(6, 32), at_size(60, 10_000)
    wallets = [funded_wallet(PURSE) for _ in range(16)]
    before, until, at_the_latest = Transfer.objects.count(), time.monotonic() + at_size(1, 60), time.monotonic() + AT_MOST
    enough, torn_sums = [False], Counter[int]()

    def over() -> bool:
        return enough[0] or time.monotonic() > at_the_latest

    def keep_time() -> None:
        while not over():
            time.sleep(0.1)
            moved = Transfer.objects.count() - before
            enough[0] = time.monotonic() > until and moved >= number and len(torn_sums) > 1

    def torn() -> None:
        while not over():
            torn_sums.update(sums(wallets, "READ COMMITTED", iter([False, True]).__next__))

    readers = [partial(sums, wallets, "REPEATABLE READ", over)] * 2
    movers = [partial(payments, wallets, random.Random(seed + index), over) for index in range(threads)]
    _, _, first, second, *made = race(keep_time, torn, *readers, *movers, seconds=AT_MOST + 20)
    assert sum(made) == Transfer.objects.count() - before >= number
    assert set(first) == set(second) == {16 * PURSE}
    assert first.total() > 1
    # Who reads without a snapshot sees money on its way: it did move while it was counted.
    assert len(torn_sums) > 1


class Hunt:
    """Sixteen who move money among four wallets and four campaigns, and what the database and their answers say of deadlocks."""

    def __init__(self, seed: int, *, seconds: float, least: Mapping[str, int], campaigns: int = 0) -> None:
        self.funders = [funding.funder(10 * PURSE) for _ in range(4)]
        self.wallets = [books.wallet(one.pk) for one in self.funders]
        limits = {"minimum_fen": 1, "optimum_fen": 10 * PURSE, "funder_min_fen": 1, "funder_max_fen": PURSE}
        self.campaigns = [
            funding.campaign(self.funders, demand=funding.awarded_demand(price=10 * PURSE), **limits) for _ in range(campaigns)
        ]
        self.references = [topups.issue_reference(actor=accounts.actor_for(one))[0].code for one in self.funders]
        self.finance = accounts.staff("finance")
        self.seed, self.seconds, self.least = seed, seconds, least
        self.until = self.at_the_latest = 0.0
        self.said = Counter[str]()

    def run(self, *, treasurers: int, users: int) -> "Hunt":
        """Let so many call the treasury and so many the API until the time is over and enough is done, or a deadlock was seen."""
        jobs: list[Callable[[], Any]] = [partial(self.treasurer, random.Random(self.seed + index)) for index in range(treasurers)]
        for index in range(users):
            funder, chance = self.funders[index % 4], random.Random(self.seed - index)
            client = accounts.api_client(self.finance if index % 4 == 3 else funder)
            jobs.append(partial(self.officer if index % 4 == 3 else self.funder, client, chance))
        began = time.monotonic()
        self.until, self.at_the_latest = began + self.seconds, began + AT_MOST
        for one in race(*jobs, seconds=AT_MOST + 20):
            assert one is None, one
        return self

    def over(self) -> bool:
        now = time.monotonic()
        done = now > self.until and all(self.said[what] >= number for what, number in self.least.items())
        return done or now > self.at_the_latest or self.said["deadlock detected"] > 0

    def treasurer(self, chance: random.Random) -> None:
        """One transfer, several at once, or one after the other by somebody who has locked first."""
        while not self.over():
            try:
                with transaction.atomic():
                    chance.choice((self.one, self.several, self.crossing))(chance)
            except DomainError as refusal:
                self.said[refusal.code] += 1
            except DatabaseError as failure:
                self.said[str(failure).partition("\n")[0]] += 1
            else:
                self.said["paid"] += 1

    def one(self, chance: random.Random) -> None:
        source, target = chance.sample(self.wallets, 2)
        transferring.transfer(group=intent(), source=source, target=target, fen=chance.randint(1, 9), code="test.pay")

    def several(self, chance: random.Random) -> None:
        pairs = [chance.sample(self.wallets, 2) for _ in range(3)]
        legs = [transferring.Leg(source, target, chance.randint(1, 9), "test.pay") for source, target in pairs]
        transferring.transfer_many(group=intent(), legs=legs)

    def crossing(self, chance: random.Random) -> None:
        mixed = chance.sample(self.wallets, 4)
        transferring.lock(mixed)
        for source, target in pairwise(mixed):
            transferring.transfer(group=intent(), source=source, target=target, fen=chance.randint(1, 9), code="test.pay")

    def funder(self, client: Any, chance: random.Random) -> None:
        """Pledge to any of the campaigns, and take back what was pledged."""
        mine: dict[Any, str] = {}
        while not self.over():
            campaign: Campaign = chance.choice(self.campaigns)
            pledge = mine.pop(campaign.pk, None)
            if pledge:
                self.ask(client, f"/api/v1/pledges/{pledge}/actions/cancel/", {"reason": "另有安排"})
                continue
            body = {"campaign": str(campaign.pk), "fen": chance.randint(1, 99), **funding.accepted(campaign)}
            answer = self.ask(client, "/api/v1/pledges/", body)
            if answer.status_code == 201:
                mine[campaign.pk] = answer.json()["id"]

    def officer(self, client: Any, chance: random.Random) -> None:
        """Bring in a bank's statement that tops up all four, in any order."""
        while not self.over():
            lines = [f"{uuid7()},2026-03-01T09:00:00,0.0{chance.randint(1, 9)},in,Payer,6222,{code}" for code in self.references]
            chance.shuffle(lines)
            file = SimpleUploadedFile("day.csv", statement_csv(*lines), content_type="text/csv")
            self.ask(client, "/api/v1/bank-statements/", {"file": file}, format="multipart")

    def ask(self, client: Any, path: str, body: Any, **how: Any) -> Any:
        answer = client.post(path, body, headers={"Idempotency-Key": str(uuid7())}, **how)
        assert answer.status_code < 500 or answer.status_code == 503, answer.content
        code = f" {answer.json()['code']}" if answer.status_code >= 400 else ""
        self.said[f"{path.strip('/').rpartition('/')[2]} {answer.status_code}{code}"] += 1
        return answer


def deadlocks() -> int:
    """How many the database has seen; sessions that have just ended are given a moment to tell."""
    time.sleep(0.3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[1])


def test_a_deadlock_is_hunted_for_and_nobody_meets_one(at_size: Size, seed: int) -> None:
    before = deadlocks()
    least = {"paid": at_size(10, 1_000), "pledges 201": at_size(3, 100), "cancel 200": 1, "bank-statements 201": at_size(1, 20)}
    hunt = Hunt(seed, seconds=at_size(1, 60), least=least, campaigns=at_size(2, 4)).run(treasurers=8, users=8)
    assert deadlocks() == before
    assert hunt.said["deadlock detected"] == 0
    assert all(hunt.said[what] >= number for what, number in least.items()), hunt.said


def test_twin_without_the_order_of_the_accounts_a_deadlock_is_met(seed: int) -> None:
    before = deadlocks()
    with without_lock("the order of accounts"):
        hunt = Hunt(seed, seconds=0, least={"deadlock detected": 1}).run(treasurers=6, users=0)
    assert hunt.said["deadlock detected"] > 0
    assert deadlocks() > before
