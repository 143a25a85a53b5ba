"""The exchange under soak: its people, its rows, and beside them the model that knows what each step must come to."""

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, connections

from marketplace.agreements.models import Agreement, RevenueReport
from marketplace.agreements.services import keys
from marketplace.common import clock
from marketplace.common.errors import DomainError
from marketplace.common.ids import uuid7
from marketplace.demands.models import Demand
from marketplace.funding.models import Campaign, MatchingPool, Payout, Pledge
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import topups
from tests.factories import accounts, funding
from tests.factories.plain_books import PlainBooks, debt_of
from tests.factories.treasury import pay
from tests.soak.model import HOLDING, OVER, STEP_SECONDS, PlainCampaign, PlainPayout, PlainPool, states_of
from tests.soak.people import BankLine, Member, Scale
from tests.soak.plain_agreements import PlainAgreement

T = TypeVar("T")

AT_ONCE = 3
FIRST_FEN = 500_000  # what everybody begins with
HARMLESS = None  # a repeated step that is accepted and changes nothing
REMEMBERED = 8
TOTALS = ("held_fen", "captured_fen", "matched_fen")
PURSES = """
SELECT id::text, posted_in - posted_out, pending_out, pending_in FROM treasury_account WHERE id = ANY(%s::uuid[])
"""


class Disagreement(AssertionError):
    """The exchange and the model do not say the same."""


@dataclass
class Exchange:
    """Everything that a step may touch. What is chosen by `chance` alone is the same again from the same seed."""

    chance: random.Random
    scale: Scale
    books: PlainBooks = field(default_factory=PlainBooks)
    now: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    campaigns: list[PlainCampaign] = field(default_factory=list)
    pools: list[PlainPool] = field(default_factory=list)
    agreements: list[PlainAgreement] = field(default_factory=list)
    payouts: list[PlainPayout] = field(default_factory=list)
    holds: list[Transfer] = field(default_factory=list)
    spent: deque[Transfer] = field(default_factory=lambda: deque(maxlen=10))
    requests: deque[tuple[str, str, bytes, Any]] = field(default_factory=lambda: deque(maxlen=20))
    topped_up: deque[BankLine] = field(default_factory=lambda: deque(maxlen=40))
    taken_back: deque[BankLine] = field(default_factory=lambda: deque(maxlen=10))
    statements: deque[bytes] = field(default_factory=lambda: deque(maxlen=10))
    begun: int = 0
    journal: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.name = uuid7().hex[-8:]
        self.custody = books.custody()
        self.reviewer = accounts.staff_actor("reviewer")
        self.officers = [accounts.staff_actor("finance") for _ in range(self.scale.officers)]
        self.funders = [self._member("funder", number) for number in range(self.scale.funders)]
        self.companies = [self._member("company", number) for number in range(self.scale.companies)]
        self.universities = [self._member("university", number) for number in range(self.scale.universities)]
        for number, one in enumerate(self.universities):
            self.open_purse(f"payable {number}", books.payable(one.organisation.pk))
            one.account = funding.bank_account(one.organisation, frozen=True)
        self.open_purse("fee", books.fee())
        self.open_purse("transit", books.in_transit())
        self.places: list[Demand | None] = [self.demand(number) for number in range(self.scale.places)]
        self.threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="at-once")
        self.together = threading.Barrier(AT_ONCE)
        self.compare()

    def _member(self, kind: str, number: int) -> Member:
        made = accounts.organisation(kind)
        one = Member(made, accounts.actor_for(made))
        one.reference, _ = topups.issue_reference(actor=one.actor)
        keys.key_register(actor=one.actor)
        if kind == "funder":
            funding.assessed(made)
        purse = f"{kind} {number}"
        self.open_purse(purse, books.wallet(made.pk))
        pay(self.custody, self.accounts[purse], FIRST_FEN)
        self.books.take_in(purse, FIRST_FEN)
        self.open_purse(debt_of(purse), books.debt(made.pk))
        return one

    def demand(self, number: int) -> Demand:
        """A new one for this place, that the place's university has claimed."""
        company, university = self.companies[number % len(self.companies)], self.universities[number % len(self.universities)]
        return funding.awarded_demand(company.organisation, university.organisation)

    def close(self) -> None:
        """Give the threads' connections back."""
        for done in [self.threads.submit(self._leave) for _ in range(AT_ONCE)]:
            done.result()
        self.threads.shutdown()

    def _leave(self) -> None:
        self.together.wait()
        connections.close_all()

    # --- purses ---------------------------------------------------------------------------------------------------------
    def open_purse(self, name: str, account: Account) -> None:
        self.accounts[name], self.numbers[name] = account, str(account.pk)
        self.books.open([name])

    def close_purse(self, name: str) -> None:
        """What has come to its end with nothing in it is not looked at any more, but by the check of all books."""
        self.accounts.pop(name)
        self.numbers.pop(name)
        self.books.purses.pop(name)

    def member(self, wallet: str) -> Member:
        """Whose wallet goes by this name."""
        kind, _, number = wallet.partition(" ")
        return {"funder": self.funders, "company": self.companies, "university": self.universities}[kind][int(number)]

    @property
    def wallets(self) -> list[str]:
        return [name for name in self.books.purses if name.startswith(("funder", "company", "university"))]

    # --- choices --------------------------------------------------------------------------------------------------------
    def one(self, things: Iterable[T]) -> T | None:
        """One of them, or None where there is none."""
        found = list(things)
        return self.chance.choice(found) if found else None

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def mostly(self, things: Iterable[T], fits: Callable[[T], bool]) -> T | None:
        """Mostly one that fits or None, now and then any."""
        found = list(things)
        return self.one([thing for thing in found if fits(thing)] if self.likely(0.85) else found)

    def campaign(self, *states: str, fits: Callable[[PlainCampaign], bool] = bool) -> PlainCampaign | None:
        """Mostly one in one of these states that fits, now and then any that is not over."""
        return self.mostly(self.campaigns, lambda one: one.state in states and fits(one))

    def amount(self, purse: str, most: int = 300_000) -> int:
        """Mostly what the purse can pay, now and then more, and seldom no amount at all."""
        if self.likely(0.02):
            return self.chance.choice((0, -1))
        free = self.books.available(purse)
        return self.chance.randint(1, max(1, min(most, free))) if self.likely(0.85) else free + self.chance.randint(1, most)

    # --- steps ----------------------------------------------------------------------------------------------------------
    def ask(
        self,
        words: str,
        act: Callable[[], T],
        *,
        against: Collection[type[DomainError]] = (),
        leaves: str = "",
        at_once: bool = False,
        again: Collection[type[DomainError] | None] = (),
    ) -> T | None:
        """Do it on the exchange, which must do it, or refuse for one of the reasons `against` where there are any.

        `leaves` is the state in which it must leave its object. With `at_once` three ask it at the same moment: one is to be done, the
        others refused for one of the reasons in `again`, or HARMLESS. Returns what was done, None when it was refused.
        """
        answers = self._all_at_once(act) if at_once else [self._alone(act)]
        done = [answer for answer in answers if not isinstance(answer, Exception)]
        said = {type(answer) for answer in answers if isinstance(answer, Exception)}
        self.journal.append(f"{words}{' (three at once)' if at_once else ''}: {_told(answers)}")
        if against:
            right = not done and said <= set(against)
        else:
            right = bool(done) and said <= set(again) and (len(done) == 1 or HARMLESS in again)
        if not right:
            fault = next((answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, DomainError)), None)
            owed = " or ".join(sorted(one.code for one in against)) or "done" + (" once" if at_once else "")
            raise Disagreement(f"the model says {owed}, the exchange {_told(answers)}") from fault
        self.counted["refused" if against else "done"] += 1
        self.counted["at once"] += at_once
        if against:
            return None
        state = getattr(done[0], "state", None)
        if leaves and state != leaves:
            raise Disagreement(f"the model says that it is {leaves} now, the exchange {state}")
        return done[0]

    def _alone(self, act: Callable[[], T]) -> T | Exception:
        with clock.shifted(self.now * STEP_SECONDS):
            try:
                return act()
            except Exception as raised:  # noqa: BLE001 - what was raised is held against the model
                return raised

    def _all_at_once(self, act: Callable[[], T]) -> Sequence[T | Exception]:
        def work() -> T | Exception:
            self.together.wait()
            return self._alone(act)

        return [asked.result() for asked in [self.threads.submit(work) for _ in range(AT_ONCE)]]

    # --- the two side by side -------------------------------------------------------------------------------------------
    def compare(self) -> None:
        """Every open purse and the bank's mirror are what the model says, to the fen; raises Disagreement."""
        custody = str(self.custody.pk)
        with connection.cursor() as cursor:
            cursor.execute(PURSES, [[*self.numbers.values(), custody]])
            found = {pk: tuple(sums) for pk, *sums in cursor.fetchall()}
        posted, *_ = found[custody]
        if posted != -self.books.bank:
            raise Disagreement(f"the bank: the model says {self.books.bank} fen, the books {-posted}")
        away, coming = self.books.all_promised()
        for name, number in self.numbers.items():
            ours = (self.books.purses[name], away[name], coming[name])
            if found[number] != ours:
                words = "has {} fen, promised away {}, promised to it {}".format
                raise Disagreement(f"{name}: the model says it {words(*ours)}; in the books it {words(*found[number])}")

    def compare_states(self) -> None:
        """Every campaign that is not over, each of its pledges, and every payout stand where the model says; raises Disagreement."""
        pledges = [pledge for campaign in self.campaigns for pledge in campaign.pledges]
        self._same_states(Campaign, states_of(self.campaigns))
        self._same_states(Pledge, states_of(pledges))
        self._same_states(Payout, states_of(self.payouts))
        self._same_states(MatchingPool, states_of(self.pools))
        self._same_states(Agreement, states_of(self.agreements))
        self._same_states(RevenueReport, states_of(report for one in self.agreements for report in one.reports))
        sums = {one.row.pk: (one.held, one.captured, one.matched) for one in self.campaigns}
        kept = {pk: sums for pk, *sums in Campaign.objects.filter(pk__in=sums).values_list("pk", *TOTALS)}
        for pk, expected in sums.items():
            if tuple(kept[pk]) != expected:
                raise Disagreement(
                    f"campaign {pk}: the model says held, captured and topped up are {expected}, the exchange {tuple(kept[pk])}"
                )

    def _same_states(self, model: Any, expected: dict[UUID, str]) -> None:
        found = dict(model.objects.filter(pk__in=expected).values_list("pk", "state"))
        wrong = {pk: (state, found.get(pk)) for pk, state in expected.items() if found.get(pk) != state}
        if wrong:
            pk, (ours, theirs) = next(iter(wrong.items()))
            raise Disagreement(f"{model.__name__.lower()} {pk}: the model says {ours}, the exchange {theirs} ({len(wrong)} differ)")

    def forget_what_is_over(self) -> None:
        """Campaigns, pools, agreements and payouts that have come to their end are left to the check of all books."""
        for campaign in [one for one in self.campaigns if one.state in OVER]:
            self.close_purse(campaign.escrow)
            if campaign.agreement in self.accounts:
                self.close_purse(campaign.agreement)
            self.campaigns.remove(campaign)
        for agreement in [one for one in self.agreements if one.is_over]:
            if agreement.revenue in self.accounts:
                self.close_purse(agreement.revenue)
            self.agreements.remove(agreement)
        held = {pledge.pool for campaign in self.campaigns for pledge in campaign.those(*HOLDING)}
        for pool in [one for one in self.pools if one.state == "closed" and one not in held]:
            self.close_purse(pool.purse)
            self.pools.remove(pool)
        self.payouts = [one for one in self.payouts if one.state not in ("settled", "rejected")]


def _told(answers: Sequence[Any]) -> str:
    """In words, what was done first: which of several asked first is nobody's to say."""
    words = ["done" if not isinstance(one, Exception) else getattr(one, "code", f"{type(one).__name__}: {one}") for one in answers]
    return ", ".join(sorted(words, key=lambda word: (word != "done", word)))
