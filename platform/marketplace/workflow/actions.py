"""What an actor can do with an object now: the page's buttons and the API's links."""

from dataclasses import dataclass
from typing import Any

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.common.ids import uuid7
from marketplace.workflow import registry
from marketplace.workflow.context import Context
from marketplace.workflow.models import Stateful
from marketplace.workflow.permission import may, roles_towards
from marketplace.workflow.registry import Guard


@dataclass(frozen=True, slots=True)
class Available:
    """One action on offer; where `allowed` is False, `reason` says what stands in the way."""

    action: str
    label: Any
    allowed: bool
    reason: Any
    money: bool
    tone: str


def available_actions(obj: Stateful, actor: Actor) -> list[Available]:
    """Every move out of the present state that is the actor's to make, in the table's order.

    A guard that stands before several moves is asked once: it asks about the object, not about the move.
    """
    registered = registry.of(obj)
    roles = roles_towards(registered, actor, obj)
    offers = []
    asked: dict[Guard, DomainError | None] = {}
    moment = None
    for move in registered.machine.leaving(obj.state):
        if not roles & set(move.roles):
            continue
        refusal = may(registered, actor, move, obj).refusal
        guard = registered.guards.get(move.action)
        if refusal is None and guard is not None:
            if guard not in asked:
                moment = moment or clock.now()
                ctx: Context[Any] = Context(obj=obj, actor=actor, move=move, now=moment, group=uuid7(), source=obj.state)
                asked[guard] = _refusal_of(guard, ctx)
            refusal = asked[guard]
        offers.append(
            Available(
                action=move.action,
                label=move.label,
                allowed=refusal is None,
                reason=refusal.detail if refusal else "",
                money=move.money,
                tone=move.tone,
            )
        )
    return offers


def _refusal_of(guard: Guard, ctx: Context[Any]) -> DomainError | None:
    try:
        guard(ctx)
    except DomainError as refusal:
        return refusal
    return None
