"""Reads of notices and stored mail."""

from django.db.models import Q, QuerySet

from marketplace.common.actor import Actor
from marketplace.common.text import storable
from marketplace.notices.models import Notice, StoredMail

NEWEST_MAILS = 200


def notices_for(actor: Actor) -> QuerySet[Notice]:
    """What the caller's organisation has been told, and the caller alone, newest first."""
    if actor.organisation_id is None:
        return Notice.objects.none()
    for_all_or_me = Q(member=None) | Q(member__person_id=actor.person_id)
    return Notice.objects.filter(for_all_or_me, organisation_id=actor.organisation_id).order_by("-id")


def unread(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those of them that nobody has read."""
    return rows.filter(read_at__isnull=True)


def unread_count(actor: Actor) -> int:
    """How many notices of the caller's nobody has read."""
    return unread(notices_for(actor)).count()


def mails_to(address: str = "") -> QuerySet[StoredMail]:
    """Stored mail, newest first; to one address where one is given."""
    rows = StoredMail.objects.order_by("-id")
    return rows.filter(to=storable(address.lower())) if address else rows
