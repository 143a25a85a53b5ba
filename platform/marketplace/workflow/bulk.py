"""The bulk door: a file's rows enter in transactions of 500 with one ledger entry for the file."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.workflow import registry
from marketplace.workflow.models import Stateful
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
