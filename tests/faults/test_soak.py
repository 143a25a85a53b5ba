"""The soak: random operations of many actors find nothing wrong, and find whatever was planted, where it was planted.

`make soak OPS=… SEED=…` is the same run for as long as one likes. A planted fault is the proof that the runner can see one.
"""

import os
from collections.abc import Callable

import pytest

from tests.factories.funding import PRICE
from tests.factories.guards import as_owner, guards_down
from tests.factories.locks import without_constraint
from tests.factories.racing import replaced
from tests.soak import on_books, on_campaigns, on_charge_backs, on_pledges, on_pools, on_revenue, on_signatures, run, runner
from tests.soak.exchange import Exchange
from tests.soak.model import COOLING_OFF
from tests.soak.people import Scale
from tests.soak.run import STRETCH
from tests.soak.runner import Fault, Soak
from tests.soak.steps import Step

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "sequencer"])

SMALL = Scale(funders=3, companies=1, universities=1, officers=3, places=1)
PLANTED, EVERY = 6, 10
STRETCHES = 5
REWRITE = "UPDATE treasury_transfer SET fen = fen + 1 WHERE id = (SELECT id FROM treasury_transfer ORDER BY id LIMIT 1)"
TAKE_A_FEN = """
UPDATE treasury_account SET posted_in = posted_in - 1
WHERE id = (SELECT id FROM treasury_account WHERE kind = 'wallet' AND posted_in - posted_out - pending_out > 0 ORDER BY id LIMIT 1)
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A proof takes several stretches, as `make soak` does, so that one that was stopped goes on with the next."""
    if "stretch" in metafunc.fixturenames:
        metafunc.parametrize("stretch", range(STRETCHES if os.environ.get("PROOF_SIZE") == "full" else 1))


def small_soak(operations: int = 100, *, every: int = 1_000) -> Soak:
    return Soak(seed=7, operations=operations, scale=SMALL, every=every)


def plant(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the owner can and nobody else, with the guards lowered, just before an operation."""
    drawn = Soak._drawn

    def planted(soak: Soak) -> object:
        if soak.number == PLANTED:
            with guards_down("treasury_account", "treasury_transfer"):
                as_owner(sentence)
        return drawn(soak)

    monkeypatch.setattr(Soak, "_drawn", planted)


def only(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> None:
    """No steps but these are drawn."""
    monkeypatch.setattr(runner, "STEPS", steps)


@pytest.mark.prove
@pytest.mark.slow
def test_soak(seed: int, stretch: int, at_size: Callable[[int, int], int]) -> None:
    soak = Soak(seed=seed + stretch, operations=at_size(80, STRETCH), scale=SMALL if at_size(1, 0) else Scale())
    soak.run()
    assert (soak.number, soak.checked) == (soak.operations, soak.operations)


def test_a_seed_asks_the_same_again_and_is_answered_the_same() -> None:
    def story() -> tuple[object, ...]:
        as_owner("SELECT testing.flush()")
        soak = small_soak(25)
        soak.run()
        return soak.exchange.counted, soak.exchange.books.purses, soak.exchange.now

    assert story() == story()


@pytest.mark.breaks_books("one fen was taken out of a purse")
def test_a_fen_that_is_lost_is_seen_at_once_and_the_command_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(TAKE_A_FEN, monkeypatch)
    assert run.soak(operations=100, seed=7, scale=SMALL) == 1
    printed = capsys.readouterr().out
    assert f"✗ operation {PLANTED} (" in printed
    assert ": the model says it has" in printed
    assert f"The same again: make soak OPS={PLANTED} SEED=7 " in printed


def test_whatever_else_breaks_is_told_with_its_operation_and_its_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def forgotten(exchange: Exchange) -> bool:
        return bool({}["an empty model"])

    only(monkeypatch, Step("look it up", 1, forgotten))
    assert run.soak(operations=100, seed=7, scale=SMALL) == 1
    printed = capsys.readouterr().out
    assert "✗ operation 1 (look it up): KeyError: 'an empty model'" in printed
    assert "The same again: make soak OPS=1 SEED=7 " in printed


@pytest.mark.breaks_books("an old transfer was rewritten")
def test_an_old_transfer_that_was_rewritten_is_seen_at_the_next_check(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(REWRITE, monkeypatch)
    with pytest.raises(Fault, match=r"all later than operation 0; the first: B1 ") as found:
        small_soak(every=EVERY).run()
    assert found.value.number == EVERY


def test_a_service_that_posts_a_hold_twice_is_seen_when_it_first_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(resolve: Callable[..., list[object]]) -> Callable[..., list[object]]:
        def broken(holds: list[object], kind: str, fen: int | None = None) -> list[object]:
            return [*resolve(holds, kind, fen), *(resolve(holds, kind, fen) if kind == "post" else [])]

        return broken

    only(monkeypatch, on_books.hold_for_another, on_books.hold_for_another, on_books.post_a_hold)
    with (
        without_constraint("treasury_transfer_pending_id_key"),
        replaced("marketplace.treasury.services.transferring._resolve", twice),
        pytest.raises(Fault, match="post a hold") as found,
    ):
        small_soak().run()
    assert found.value.journal[-1].startswith("post")


def test_a_debt_that_a_top_up_does_not_repay_is_seen_when_it_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (on_books.top_up_by_a_bank_statement, on_charge_backs.spend_it_all, on_charge_backs.the_bank_takes_a_top_up_back)
    only(monkeypatch, *steps)
    with (
        replaced("marketplace.treasury.services.debts.repay", lambda repay: lambda **asked: 0),
        pytest.raises(Fault, match=r"top up by a bank statement.*the model says it has") as found,
    ):
        small_soak(400).run()
    assert found.value.journal[-1].startswith("import a statement")


def test_a_rule_that_was_forgotten_is_seen_when_it_should_have_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, on_campaigns.propose_a_campaign, on_pledges.write_down_an_intent)
    with (
        replaced("marketplace.funding.services.pledging.check_amount", lambda rule: lambda campaign, fen: None),
        pytest.raises(Fault, match=r"the model says amount_outside_limits, the exchange done"),
    ):
        small_soak(400).run()


@pytest.mark.breaks_books("a pool adds a fen more than its rule")
def test_a_pool_that_adds_a_fen_too_much_is_seen_when_a_pledge_becomes_firm(monkeypatch: pytest.MonkeyPatch) -> None:
    only(
        monkeypatch,
        on_pools.open_a_pool,
        on_campaigns.propose_a_campaign,
        on_pledges.pledge,
        on_pledges.end_a_cooling_off,
        on_books.let_time_pass,
    )
    with (
        replaced("marketplace.funding.services.matching.basis_points", lambda floor: lambda fen, rate: floor(fen, rate) + 1),
        pytest.raises(Fault, match=r"\(end a cooling off\): .* the model says it has"),
    ):
        small_soak(400).run()


@pytest.mark.breaks_books("a fen of revenue stays where it was paid in")
def test_revenue_of_which_a_fen_is_not_divided_is_seen_when_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    go_towards_a_division(monkeypatch)
    with (
        replaced("marketplace.agreements.services.waterfall.divide", lambda divide: lambda fen, **stands: divide(fen - 1, **stands)),
        pytest.raises(Fault, match=r"\(divide revenue\): the model divides"),
    ):
        small_soak(200).run()


def go_towards_a_division(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step is drawn: one campaign and its agreement are brought, stage by stage, to where revenue is divided."""
    stages: list[tuple[Step, Callable[[Exchange], object]]] = [
        (on_campaigns.propose_a_campaign, lambda one: one.campaigns),
        (on_pledges.pledge, lambda one: one.campaigns[0].held + one.campaigns[0].captured >= one.campaigns[0].minimum),
        (on_books.let_time_pass, lambda one: one.now >= one.campaigns[0].deadline + COOLING_OFF),
        (on_campaigns.let_a_deadline_come, lambda one: one.campaigns[0].state != "open"),
        (on_campaigns.decide_a_campaign, lambda one: one.campaigns[0].state != "clearing"),
        (on_campaigns.capture_the_rest, lambda one: one.campaigns[0].state != "successful"),
        (on_books.top_up_by_a_bank_statement, lambda one: one.agreements or one.books.available("company 0") >= PRICE),
        (on_signatures.draw_an_agreement, lambda one: one.agreements),
        (on_signatures.freeze_a_text, lambda one: one.agreements[0].state != "negotiating"),
        (on_signatures.sign_an_agreement, lambda one: one.agreements[0].state != "pending_signatures"),
        (on_signatures.fund_an_agreement, lambda one: one.agreements[0].state != "signed"),
        (on_revenue.report_revenue, lambda one: one.agreements[0].reports),
        (on_revenue.contest_a_report, lambda one: one.agreements[0].reports[0].objections),
        (on_revenue.settle_an_objection, lambda one: one.agreements[0].reports[0].state != "contested"),
        (on_revenue.find_revenue_right, lambda one: one.agreements[0].reports[0].state != "reported"),
        (on_revenue.pay_revenue_in, lambda one: one.agreements[0].reports[0].state != "verified"),
        (on_revenue.approve_a_division, lambda one: one.agreements[0].reports[0].state != "paid_in"),
        (on_revenue.divide_revenue, lambda one: False),
    ]

    def next_stage(soak: Soak) -> Step:
        step = next(step for step, is_reached in stages if not is_reached(soak.exchange))
        soak.step = step.words
        step.do(soak.exchange)
        return step

    monkeypatch.setattr(Soak, "_drawn", next_stage)
