"""Reads of certificates and deposits."""

from uuid import UUID

from django.db.models import QuerySet

from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.text import storable
from marketplace.evidence.models import Certificate, Deposit, Timestamp
from marketplace.evidence.numbers import read_number


def certificate_by_number(text: str) -> Certificate | None:
    """The certificate of a number, however it was typed, or None. Whoever can name a number may know what it covers, not its contents."""
    number = read_number(text)
    return Certificate.objects.select_related("organisation").filter(number=number).first() if number else None


def certificate(text: str) -> Certificate:
    """The same, NotFound where there is none."""
    found = certificate_by_number(text)
    if found is None:
        raise NotFound
    return found


def asked_by(actor: Actor, found: Certificate) -> bool:
    """Whether the actor's side asked for this certificate: only they may download what it discloses."""
    if actor.organisation_id is not None:
        return found.organisation_id == actor.organisation_id
    return actor.person_id is not None and found.organisation_id is None and found.asked_by == actor.person_id


def certificates_of(actor: Actor, kind: str, object_id: UUID) -> list[Certificate]:
    """The certificates of an object that the actor's side asked for, newest first."""
    rows = Certificate.objects.filter(kind=kind, object_id=object_id).order_by("-id")
    mine = {"organisation": actor.organisation_id} if actor.organisation_id else {"organisation": None, "asked_by": actor.person_id}
    return list(rows.filter(**mine)[:50])


def deposits_for(actor: Actor, *, sha256: str = "") -> QuerySet[Deposit]:
    """The deposits of the actor's side, or those of one hash, newest first; nobody else's, whatever their office.

    Whoever acts for an organisation sees that one's, whoever acts for none those in their own name.
    """
    if actor.person_id is None:
        return Deposit.objects.none()
    rows = _of_side(actor.organisation_id, actor.person_id).select_related("organisation", "file").order_by("-id")
    wanted = storable(sha256.strip().lower())
    return rows.filter(sha256=wanted) if wanted else rows


def deposit_for(actor: Actor, deposit_id: UUID | str) -> Deposit:
    """One deposit of the actor's side, or NotFound."""
    found = deposits_for(actor).filter(pk=deposit_id).first()
    if found is None:
        raise NotFound
    return found


def earlier_of(deposit: Deposit) -> list[Deposit]:
    """The depositor's earlier deposits of the same hash, oldest first."""
    rows = _of_side(deposit.organisation_id, deposit.person_id).filter(sha256=deposit.sha256, pk__lt=deposit.pk)
    return list(rows.select_related("file").order_by("id")[:50])


def timestamps() -> QuerySet[Timestamp]:
    """The stamped checkpoints, newest first: they are for everybody, as checkpoints are."""
    return Timestamp.objects.order_by("-size")


def _of_side(organisation_id: UUID | None, person_id: UUID) -> QuerySet[Deposit]:
    """An organisation's deposits, or those that a person made in their own name."""
    if organisation_id is None:
        return Deposit.objects.filter(organisation=None, person_id=person_id)
    return Deposit.objects.filter(organisation_id=organisation_id)
