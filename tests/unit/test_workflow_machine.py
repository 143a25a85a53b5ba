"""Tables of states and moves: every way of breaking one is found, and every table of the platform is sound."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.checks import Error

from marketplace.workflow import checks, registry
from marketplace.workflow.machine import FINAL, Machine, Move, State, after, at, moves

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = State("company", after("review_seconds"), ("close",))
CLOSE = Move("close", ("open",), "closed", ("system",), "close")


def machine(states: dict[str, State] | None = None, *rows: Move) -> Machine:
    """A sound little table, with states replaced and rows added."""
    known = {"draft": State(private=True), "open": OPEN, "closed": FINAL}
    first = Move("publish", ("draft",), "open", ("company",), "publish")
    return Machine(name="thing", label="thing", initial="draft", states={**known, **(states or {})}, moves=moves(first, CLOSE, *rows))


def faults(states: dict[str, State] | None = None, *rows: Move) -> list[str]:
    return list(machine(states, *rows).faults())


def test_a_sound_table_has_no_faults() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    "limbo",
    [
        State(),
        replace(OPEN, owner=""),
        replace(OPEN, due=None),
        replace(OPEN, on_timeout=()),
    ],
)
def test_a_state_that_could_last_for_ever_is_a_fault(limbo: State) -> None:
    assert faults({"open": limbo}) == ["state 'open' needs an owner, a due time and a way out"]


def test_a_state_that_follows_another_machine_needs_no_clock() -> None:
    assert faults({"open": State(owner="team", follows="agreement")}) == []


def test_a_final_state_with_a_way_out_is_a_fault() -> None:
    back = Move("reopen", ("closed",), "open", ("company",), "reopen")
    assert faults({}, back) == ["final state 'closed' can be left by 'reopen'"]


def test_a_move_to_or_from_a_state_that_is_not_there_is_a_fault() -> None:
    astray = Move("lose", ("open", "lost"), "nowhere", ("company",), "lose")
    assert faults({}, astray) == ["move 'lose' names the unknown state 'lost'", "move 'lose' names the unknown state 'nowhere'"]


def test_money_moved_by_a_key_without_that_scope_is_a_fault() -> None:
    pay = Move("pay", ("open",), "closed", ("company",), "pay", money=True)
    assert faults({}, pay) == ["move 'pay' may move money, so it needs the scope 'money'"]
    assert faults({}, replace(pay, scope="money"), replace(pay, action="settle", roles=("system",))) == []


def test_a_table_that_begins_nowhere_is_a_fault() -> None:
    assert list(replace(machine(), initial="unborn").faults()) == ["the initial state 'unborn' is unknown"]


def test_a_timeout_that_the_system_cannot_perform_is_a_fault() -> None:
    assert faults({"open": replace(OPEN, on_timeout=("vanish",))}) == ["state 'open' times out by 'vanish', which the system cannot do"]
    hand = Move("sign", ("open",), "closed", ("company",), "sign")
    assert faults({"open": replace(OPEN, on_timeout=("sign",))}, hand) == ["state 'open' times out by 'sign', which the system cannot do"]
    assert faults({"open": replace(OPEN, on_timeout=("close", "escalate"))}) == []


def test_two_rows_for_the_same_action_from_the_same_state_are_refused() -> None:
    with pytest.raises(ValueError, match="Two rows move 'open' by 'close'"):
        machine({}, CLOSE)


def test_the_row_is_found_by_action_and_state_together() -> None:
    again = Move("close", ("draft",), "closed", ("company",), "close")
    table = machine({}, again)
    assert table.find("close", "open") is CLOSE
    assert table.find("close", "draft") is again
    assert table.find("close", "closed") is None
    assert table.find("dance", "open") is None
    assert [move.action for move in table.leaving("draft")] == ["publish", "close"]


def test_a_due_time_counts_from_entry_by_the_object_s_own_policy_or_is_the_object_s_own() -> None:
    thing = SimpleNamespace(policy={"review_seconds": 90}, deadline=NOON + timedelta(days=3))
    assert after("review_seconds")(thing, NOON) == NOON + timedelta(seconds=90)
    assert at("deadline")(thing, NOON) == NOON + timedelta(days=3)


@pytest.mark.parametrize("registered", registry.everyone(), ids=lambda registered: registered.machine.name)
def test_every_registered_table_is_sound(registered: registry.Registered) -> None:
    table = registered.machine
    assert list(table.faults()) == []
    reached = {table.initial, *(move.target for move in table.moves)}
    assert set(table.states) - reached == set()
    assert set(dict(registered.model._meta.get_field("state").flatchoices)) == set(table.states)


def test_the_platform_has_the_tables_it_is_known_for() -> None:
    known = "organisation achievement team expert demand bid campaign pledge payout agreement milestone revenue"
    assert {registered.machine.name for registered in registry.everyone()} >= set(known.split())
    assert checks.machines_are_sound() == []


@pytest.mark.parametrize(
    ("changes", "id"),
    [
        ({"effects": {"vanish": lambda ctx: None}}, "workflow.E002"),
        ({"guards": {"vanish": lambda ctx: None}}, "workflow.E002"),
        ({"effects": {"close": lambda ctx, reason: None}}, "workflow.E003"),
    ],
)
def test_code_that_fits_no_move_is_found_at_start(monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], id: str) -> None:
    sound = registry.Registered(machine(), SimpleNamespace, lambda actor, obj: (), lambda actor, obj: True, lambda obj: True)  # type: ignore[arg-type]
    monkeypatch.setattr(registry, "everyone", lambda: (replace(sound, **changes),))  # type: ignore[arg-type]
    found: list[Error] = checks.machines_are_sound()
    assert [error.id for error in found] == [id]
