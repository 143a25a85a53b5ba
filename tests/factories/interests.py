"""Saved searches and digests for tests, by the real services."""

from contextlib import AbstractContextManager
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.interests.models import Digest, DigestItem, Interest
from marketplace.interests.services import saving
from tests.factories import accounts

TOPIC = "钠离子电池"


def interest(home: Organisation | None = None, *, actor: Actor | None = None, **fields: Any) -> Interest:
    """A saved search for achievements on the topic, of the first person of a (new, verified) company, told every day at nine."""
    person = actor or accounts.actor_for(home or accounts.organisation("company"))
    return saving.interest_save(actor=person, fields={"kind": "achievement", "text": TOPIC, **fields})


def owner(row: Interest) -> Actor:
    """The actor whose search it is."""
    return accounts.actor_for(row.membership.organisation, person_id=row.membership.person_id)


def at_its_time(row: Interest, *, late: float = 1) -> AbstractContextManager[None]:
    """Inside, the clock stands so many seconds behind the search's next time."""
    row.refresh_from_db()
    return clock.shifted((row.next_at - clock.now()).total_seconds() + late)


def told(row: Interest) -> list[list[str]]:
    """What its digests held, oldest first: the ids of the things in their order."""
    digests = Digest.objects.filter(interest=row).order_by("id")
    return [[str(item.object_id) for item in digest.items.order_by("rank")] for digest in digests]


def in_the_world(actor: Actor, thing: Achievement) -> dict[str, Any]:
    """A search whose words are secrets, and a digest with one public thing."""
    row = interest(actor=actor, name="canary-interest-name", text="canary-interest-topic")
    now = clock.now()
    digest = Digest.objects.create(membership=row.membership, interest=row, name=row.name, kind=row.kind, due_at=now, made_at=now)
    item = DigestItem.objects.create(digest=digest, membership=row.membership, object_id=thing.pk, rank=1, score=0.5, words=["电池"])
    return {"interest": row, "digest": digest, "digest.item": item}
