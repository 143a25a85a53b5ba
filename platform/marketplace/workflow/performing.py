"""The one door: `perform` changes state, moves money, writes the ledger and tells people, or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction

from ledger.app import services as ledger
from marketplace.common import clock, outbox, prepared
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
        parents = _locked_parents(registered, action, obj)
        fresh = joined(lock_row(obj), parents)
        # The moment of the change begins here: it may have waited for its locks.
        with clock.one_moment():
            return _move(registered, action, fresh, actor, data, began=None)


def begin(obj: M, actor: Actor) -> M:
    """Save a new object in its machine's first state, with its trail begun."""
    with transaction.atomic():
        began = _begun(obj, actor, clock.now())
        prepared.insert([obj])
        prepared.insert([began])
        return obj


def begin_with(action: str, obj: M, actor: Actor, **data: Any) -> M:
    """Make the first move of a new object at once, as `begin` and then `perform` would, in one transaction and one insertion.

    Nobody else knows of the object yet: its parents are locked and joined to it, and it is written as the move leaves it.
    """
    registered = registry.of(obj)
    with transaction.atomic():
        joined(obj, _locked_parents(registered, action, obj))
        with clock.one_moment():
            return _move(registered, action, obj, actor, data, began=_begun(obj, actor, clock.now()))


def _move(registered: Registered, action: str, fresh: M, actor: Actor, data: dict[str, Any], *, began: Change | None) -> M:
    """What `perform` does once all is locked; an object just `began` is new."""
    if not actor.is_system and not registered.visible(actor, fresh):
        raise NotFound
    move = choose(registered, action, fresh, actor)
    group = uuid7()
    if began and began.id > group:  # both are of one moment, and the trail is read in the order of ids
        began.id, group = group, began.id
    ctx = Context(obj=fresh, actor=actor, move=move, now=clock.now(), group=group, source=fresh.state)
    if guard := registered.guards.get(action):
        guard(ctx)
    if effect := registered.effects.get(action):
        effect(ctx, **data)
    elif data:
        raise TypeError(f"{registered.machine.name}.{action} takes no data.")
    enter(ctx)
    if began:
        prepared.insert([fresh])
    else:
        prepared.update(fresh)
    record(registered, [ctx], began=[began] if began else [])
    handlers = registry.handlers_of(registered.machine.name, fresh.state) if move.target is not None else ()
    for handler in handlers:
        handler(ctx)
    # A handler may have moved the object on: the caller is given it as it now is.
    return type(fresh)._base_manager.get(pk=fresh.pk) if handlers else fresh


def _begun(obj: Stateful, actor: Actor, now: datetime) -> Change:
    """Bring a new object into its machine's first state; the beginning of its trail."""
    obj.created_at = obj.updated_at = now
    obj.state = obj.machine.initial
    rule = obj.machine.states[obj.state]
    obj.due_at = rule.due(obj, now) if rule.due else None
    return _trail(uuid7(), obj, action="create", source="", actor=actor, reason="", at=now)


def _locked_parents(registered: Registered, action: str, obj: Stateful) -> list[Any]:
    """The rows that this move's table locks before the object itself, in its order, read afresh."""
    parents = registered.locks.get(action)
    return [lock_row(parent) for parent in parents(obj)] if parents else []


def joined(obj: M, parents: Iterable[models.Model]) -> M:
    """The object with those of its parents that are locked in place of what it would read of them."""
    known = {(type(parent), parent.pk): parent for parent in parents}
    for link in _links(type(obj)) if known else ():
        if parent := known.get((link.related_model, getattr(obj, link.attname))):
            setattr(obj, link.name, parent)
    return obj


@cache
def _links(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if field.is_relation)


def lock_row(obj: Row) -> Row:
    """The row under FOR NO KEY UPDATE, read afresh; NotFound when it is gone."""
    fresh: Row | None = _locking(type(obj)).first(obj.pk)
    if fresh is None:
        raise NotFound
    return fresh


@cache
def _locking(model: type[Row]) -> prepared.Prepared[Row]:
    rows, kind = model._base_manager, UUID if isinstance(model._meta.pk, models.UUIDField) else int
    return prepared.Prepared(lambda key: rows.select_for_update(of=("self",), no_key=True).filter(pk=key), kind)


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


def record(registered: Registered, changes: Sequence[Context[Any]], *, began: Sequence[Change] = ()) -> None:
    """One ledger intent, one outbox event and one audit row for each of these changes by the same move, after those that `began` it."""
    move, name = changes[0].move, registered.machine.name
    if not move.money and any(ctx.money for ctx in changes):
        raise TypeError(f"{name}.{move.action} moved money, which its table does not say: nobody was asked for an Idempotency-Key.")
    if move.ledger:
        ledger.record_many([_intent(registered, ctx, move.ledger) for ctx in changes])
    outbox.emit_many(move.ledger or f"{name}.{move.action}", kind=name, payloads={ctx.obj.pk: _told(ctx) for ctx in changes})
    made = [
        _trail(ctx.group, ctx.obj, action=move.action, source=ctx.source, actor=ctx.actor, reason=ctx.reason, at=ctx.now) for ctx in changes
    ]
    prepared.insert([*began, *made])


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
