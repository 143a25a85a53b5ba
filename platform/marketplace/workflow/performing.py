"""The one door: `perform` changes state, moves money, writes the ledger and tells people, or nothing."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from ledger.app import services as ledger
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound, WrongState
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.workflow import registry
from marketplace.workflow.context import Context
from marketplace.workflow.machine import Move
from marketplace.workflow.models import Change, Stateful
from marketplace.workflow.permission import may
from marketplace.workflow.registry import Registered

M = TypeVar("M", bound=Stateful)
Row = TypeVar("Row", bound=models.Model)


def perform(action: str, obj: M, actor: Actor, **data: Any) -> M:
    """Make one move of one object, wholly or not at all, and return the object as it then is.

    In one transaction: lock (parents first, then the object), permission, table, guard, effect
    with its money, ledger intent, outbox event, new state with its owner and due time.
    Raises NotFound where the actor may not know of the object, Forbidden (also NotVerified,
    MissingScope), WrongState, or the guard's and the effect's own refusals.
    """
    registered = registry.of(obj)
    with transaction.atomic():
        fresh = _lock(registered, action, obj)
        if not actor.is_system and not registered.visible(actor, fresh):
            raise NotFound
        move = choose(registered, action, fresh, actor)
        ctx = Context(obj=fresh, actor=actor, move=move, now=clock.now(), group=uuid7(), source=fresh.state)
        if guard := registered.guards.get(action):
            guard(ctx)
        if effect := registered.effects.get(action):
            effect(ctx, **data)
        elif data:
            raise TypeError(f"{registered.machine.name}.{action} takes no data.")
        enter(ctx)
        fresh.save()
        record(registered, [ctx])
        handlers = registry.handlers_of(registered.machine.name, fresh.state) if move.target is not None else ()
        for handler in handlers:
            handler(ctx)
        # A handler may have moved the object on: the caller is given it as it now is.
        return type(fresh)._base_manager.get(pk=fresh.pk) if handlers else fresh


def begin(obj: M, actor: Actor) -> M:
    """Save a new object in its machine's first state, with its trail begun."""
    with transaction.atomic():
        now = clock.now()
        obj.created_at = obj.updated_at = now
        obj.state = obj.machine.initial
        rule = obj.machine.states[obj.state]
        obj.due_at = rule.due(obj, now) if rule.due else None
        obj.save(force_insert=True)
        _trail(uuid7(), obj, action="create", source="", actor=actor, reason="", at=now).save(force_insert=True)
        return obj


def _lock(registered: Registered, action: str, obj: M) -> M:
    """Lock parents, then the object, and read it afresh: what is computed comes after the lock."""
    if parents := registered.locks.get(action):
        for parent in parents(obj):
            lock_row(parent)
    return lock_row(obj)


def lock_row(obj: Row) -> Row:
    """The row under FOR NO KEY UPDATE, read afresh; NotFound when it is gone."""
    manager = type(obj)._base_manager
    fresh = manager.select_for_update(of=("self",), no_key=True).filter(pk=obj.pk).first()
    if fresh is None:
        raise NotFound
    return fresh


def choose(registered: Registered, action: str, obj: Stateful, actor: Actor) -> Move:
    """The row of the table that applies: 403 is asked before 409, so a stranger learns no state."""
    rows = registered.machine.by_action.get(action)
    if not rows:
        raise NotFound(bi(f"没有操作 {action}", f"There is no action {action}"))
    row = registered.machine.find(action, obj.state)
    answer = may(registered, actor, row or rows[0], obj)
    if answer.refusal is not None:
        raise answer.refusal
    if row is None:
        raise WrongState(
            bi(
                f"当前状态「{obj.state_label}」下不能「{rows[0].label}」。",
                f"“{rows[0].label}” is not possible in the state “{obj.state_label}”.",
            ),
            state=obj.state,
        )
    return row


def enter(ctx: Context[Any]) -> None:
    """Set the state, who must act next and until when; whoever acts within a state has its time again."""
    obj, move = ctx.obj, ctx.move
    rule = obj.machine.states[move.target or obj.state]
    if move.target is not None:
        obj.state = move.target
        obj.escalations = 0
    obj.due_at = rule.due(obj, ctx.now) if rule.due else None
    obj.updated_at = ctx.now


def record(registered: Registered, changes: Sequence[Context[Any]]) -> None:
    """One ledger intent, one outbox event and one audit row for each of these changes by the same move."""
    move, name = changes[0].move, registered.machine.name
    if not move.money and any(ctx.money for ctx in changes):
        raise TypeError(f"{name}.{move.action} moved money, which its table does not say: nobody was asked for an Idempotency-Key.")
    if move.ledger:
        ledger.record_many([_intent(registered, ctx, move.ledger) for ctx in changes])
    outbox.emit_many(move.ledger or f"{name}.{move.action}", kind=name, payloads={ctx.obj.pk: _told(ctx) for ctx in changes})
    Change.objects.bulk_create(
        _trail(ctx.group, ctx.obj, action=move.action, source=ctx.source, actor=ctx.actor, reason=ctx.reason, at=ctx.now) for ctx in changes
    )


def _intent(registered: Registered, ctx: Context[Any], type: str) -> ledger.Intent:
    return ledger.Intent(
        id=ctx.group,
        type=type,
        subject=ledger.Subject(kind=registered.machine.name, id=ctx.obj.pk, public=registered.public(ctx.obj)),
        actor=ctx.actor.ledger_id,
        at=ctx.now,
        body={"action": ctx.move.action, "from": ctx.source, "to": ctx.obj.state, **ctx.body},
        private={
            **({"person": str(ctx.actor.person_id)} if ctx.actor.person_id else {}),
            **({"reason": ctx.reason} if ctx.reason else {}),
            **ctx.private,
        },
        money=ctx.money,
    )


def _told(ctx: Context[Any]) -> dict[str, Any]:
    return {"action": ctx.move.action, "from": ctx.source, "to": ctx.obj.state, "change": str(ctx.group), **ctx.emit}


def _trail(id: UUID, obj: Stateful, *, action: str, source: str, actor: Actor, reason: str, at: Any) -> Change:
    return Change(
        id=id,
        machine=obj.machine.name,
        object_id=obj.pk,
        action=action,
        source=source,
        target=obj.state,
        actor_label=actor.label,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        reason=reason,
        at=at,
    )
