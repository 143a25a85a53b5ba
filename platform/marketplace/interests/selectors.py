"""Every read of saved searches and digests: a person's own, in the organisation they act for."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.demands import selectors as demands
from marketplace.demands.services import corpora
from marketplace.demands.services.corpora import Thing
from marketplace.interests.models import Digest, DigestItem, Interest, InterestKind


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing of a digest as it is now; `thing` is None once it is no longer public."""

    item: DigestItem
    thing: Thing | None


def interests_for(actor: Actor) -> QuerySet[Interest]:
    """The caller's own, the newest first; nobody else reads them, not even a colleague."""
    if actor.person_id is None or actor.organisation_id is None:
        return Interest.objects.none()
    own = Interest.objects.filter(membership__person_id=actor.person_id, membership__organisation_id=actor.organisation_id)
    return own.select_related("membership").order_by("-id")


def interest_for(actor: Actor, pk: UUID | str) -> Interest:
    """One of the caller's own, or NotFound."""
    row = interests_for(actor).filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def digests_for(actor: Actor) -> QuerySet[Digest]:
    """What the caller was sent, the newest first, each with its number of things as `number`."""
    if actor.person_id is None or actor.organisation_id is None:
        return Digest.objects.none()
    own = Digest.objects.filter(membership__person_id=actor.person_id, membership__organisation_id=actor.organisation_id)
    return own.annotate(number=Count("items")).order_by("-id")


def digest_for(actor: Actor, pk: UUID | str) -> Digest:
    """One of the caller's own digests, or NotFound."""
    row = digests_for(actor).filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def shown(digest: Digest) -> list[Shown]:
    """The things of a digest in their order, each only while anybody may see it."""
    items = list(digest.items.order_by("rank"))
    things = public_things(digest.kind, (item.object_id for item in items))
    return [Shown(item, things.get(item.object_id)) for item in items]


def public_things(kind: str, ids: Iterable[UUID]) -> dict[UUID, Thing]:
    """Those of the things that everybody may see; a demand that was published stays in view after it closed."""
    rows = demands.demands_for(Actor.anonymous()) if kind == InterestKind.DEMAND else corpora.public(kind)
    return {row.pk: row for row in rows.filter(pk__in=list(ids))}
