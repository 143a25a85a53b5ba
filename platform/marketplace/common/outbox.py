"""The outbox: what happened is written with the change and delivered afterwards, at least once.

PostgreSQL holds the truth and the broker is only a hint. Each consumer handles an event once
(a receipt is written in the same transaction as its effect), events of one object arrive in
order, and an event that keeps failing is set aside as dead and shown, never dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from marketplace.common import clock, prepared
from marketplace.common.models import OutboxEvent, OutboxReceipt

log = structlog.get_logger(__name__)

Handler = Callable[[OutboxEvent], None]

MAX_ATTEMPTS = 8
RELAY_LOCK = 0x6A71_0001


@dataclass(frozen=True, slots=True)
class Consumer:
    name: str
    prefix: str
    handler: Handler


_consumers: dict[str, Consumer] = {}


def consumer(prefix: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler for every topic that starts with the prefix; names are unique."""

    def register(handler: Handler) -> Handler:
        if name in _consumers and _consumers[name].handler is not handler:
            raise ValueError(f"An outbox consumer named {name!r} is registered already.")
        _consumers[name] = Consumer(name, prefix, handler)
        return handler

    return register


def emit(topic: str, *, kind: str, object_id: UUID, payload: dict[str, Any]) -> OutboxEvent:
    """Write an event beside the change that caused it; a rollback takes both."""
    return emit_many(topic, kind=kind, payloads={object_id: payload})[0]


def emit_many(topic: str, *, kind: str, payloads: Mapping[UUID, dict[str, Any]]) -> list[OutboxEvent]:
    """Write one event for each object, by one statement, beside the change that caused them."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Events are written inside a transaction.")
    now = clock.now()
    events = [
        OutboxEvent(topic=topic, kind=kind, object_id=object_id, payload=payload, created_at=now) for object_id, payload in payloads.items()
    ]
    if events:
        prepared.insert(events)
    return events


def relay(limit: int = 500) -> int:
    """Deliver waiting events in order; returns how many were delivered. One relay runs at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RELAY_LOCK])
        (mine,) = cursor.fetchone()
    if not mine:
        return 0
    try:
        return _relay_waiting(limit)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [RELAY_LOCK])


def _relay_waiting(limit: int) -> int:
    now = clock.now()
    waiting = OutboxEvent.objects.filter(delivered_at__isnull=True, dead=False)
    blocked: set[UUID] = set()
    delivered = 0
    for event in waiting.order_by("position")[:limit]:
        resting = event.next_attempt_at is not None and event.next_attempt_at > now
        if event.object_id in blocked or resting:
            blocked.add(event.object_id)
        elif deliver(event):
            delivered += 1
        else:
            blocked.add(event.object_id)
    return delivered


def deliver(event: OutboxEvent) -> bool:
    """Hand one event to every consumer that has not handled it yet; False when one failed."""
    for each in list(_consumers.values()):
        if not event.topic.startswith(each.prefix):
            continue
        try:
            with transaction.atomic():
                _, fresh = OutboxReceipt.objects.get_or_create(consumer=each.name, event_id=event.id, defaults={"handled_at": clock.now()})
                if fresh:
                    each.handler(event)
        except Exception as failure:  # noqa: BLE001 - whatever fails waits and is tried again
            _failed(event, each, failure)
            return False
    OutboxEvent.objects.filter(pk=event.pk).update(delivered_at=clock.now())
    return True


def _failed(event: OutboxEvent, consumer: Consumer, failure: Exception) -> None:
    attempts = event.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    OutboxEvent.objects.filter(pk=event.pk).update(
        attempts=attempts,
        dead=dead,
        last_error=f"{consumer.name}: {failure!r}"[:2000],
        next_attempt_at=clock.now() + timedelta(seconds=min(2**attempts, 300)),
    )
    log.error(
        "outbox_delivery_failed",
        topic=event.topic,
        consumer=consumer.name,
        attempts=attempts,
        dead=dead,
        exc_info=failure,
    )


def lag_seconds() -> float:
    """How long the relay is behind: age in seconds of the oldest event that it has not looked at; 0 when there is none.

    What a consumer refuses is tried again and told in the log; it, and what waits behind it, does not count here.
    """
    waiting = OutboxEvent.objects.filter(delivered_at__isnull=True, dead=False)
    untried = waiting.filter(attempts=0).exclude(object_id__in=waiting.filter(attempts__gt=0).values("object_id"))
    oldest = untried.order_by("position").values_list("created_at", flat=True).first()
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
