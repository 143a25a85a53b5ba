"""Events that are delivered several times, in any order and by several at once leave what one delivery in order leaves.

At ten thousand events: `tests/integration/test_outbox_repeated_and_out_of_order.py`.
"""

import random
from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from marketplace.common import outbox
from marketplace.common.models import OutboxEvent, OutboxReceipt
from marketplace.notices.models import Notice
from tests.factories import closing as crowds
from tests.factories.racing import race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
TOPICS = ("pledge.captured", "pledge.released", "pledge.charged_back", "pledge.settled")
DELIVERERS = 4


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Counter[Any]:
    """How often each event was handed to a consumer that nothing but its receipt keeps from writing a letter again."""
    sent = Counter[Any]()
    counting = outbox.Consumer("test.letters", "", lambda event: sent.update([event.pk]))
    monkeypatch.setattr(outbox, "_consumers", {**outbox._consumers, counting.name: counting})
    return sent


def effects() -> tuple[Counter[tuple[Any, ...]], int]:
    """Everybody's notices, and how often a consumer has handled an event."""
    told = Notice.objects.values_list("event_id", "organisation_id", "topic", "object_id", "text_zh", "text_en", "path")
    return Counter(told), OutboxReceipt.objects.count()


def waiting_events(number: int) -> list[OutboxEvent]:
    """So many events of pledges, besides those of their campaign and of its demand."""
    pledges = [row.pk for row in crowds.crowd(number // len(TOPICS)).pledges.all()]
    for topic in TOPICS:
        with transaction.atomic():
            outbox.emit_many(topic, kind="pledge", payloads={pk: {} for pk in pledges})
    return list(OutboxEvent.objects.filter(delivered_at=None).order_by("position"))


def delivered(events: list[OutboxEvent]) -> list[bool]:
    return [outbox.deliver(event) for event in events]


def once_in_order(events: list[OutboxEvent]) -> tuple[Counter[tuple[Any, ...]], int]:
    """What one delivery in order leaves; it is taken back."""
    with transaction.atomic():
        assert all(delivered(events))
        left = effects()
        transaction.set_rollback(True)
    return left


def in_any_order(events: list[OutboxEvent], chance: random.Random) -> list[OutboxEvent]:
    """Each one to five times, shuffled."""
    copies = [event for event in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(copies)
    return copies


def delivered_anyhow(events: list[OutboxEvent], chance: random.Random) -> None:
    """By several at once, each event one to five times, in an order of the seed's."""
    copies = in_any_order(events, chance)
    results = race(*(lambda part=part: delivered(copies[part::DELIVERERS]) for part in range(DELIVERERS)), seconds=900)
    assert all(all(one) for one in results), results


def test_many_deliveries_in_any_order_leave_what_one_in_order_leaves(seed: int, letters: Counter[Any]) -> None:
    events = waiting_events(40)
    assert len(events) >= 40
    wanted = once_in_order(events)
    assert wanted[0].total() >= len(events) // 2
    letters.clear()
    delivered_anyhow(events, random.Random(seed))
    assert effects() == wanted
    assert letters == Counter(event.pk for event in events)
    assert not OutboxEvent.objects.filter(delivered_at=None).exists()


def test_twin_without_receipts_a_letter_is_sent_as_often_as_it_is_delivered(
    seed: int, letters: Counter[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = waiting_events(8)
    monkeypatch.setattr(OutboxReceipt.objects, "get_or_create", lambda **asked: (None, True))
    delivered_anyhow(events, random.Random(seed))
    assert letters.total() > len(events)
