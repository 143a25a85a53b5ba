"""States and moves as one table per kind of object: what can happen, by whom, and what it records."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from marketplace.common.policy import Policy

# When a state's time runs out: from the object and the moment it entered the state; None = no clock.
Due = Callable[[Any, datetime], datetime | None]

ESCALATE = "escalate"


def after(*policy_names: str) -> Due:
    """So many seconds after entering the state, by the policy stamped on the object; several names add up."""

    def due(obj: Any, entered: datetime) -> datetime:
        policy = Policy.from_json(obj.policy)
        return entered + timedelta(seconds=sum(getattr(policy, name) for name in policy_names))

    return due


def at(attribute: str) -> Due:
    """At the moment that the object itself names, such as its deadline."""

    def due(obj: Any, entered: datetime) -> datetime | None:
        moment: datetime | None = getattr(obj, attribute)
        return moment

    return due


@dataclass(frozen=True, slots=True)
class State:
    """One state: who must act, by when, and the way out when nobody does.

    A state is final, or private (a draft without a clock), or has an owner, a due time and a way
    out. `follows` names another machine whose end moves this one on (then no clock is needed).
    """

    owner: str = ""
    due: Due | None = None
    on_timeout: tuple[str, ...] = ()
    final: bool = False
    private: bool = False
    follows: str = ""
    tone: str = "info"


FINAL = State(final=True, tone="neutral")


@dataclass(frozen=True, slots=True)
class Move:
    """One move: action, source states, target (None: the state stays), roles, and its ledger event.

    `roles` are names that the feature's `roles_of(actor, obj)` returns; "system" is the clock and
    the workers; staff roles ("reviewer", "finance", "admin", …) come from the actor's office.
    `money` says that the move may transfer money, so that the API asks for an Idempotency-Key.
    """

    action: str
    source: tuple[str, ...]
    target: str | None
    roles: tuple[str, ...]
    label: Any
    ledger: str | None = None
    scope: str = "write"
    money: bool = False
    needs_verified: bool = True
    tone: str = "secondary"


def moves(*rows: Move) -> tuple[Move, ...]:
    """The table of moves; refuses two rows for the same action from the same state."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for state in row.source:
            if (row.action, state) in seen:
                raise ValueError(f"Two rows move {state!r} by {row.action!r}.")
            seen.add((row.action, state))
    return rows


@dataclass(frozen=True, slots=True)
class Machine:
    """The whole table of one kind of object."""

    name: str
    label: Any
    initial: str
    states: Mapping[str, State]
    moves: tuple[Move, ...]
    by_action: dict[str, tuple[Move, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        table: dict[str, tuple[Move, ...]] = {}
        for move in self.moves:
            table[move.action] = (*table.get(move.action, ()), move)
        object.__setattr__(self, "by_action", table)

    def find(self, action: str, state: str) -> Move | None:
        """The row for this action from this state, if there is one."""
        return next((m for m in self.by_action.get(action, ()) if state in m.source), None)

    def leaving(self, state: str) -> tuple[Move, ...]:
        """Every move out of (or within) a state, in the table's order."""
        return tuple(move for move in self.moves if state in move.source)

    def faults(self) -> Iterable[str]:
        """What breaks a rule of all tables: no limbo, no way out of a final state, no money by a key without that scope."""
        if self.initial not in self.states:
            yield f"the initial state {self.initial!r} is unknown"
        for move in self.moves:
            if move.money and move.scope != "money" and set(move.roles) != {"system"}:
                yield f"move {move.action!r} may move money, so it needs the scope 'money'"
            for name in (*move.source, *((move.target,) if move.target else ())):
                if name not in self.states:
                    yield f"move {move.action!r} names the unknown state {name!r}"
        for name, state in self.states.items():
            leaving = self.leaving(name)
            if state.final and leaving:
                yield f"final state {name!r} can be left by {leaving[0].action!r}"
            if state.final or state.private or state.follows:
                continue
            if not (state.owner and state.due and state.on_timeout):
                yield f"state {name!r} needs an owner, a due time and a way out"
            for action in state.on_timeout:
                row = self.find(action, name)
                if action != ESCALATE and (row is None or "system" not in row.roles):
                    yield f"state {name!r} times out by {action!r}, which the system cannot do"
