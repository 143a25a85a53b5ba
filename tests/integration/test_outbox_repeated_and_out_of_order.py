"""Events delivered again and again, in any order: what the real consumers have done is what one delivery in order does.

`make test` has sixty events, `make prove` ten thousand, each delivered one to five times.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from marketplace.accounts.services import membering
from marketplace.common import clock, outbox
from marketplace.common.models import OutboxEvent, OutboxReceipt
from marketplace.notices.models import Notice, StoredMail
from matching.app.models import Document
from tests.factories import accounts, catalogue, demands, funding, interests
from tests.factories.crowd import copies, of, text

pytestmark = [pytest.mark.django_db, pytest.mark.prove, pytest.mark.usefixtures("opener")]
Size = Callable[[int, int], int]
OF_DEMANDS = ("demand.published", "demand.reviewed", "demand.amended", "demand.closed", "demand.awarded")
OF_CAMPAIGNS = ("campaign.extended", "campaign.early_close_asked")
OF_ACHIEVEMENTS = ("achievement.edited", "achievement.published")


@pytest.fixture(autouse=True)
def _letters_are_kept(settings: Any) -> None:
    settings.EMAIL_BACKEND = "marketplace.notices.mail.StoredMailBackend"


def things(each: int) -> list[tuple[str, UUID, tuple[str, ...]]]:
    """So many objects of each kind of which there are consumers, with the topics that are told of them; letters are owed for some."""
    funder = funding.funder(600_000)
    campaign = funding.campaign([funder])
    funding.pledge(campaign, funder, 100_000)
    achievement = catalogue.achievement()
    company = accounts.organisation("company")
    invitation = membering.invite(actor=accounts.actor_for(company), email="first@example.org", roles=["member"])
    told = interests.in_the_world(accounts.actor_for(company), achievement)
    achievements = copies(achievement, each, ref=text(12))
    digests = copies(told["digest"], each, due_at=lambda place: clock.now() + timedelta(seconds=place))
    copies(told["digest.item"], each, digest_id=of(digests), object_id=of(achievements))
    rows = [
        ("demand", copies(demands.demand(), each, ref=""), OF_DEMANDS),
        ("campaign", [campaign], OF_CAMPAIGNS),
        ("achievement", achievements, OF_ACHIEVEMENTS),
        ("invitation", copies(invitation, each, email=lambda place: f"{place}@example.org"), ("invitation.made",)),
        ("digest", digests, ("digest.made",)),
    ]
    return [(kind, row.pk, topics) for kind, known, topics in rows for row in known]


def emitted(number: int, chance: random.Random) -> list[OutboxEvent]:
    """So many new events about those things, and nothing else that waits; each letter is asked for at least once."""
    known = things(max(number // 50, 4))
    OutboxEvent.objects.all().delete()
    drawn = [*known, *chance.choices(known, k=number - len(known))]
    for kind, object_id, topics in drawn:
        outbox.emit(chance.choice(topics), kind=kind, object_id=object_id, payload={})
    return list(OutboxEvent.objects.order_by("position"))


def effects() -> dict[str, Any]:
    """Everything that consumers have made, but for the moments and keys of the rows."""
    documents = Document.objects.values_list("corpus__name", "object_id", "fields", "attributes", "public", "content_hash")
    return {
        "notices": Counter(Notice.objects.values_list("organisation_id", "event_id", "topic", "object_id", "text_zh", "text_en", "path")),
        "letters": Counter((one.to, one.subject, one.body, str(one.headers)) for one in StoredMail.objects.all()),
        "index": Counter(map(str, documents)),
        "receipts": Counter(OutboxReceipt.objects.values_list("consumer", "event_id")),
        "waiting": OutboxEvent.objects.filter(delivered_at=None).count(),
    }


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is delivered inside has never been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def in_order() -> dict[str, Any]:
    """What the relay makes of what waits."""
    while outbox.relay():
        pass
    return effects()


def again_and_again(events: list[OutboxEvent], chance: random.Random) -> int:
    """Deliver each event one to five times, all in any order; how many deliveries there were."""
    deliveries = [event for event in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(deliveries)
    assert all(outbox.deliver(event) for event in deliveries)
    return len(deliveries)


def test_events_repeated_and_out_of_order_leave_what_one_delivery_in_order_leaves(at_size: Size, seed: int) -> None:
    chance, number = random.Random(seed), at_size(60, 10_000)
    events = emitted(number, chance)
    assert len(events) == number
    with undone():
        expected = in_order()
    assert expected["waiting"] == OutboxReceipt.objects.count() == 0
    assert len(expected["letters"]) == 2 * max(number // 50, 4)
    assert min(len(expected["notices"]), len(expected["index"])) > number // 50
    with undone(), pytest.MonkeyPatch.context() as patch:  # the twin: without the receipts letters are sent again
        patch.setattr(OutboxReceipt.objects, "get_or_create", lambda **_: (None, True))
        few = chance.sample(events, 60)
        again_and_again(few, chance)
        made = effects()
        assert made["letters"].total() > sum(event.kind in ("invitation", "digest") for event in few)
        assert max(made["notices"].values()) == 1  # these the database keeps from being told twice
    assert again_and_again(events, chance) > 2 * number
    assert effects() == expected


class Journal:
    """A consumer that depends on the order: it writes down which event of an object came, and fails at random before it has."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def __call__(self, event: OutboxEvent) -> None:
        StoredMail.objects.create(to=f"{event.object_id}@example.org", subject=event.payload["number"], created_at=clock.now())
        if self.chance.random() < 0.1:
            raise RuntimeError("killed before its end")

    @staticmethod
    def read() -> dict[str, list[int]]:
        """What was written of each object, in the order in which it was."""
        pages: dict[str, list[int]] = {}
        for to, number in StoredMail.objects.order_by("id").values_list("to", "subject"):
            pages.setdefault(to, []).append(int(number))
        return pages


@contextmanager
def journal(chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(outbox, "_consumers", {})
    outbox.consumer("", "journal")(Journal(chance))
    yield


def numbered(number: int, chance: random.Random) -> None:
    """So many events of a fortieth as many objects, each with its number."""
    objects = [UUID(int=chance.getrandbits(128)) for _ in range(max(number // 40, 3))]
    for place in range(number):
        outbox.emit("one.changed", kind="one", object_id=chance.choice(objects), payload={"number": place})


def test_the_relay_keeps_each_object_s_order_whatever_fails_or_is_delivered_again(
    at_size: Size, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, number = random.Random(seed), at_size(100, 10_000)
    with journal(chance, monkeypatch):
        numbered(number, chance)
        waiting = set(OutboxEvent.objects.values_list("pk", flat=True))
        while waiting:
            outbox.relay()
            # Killed behind the consumers' commit and before its own: a tenth of what this relay has done is delivered again.
            done = set(OutboxEvent.objects.filter(pk__in=waiting).exclude(delivered_at=None).values_list("pk", flat=True))
            again = {pk for pk in sorted(done) if chance.random() < 0.1} if chance.random() < 0.5 else set()
            OutboxEvent.objects.filter(pk__in=again).update(delivered_at=None)
            OutboxEvent.objects.filter(attempts__gt=0).update(next_attempt_at=None, attempts=0)
            waiting -= done - again
    pages = Journal.read()
    assert sum(map(len, pages.values())) == number
    assert all(page == sorted(page) for page in pages.values())
    assert OutboxEvent.objects.filter(dead=True).count() == 0


def test_twin_delivered_past_the_relay_the_order_is_lost(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    with journal(chance, monkeypatch):
        numbered(60, chance)
        again_and_again_until_done(chance)
    assert any(page != sorted(page) for page in Journal.read().values())


def again_and_again_until_done(chance: random.Random) -> None:
    """Deliver what waits in any order, as if nobody held back what comes behind a failure."""
    while waiting := list(OutboxEvent.objects.filter(delivered_at=None)):
        chance.shuffle(waiting)
        for event in waiting:
            outbox.deliver(event)
