"""Any process may be killed at any moment: what was acknowledged stays, what was not can be asked again, nothing happens twice."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from marketplace.config.devstack.stack import ORIGIN, WITNESS
from tests.factories.stacks import Load, MortalStack, Order, mortal_stack
from tests.story.client import Client, wait_until

pytestmark = [pytest.mark.prove, pytest.mark.slow]

FEN = 10_000
SCENES = 8

NOT_IN_A_CHECKPOINT = "(SELECT count(*) FROM ledger_entry) > (SELECT max(size) FROM ledger_checkpoint)"


class Exchange:
    """A running stack with funders, and one campaign for each scene and round."""

    def __init__(self, stack: MortalStack, *, funders: int, rounds: int) -> None:
        self.stack = stack
        self.rounds = rounds
        self.facts = stack.inside("prepare", str(funders), str(SCENES * rounds))
        self.fresh = iter(self.facts["campaigns"])
        self.funders = [Client(stack.address, token=token) for token in self.facts["tokens"]]

    def campaign(self) -> str:
        """One that nobody has used yet."""
        return str(next(self.fresh))

    def pledges(self, campaign: str) -> list[Order]:
        """One order of each funder."""
        body = {"campaign": campaign, "fen": FEN, **self.facts["accepted"]}
        return [Order(one, "/api/v1/pledges/", f"{campaign}-{number}", body) for number, one in enumerate(self.funders)]

    def top_ups(self, name: str) -> list[Order]:
        """One bank statement for each funder, sent by the finance officer; each brings one fen."""
        officer = self.signed_in("finance")
        head = "bank_line_id,booked_at,amount_yuan,direction,payer_name,payer_account,reference"
        return [
            Order(officer, "/api/v1/bank-statements/", f"{name}-{number}", {}, {"file": ("day.csv", statement.encode())})
            for number, code in enumerate(self.facts["references"])
            for statement in [f"{head}\n{name}-{number},2026-03-01T09:00:00,0.01,in,Payer,6222,{code}\n"]
        ]

    def signed_in(self, who: str) -> Client:
        """The finance officer, or the first funder's manager."""
        person = Client(self.stack.address)
        login = {"email": self.facts[who], "password": self.facts["password"]}
        person.session = person.expected("POST", "/_allauth/app/v1/auth/login", login, expect=200)["meta"]["session_token"]
        return person

    def invite(self, manager: Client, name: str) -> list[str]:
        """Addresses that are asked to join the first funder: each is owed a letter."""
        emails = [f"{name}-{number}@example.org" for number in range(4)]
        for email in emails:
            manager.post(f"/api/v1/organisations/{self.facts['home']}/invitations/", {"email": email, "roles": ["member"]}, expect=201)
        return emails

    def letters(self, name: str) -> dict[str, int]:
        """How many letters each of them was sent."""
        return dict(self.stack.ask('SELECT "to", count(*) FROM notices_storedmail WHERE "to" LIKE %s GROUP BY 1', f"{name}-%"))

    def stored(self, campaign: str) -> dict[str, str]:
        """The campaign's pledges: id to state."""
        return dict(self.stack.ask("SELECT id::text, state FROM funding_pledge WHERE campaign_id = %s", campaign))

    def state(self, campaign: str) -> str:
        return str(self.stack.ask("SELECT state FROM funding_campaign WHERE id = %s", campaign)[0][0])

    def turn_to_the_deadline(self, campaign: str) -> None:
        """The deadline is now: the campaign is opened anew, since the database lets no open one's deadline go back."""
        self.stack.ask(
            "DO $$ BEGIN"
            f" UPDATE funding_campaign SET opened_at = NULL WHERE id = '{UUID(campaign)}';"
            f" UPDATE funding_campaign SET opened_at = created_at, deadline = now(), due_at = now() WHERE id = '{UUID(campaign)}';"
            " END $$"
        )

    def count(self, sentence: str, *values: Any) -> int:
        return int(self.stack.ask(f"SELECT count(*) FROM {sentence}", *values)[0][0])

    def cosigned(self) -> bool:
        """Whether the newest checkpoint bears the cosignature of our witness."""
        return not self.count(
            "(SELECT max(size) AS size FROM ledger_checkpoint) newest WHERE size NOT IN (SELECT size FROM ledger_cosignature)"
        )

    def require_one_pledge_for_each_key(self, load: Load, campaign: str) -> None:
        """Every key answers with the pledge that it was acknowledged with, and there is no pledge or hold besides."""
        keys = {order.key: order for order in load.orders if order.path == "/api/v1/pledges/"}
        acknowledged = {load.acknowledged[key]["id"] for key in keys}
        assert acknowledged == set(self.stored(campaign))
        assert len(acknowledged) == len(keys)
        for key, order in keys.items():
            again = order.send()
            assert (again.status, again["id"], again.headers.get("Idempotent-Replayed")) == (201, load.acknowledged[key]["id"], "true")
        holds = "treasury_transfer t JOIN funding_pledge p ON p.hold_id = t.id WHERE t.kind = 'pending' AND p.campaign_id = %s"
        assert self.count(holds, campaign) == len(keys)
        escrow = "treasury_transfer WHERE kind = 'pending' AND target_id IN (SELECT id FROM treasury_account WHERE owner_id = %s)"
        assert self.count(escrow, campaign) == len(keys)

    def require_sound(self) -> None:
        """Everything is sealed and delivered, and neither the books nor the ledger have anything to say."""
        wait_until("every intent to be sealed", lambda: not self.count("ledger_inbox"))
        wait_until("the outbox to be delivered", lambda: not self.count("common_outboxevent WHERE delivered_at IS NULL"))
        assert self.stack.inside("examine") == []


@pytest.fixture(scope="module")
def exchange(at_size: Callable[[int, int], int]) -> Iterator[Exchange]:
    with mortal_stack() as stack:
        yield Exchange(stack, funders=at_size(16, 120), rounds=at_size(1, 5))


@pytest.fixture(scope="module")
def chance(seed: int) -> random.Random:
    return random.Random(seed)


def test_a_killed_web_worker_costs_nobody_a_pledge_or_a_top_up_and_doubles_none(exchange: Exchange, chance: random.Random) -> None:
    for number in range(exchange.rounds):
        campaign = exchange.campaign()
        orders = [*exchange.pledges(campaign), *exchange.top_ups(f"web-{number}")]
        chance.shuffle(orders)
        load = Load(orders)
        workers = exchange.stack.web_workers()
        load.run(after=chance.randrange(2, len(orders) // 2), meanwhile=lambda: exchange.stack.kill("a web worker"))
        wait_until("another worker", lambda workers=workers: len(exchange.stack.web_workers()) == len(workers))
        assert exchange.stack.web_workers() != workers
        exchange.require_one_pledge_for_each_key(load, campaign)
        lines = "treasury_statementline WHERE bank_line_id LIKE %s AND matched_kind <> ''"
        assert exchange.count(lines, f"web-{number}-%") == len(exchange.funders)
    assert exchange.count("treasury_transfer WHERE code = 'treasury.topup'") == exchange.rounds * len(exchange.funders)
    exchange.require_sound()


def test_whoever_hangs_up_before_the_answer_is_given_the_same_one_when_asking_again(exchange: Exchange) -> None:
    campaign = exchange.campaign()
    orders = exchange.pledges(campaign)[:100]
    for order in orders:
        order.send_and_hang_up()
    wait_until("all of it to be committed", lambda: len(exchange.stored(campaign)) == len(orders))
    unlike = replace(orders[0], key="another").send()
    assert (unlike.status, unlike["code"]) == (409, "already_pledged")  # it is the key that brings the answer back
    load = Load(orders).run(after=0, meanwhile=lambda: None)
    assert {answer.headers.get("Idempotent-Replayed") for answer in load.acknowledged.values()} == {"true"}
    exchange.require_one_pledge_for_each_key(load, campaign)
    exchange.require_sound()


def test_a_site_that_is_killed_whole_and_started_again_costs_nobody_a_pledge(exchange: Exchange, chance: random.Random) -> None:
    for _ in range(exchange.rounds):
        campaign = exchange.campaign()
        load = Load(exchange.pledges(campaign))

        def strike() -> None:
            with exchange.stack.without("web"):
                assert exchange.stack.web_workers() == []

        load.run(after=chance.randrange(2, len(load.orders) // 2), meanwhile=strike)
        assert load.interrupted, "the site was killed too late to prove anything"
        exchange.require_one_pledge_for_each_key(load, campaign)
    exchange.require_sound()


def test_a_campaign_whose_closing_was_killed_is_closed_after_the_restart_and_every_pledge_captured_once(
    exchange: Exchange, chance: random.Random
) -> None:
    for _ in range(exchange.rounds):
        campaign = exchange.campaign()
        load = Load(exchange.pledges(campaign)).run(after=0, meanwhile=lambda: None)
        exchange.turn_to_the_deadline(campaign)
        wait_until("the closing to begin", lambda campaign=campaign: exchange.state(campaign) != "open")
        time.sleep(chance.uniform(0, 0.2))
        exchange.stack.kill("worker")
        left = exchange.state(campaign), exchange.stored(campaign)
        assert left[0] in {"clearing", "successful"}, "the worker was killed too late to prove anything"
        time.sleep(2.5)
        assert (exchange.state(campaign), exchange.stored(campaign)) == left, "somebody else went on with the closing"
        exchange.stack.revive()
        wait_until("the campaign to be funded", lambda campaign=campaign: exchange.state(campaign) == "funded")
        assert exchange.stored(campaign) == {answer["id"]: "captured" for answer in load.acknowledged.values()}
        posts = "treasury_transfer t JOIN funding_pledge p ON p.hold_id = t.pending_id WHERE t.kind = 'post' AND p.campaign_id = %s"
        assert exchange.count(posts, campaign) == len(load.orders)
        totals = exchange.stack.ask("SELECT held_fen, captured_fen FROM funding_campaign WHERE id = %s", campaign)
        assert totals == [(0, FEN * len(load.orders))]
    exchange.require_sound()


def test_what_was_not_sealed_when_the_sequencer_was_killed_is_sealed_after_its_restart(exchange: Exchange) -> None:
    for _ in range(exchange.rounds):
        campaign = exchange.campaign()
        load = Load(exchange.pledges(campaign)).run(after=2, meanwhile=lambda: exchange.stack.kill("sequencer"))
        pledges = "SELECT id FROM funding_pledge WHERE campaign_id = %s"
        of_this = f"(SELECT id FROM ledger_subject WHERE type = 'pledge.confirmed' AND object_id IN ({pledges}))"
        waiting = exchange.count(f"ledger_inbox WHERE id IN {of_this}", campaign)
        height = exchange.count("ledger_entry")
        assert waiting > 0, "the sequencer was killed too late to prove anything"
        exchange.stack.revive()
        wait_until("the receipts to be sealed", lambda: not exchange.count("ledger_inbox"))
        assert exchange.count("ledger_entry") >= height + waiting
        assert exchange.count(f"ledger_entry WHERE id IN {of_this}", campaign) == len(load.orders)
        exchange.require_one_pledge_for_each_key(load, campaign)
    exchange.require_sound()


def test_a_killed_witness_holds_nothing_up_and_cosigns_again_once_it_is_back(exchange: Exchange) -> None:
    for _ in range(exchange.rounds):
        campaign = exchange.campaign()
        wait_until("the log to be cosigned", exchange.cosigned, seconds=60)
        load = Load(exchange.pledges(campaign)).run(after=2, meanwhile=lambda: exchange.stack.kill("witness"))
        wait_until("the receipts to be sealed", lambda: not exchange.count("ledger_inbox"))
        exchange.require_one_pledge_for_each_key(load, campaign)
        wait_until("a checkpoint of all", lambda: not exchange.count(f"(SELECT 1 WHERE {NOT_IN_A_CHECKPOINT}) behind"))
        assert not exchange.cosigned(), "the witness was killed too late to prove anything"
        exchange.stack.revive()
        wait_until("the log to be cosigned", exchange.cosigned, seconds=60)
        signatures = exchange.funders[0].get("/ledger/checkpoint").body.decode().rpartition("\n\n")[2].splitlines()
        assert [line.split(" ")[1] for line in signatures] == [ORIGIN, WITNESS]
    exchange.require_sound()


def test_a_database_killed_under_load_keeps_every_acknowledged_pledge(
    exchange: Exchange, chance: random.Random, at_size: Callable[[int, int], int]
) -> None:
    stack = exchange.stack
    for _ in range(exchange.rounds):
        campaign = exchange.campaign()
        load = Load(exchange.pledges(campaign), clients=at_size(4, 32))
        before: set[str] = set()

        def strike(load: Load = load, campaign: str = campaign, before: set[str] = before) -> None:
            with stack.without("postgres"):
                before.update(answer["id"] for answer in dict(load.acknowledged).values())
            assert before <= set(exchange.stored(campaign))

        load.run(after=chance.randrange(2, len(load.orders) // 2), meanwhile=strike)
        assert before
        assert load.interrupted, "the database was killed too late to prove anything"
        exchange.require_one_pledge_for_each_key(load, campaign)
    exchange.require_sound()


def test_without_valkey_money_moves_and_pages_are_read_and_what_waited_is_delivered_once_it_is_back_or_comes_back_empty(
    exchange: Exchange, chance: random.Random, at_size: Callable[[int, int], int]
) -> None:
    stack, manager = exchange.stack, exchange.signed_in("manager")
    for number in range(exchange.rounds):
        campaign, away_until = exchange.campaign(), time.monotonic() + (at_size(0, 60) if number == 0 else 0)
        with stack.without("valkey"):
            load = Load(exchange.pledges(campaign)).run(after=0, meanwhile=lambda: None)
            assert load.interrupted == set()
            assert exchange.funders[0].get("/api/v1/wallet/")["held_fen"] >= FEN
            assert exchange.funders[0].send("GET", "/").status == 200
            invited = exchange.invite(manager, f"away-{number}")
            assert exchange.count("common_outboxevent WHERE delivered_at IS NULL") >= len(load.orders)
            time.sleep(max(0, away_until - time.monotonic()))
            if number == 0:  # it comes back with nothing of what it had, and later with all
                stack.empty_valkey()
        wait_until("the outbox to be delivered", lambda: not exchange.count("common_outboxevent WHERE delivered_at IS NULL"))
        exchange.require_one_pledge_for_each_key(load, campaign)
        assert exchange.letters(f"away-{number}") == dict.fromkeys(invited, 1)
        # The officer has signed in before everything that Valkey held is gone, and goes on.
        imports = Load(exchange.top_ups(f"emptied-{number}")).run(after=chance.randrange(1, 8), meanwhile=stack.empty_valkey)
        assert imports.interrupted == set()
        assert exchange.count("treasury_statementline WHERE bank_line_id LIKE %s", f"emptied-{number}-%") == len(imports.orders)
    assert exchange.count("common_outboxevent WHERE dead") == 0
    exchange.require_sound()
