"""The bulk door: many rows at once, 500 to a transaction.

A file's rows enter with one ledger entry for the file; objects that are there already make a move of
the system's together, each with an entry of its own.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound, WrongState
from marketplace.common.ids import uuid7
from marketplace.workflow import registry
from marketplace.workflow.context import Context
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import choose, enter, joined, lock_row, record
from marketplace.workflow.permission import may

M = TypeVar("M", bound=Stateful)

BATCH_ROWS = 500


def perform_many(action: str, objs: Sequence[M], actor: Actor) -> list[M]:
    """Insert up to 500 new objects by one move out of the initial state, in one transaction.

    The file's single ledger entry is written by `record_batch` when its last rows are in.
    Raises ValueError for more than 500 rows, WrongState where the table has no such move,
    and the refusals of `may`.
    """
    if len(objs) > BATCH_ROWS:
        raise ValueError(f"At most {BATCH_ROWS} rows go through the bulk door at once.")
    if not objs:
        return []
    registered = registry.of(objs[0])
    machine = registered.machine
    move = machine.find(action, machine.initial)
    if move is None:
        raise WrongState
    with transaction.atomic():
        now = clock.now()
        target = move.target or machine.initial
        rule = machine.states[target]
        answer = may(registered, actor, move, objs[0])
        if answer.refusal is not None:
            raise answer.refusal
        for obj in objs:
            obj.created_at = obj.updated_at = now
            obj.state = target
            obj.due_at = rule.due(obj, now) if rule.due else None
        return type(objs[0])._base_manager.bulk_create(objs)


def move_many(action: str, objs: Sequence[M]) -> list[M]:
    """Let the system make one move of up to 500 objects, all or none, as `perform` would make it of each.

    What the move does to many at once is registered as `bulk`; its rules see the parents that are locked here.
    Raises ValueError for more than 500, NotFound, WrongState, or a rule's own refusal.
    """
    if len(objs) > BATCH_ROWS:
        raise ValueError(f"At most {BATCH_ROWS} rows go through the bulk door at once.")
    if not objs:
        return []
    actor, registered = Actor.system(), registry.of(objs[0])
    with transaction.atomic():
        rows = _locked(registered, action, objs)
        # As in `perform`, the moment of the changes begins when all is locked.
        with clock.one_moment():
            _make(registered, action, rows, actor)
        return rows


def _make(registered: registry.Registered, action: str, rows: Sequence[Stateful], actor: Actor) -> None:
    now = clock.now()
    changes: list[Context[Any]] = [
        Context(obj=row, actor=actor, move=choose(registered, action, row, actor), now=now, group=uuid7(), source=row.state) for row in rows
    ]
    if guard := registered.guards.get(action):
        for ctx in changes:
            guard(ctx)
    if effect := registered.bulk.get(action):
        effect(changes)
    elif action in registered.effects:
        raise TypeError(f"{registered.machine.name}.{action} has an effect on one object and none on many.")
    for ctx in changes:
        enter(ctx)
    model = type(rows[0])
    columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=columns)
    record(registered, changes)
    for ctx in changes:
        for handler in registry.handlers_of(registered.machine.name, ctx.obj.state) if ctx.move.target else ():
            handler(ctx)


def _locked(registered: registry.Registered, action: str, objs: Sequence[M]) -> list[M]:
    """The rows, read afresh under their locks in id order, after their parents', each joined to the parent so locked."""
    asked = registered.locks.get(action, lambda obj: ())
    wanted = {(type(parent), parent.pk): parent for obj in objs for parent in asked(obj)}
    parents = [lock_row(parent) for parent in wanted.values()]
    manager = type(objs[0])._base_manager
    ids = [obj.pk for obj in objs]
    rows = list(manager.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))
    if len(rows) != len(set(ids)):
        raise NotFound
    return [joined(row, parents) for row in rows]


def record_batch(*, id: UUID, type: str, kind: str, actor: Actor, body: dict[str, Any], private: dict[str, Any]) -> None:
    """The one ledger entry of an imported file: its row count and the Merkle root of its rows."""
    with transaction.atomic():
        ledger.record(
            id=id,
            type=type,
            subject=ledger.Subject(kind=kind, id=id, public=True),
            actor=actor.ledger_id,
            at=clock.now(),
            body=body,
            private=private,
        )
