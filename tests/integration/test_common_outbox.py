"""The outbox: with the change or not at all, in order, once for each consumer, and never dropped in silence."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from marketplace.common import clock, outbox
from marketplace.common.ids import uuid7
from marketplace.common.models import OutboxEvent, OutboxReceipt

pytestmark = pytest.mark.django_db


class Sink:
    """A consumer that remembers what it was handed, and fails while told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.failing: set[str] = set()

    def __call__(self, event: OutboxEvent) -> None:
        self.seen.append(event.topic)
        # Whatever a consumer writes stands or falls with its receipt.
        outbox.emit("noted.down", kind="note", object_id=event.id, payload={})
        if event.topic in self.failing:
            raise RuntimeError("the consumer is out of order")


@pytest.fixture
def consume(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Sink]:
    """Consumers of this test alone."""
    monkeypatch.setattr(outbox, "_consumers", {})

    def register(prefix: str, name: str) -> Sink:
        sink = Sink()
        outbox.consumer(prefix, name)(sink)
        return sink

    return register


def emit(topic: str, object_id: UUID | None = None) -> OutboxEvent:
    with transaction.atomic():
        return outbox.emit(topic, kind="thing", object_id=object_id or uuid7(), payload={"n": 1})


def rest_over() -> None:
    OutboxEvent.objects.update(next_attempt_at=clock.now() - timedelta(seconds=1))


def deliveries() -> int:
    """Relay what waits of this test's own topics; the sinks' notes are not counted."""
    OutboxEvent.objects.filter(topic="noted.down").delete()
    return outbox.relay()


def test_each_consumer_is_handed_the_topics_it_asked_for(consume: Callable[[str, str], Sink]) -> None:
    demands, everything = consume("demand.", "index"), consume("", "tell")
    emit("demand.published")
    emit("bid.opened")
    assert outbox.relay() == 2
    assert (demands.seen, everything.seen) == (["demand.published"], ["demand.published", "bid.opened"])
    assert set(OutboxEvent.objects.filter(delivered_at=None).values_list("topic", flat=True)) == {"noted.down"}


def test_a_rollback_takes_the_event_with_the_change(consume: Callable[[str, str], Sink]) -> None:
    sink = consume("", "tell")

    @transaction.atomic
    def change() -> None:
        outbox.emit("demand.published", kind="demand", object_id=uuid7(), payload={})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert outbox.relay() == 0
    assert sink.seen == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.emit("demand.published", kind="demand", object_id=uuid7(), payload={})
    assert OutboxEvent.objects.count() == 0


def test_a_second_delivery_of_the_same_event_changes_nothing(consume: Callable[[str, str], Sink]) -> None:
    sink = consume("", "tell")
    event = emit("demand.published")
    assert outbox.deliver(event)
    assert outbox.deliver(event)
    assert sink.seen == ["demand.published"]
    assert OutboxReceipt.objects.filter(event_id=event.id).count() == 1


def test_after_a_failure_only_the_consumer_that_failed_is_asked_again(consume: Callable[[str, str], Sink]) -> None:
    first, second = consume("", "a-first"), consume("", "b-second")
    second.failing = {"demand.published"}
    event = emit("demand.published")
    assert deliveries() == 0
    second.failing = set()
    assert deliveries() == 0  # it rests before it is tried again
    rest_over()
    assert deliveries() == 1
    assert (first.seen, second.seen) == (["demand.published"], ["demand.published"] * 2)
    event.refresh_from_db()
    assert (event.attempts, event.dead) == (1, False)


def test_what_a_failing_consumer_wrote_is_undone(consume: Callable[[str, str], Sink]) -> None:
    sink = consume("demand.", "tell")
    sink.failing = {"demand.published"}
    event = emit("demand.published")
    assert outbox.relay() == 0
    assert not OutboxEvent.objects.filter(topic="noted.down").exists()
    assert not OutboxReceipt.objects.filter(event_id=event.id).exists()


def test_events_of_one_object_arrive_in_order_and_a_failure_holds_up_that_object_alone(consume: Callable[[str, str], Sink]) -> None:
    sink = consume("", "tell")
    stuck, other = uuid7(), uuid7()
    sink.failing = {"one.first"}
    for topic, object_id in (("one.first", stuck), ("two.first", other), ("one.second", stuck), ("two.second", other)):
        emit(topic, object_id)
    assert deliveries() == 2
    assert sink.seen == ["one.first", "two.first", "two.second"]
    sink.failing = set()
    rest_over()
    assert deliveries() == 2
    assert sink.seen[-2:] == ["one.first", "one.second"]


def test_an_event_that_keeps_failing_is_set_aside_shown_and_lets_the_others_pass(consume: Callable[[str, str], Sink]) -> None:
    sink = consume("demand.", "tell")
    sink.failing = {"demand.broken"}
    object_id = uuid7()
    event = emit("demand.broken", object_id)
    emit("demand.later", object_id)
    for _ in range(outbox.MAX_ATTEMPTS):
        rest_over()
        assert outbox.relay() == 0
    rest_over()
    assert outbox.relay() == 1
    event.refresh_from_db()
    assert (event.dead, event.attempts, event.delivered_at) == (True, 8, None)
    assert "tell: RuntimeError('the consumer is out of order')" in event.last_error
    assert sink.seen == ["demand.broken"] * 8 + ["demand.later"]


def test_each_failure_waits_longer_than_the_one_before(consume: Callable[[str, str], Sink]) -> None:
    consume("demand.", "tell").failing = {"demand.broken"}
    event = emit("demand.broken")
    waits = []
    for _ in range(4):
        rest_over()
        outbox.relay()
        event.refresh_from_db()
        waits.append(round((event.next_attempt_at - clock.now()).total_seconds()))
    assert waits == [2, 4, 8, 16]


def test_the_lag_is_the_age_of_the_oldest_that_waits(consume: Callable[[str, str], Sink]) -> None:
    consume("", "tell")
    assert outbox.lag_seconds() == 0
    event = emit("demand.published")
    OutboxEvent.objects.filter(pk=event.pk).update(created_at=clock.now() - timedelta(seconds=40))
    assert 40 <= outbox.lag_seconds() < 45
    outbox.deliver(event)
    OutboxEvent.objects.filter(topic="noted.down").delete()
    assert outbox.lag_seconds() == 0


def test_what_a_consumer_refuses_and_what_waits_behind_it_is_no_lag_of_the_relay(consume: Callable[[str, str], Sink]) -> None:
    consume("demand.", "index").failing.add("demand.published")
    refused = emit("demand.published")
    behind, other = emit("demand.closed", refused.object_id), emit("bid.opened")
    OutboxEvent.objects.update(created_at=clock.now() - timedelta(seconds=40))
    assert outbox.lag_seconds() >= 40
    outbox.relay()
    delivered = [OutboxEvent.objects.get(pk=event.pk).delivered_at is not None for event in (refused, behind, other)]
    assert delivered == [False, False, True]
    assert outbox.lag_seconds() == 0


def test_a_consumer_s_name_is_taken_once(consume: Callable[[str, str], Sink]) -> None:
    consume("", "tell")
    with pytest.raises(ValueError, match="'tell'"):
        consume("demand.", "tell")
