"""The deadline sweeper: what nobody did in time, the system does, so that no state is a limbo."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.common.policy import Policy
from marketplace.workflow import registry
from marketplace.workflow.machine import ESCALATE
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import perform
from marketplace.workflow.registry import Registered

log = structlog.get_logger(__name__)

BATCH = 200


def sweep() -> int:
    """Perform the way out of every overdue object, once each; returns how many moved on."""
    return sum(_sweep_machine(registered) for registered in registry.everyone())


def _sweep_machine(registered: Registered) -> int:
    now = clock.now()
    waiting = registered.model._base_manager.filter(due_at__lte=now).order_by("due_at").values_list("pk")
    return sum(_move_on(registered, pk) for (pk,) in waiting[:BATCH])


def _move_on(registered: Registered, pk: UUID) -> bool:
    """One overdue object: the first way out that is possible now, else escalation."""
    obj = registered.model._base_manager.filter(pk=pk).first()
    if obj is None or obj.due_at is None or obj.due_at > clock.now():
        return False
    for action in obj.state_rule.on_timeout:
        if action == ESCALATE:
            break
        try:
            perform(action, obj, Actor.system())
        except DomainError as refusal:
            log.info("timeout_not_possible", action=action, object=str(pk), why=refusal.code)
        except OperationalError as busy:
            log.warning("timeout_postponed", action=action, object=str(pk), why=str(busy))
            return False
        except Exception:  # one faulty object must not stop the clock of all others
            log.exception("timeout_failed", action=action, object=str(pk))
            return False
        else:
            return True
    return _escalate(registered, obj)


def _escalate(registered: Registered, seen: Stateful) -> bool:
    """Count that nobody acted in time, say so in an outbox event, and ask again after the escalation time."""
    with transaction.atomic():
        rows = registered.model._base_manager.select_for_update(skip_locked=True, no_key=True)
        obj = rows.filter(pk=seen.pk, state=seen.state, due_at=seen.due_at).first()
        if obj is None:
            return False
        wait = Policy.from_json(obj.policy).escalation_seconds
        obj.escalations += 1
        obj.due_at = clock.now() + timedelta(seconds=wait)
        obj.save(update_fields=["escalations", "due_at"])
        outbox.emit(
            f"{registered.machine.name}.escalated",
            kind=registered.machine.name,
            object_id=obj.pk,
            payload={
                "state": obj.state,
                "owner": obj.state_rule.owner,
                "escalations": obj.escalations,
            },
        )
        return True
