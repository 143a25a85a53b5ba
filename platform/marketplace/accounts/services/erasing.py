"""Forgetting a person: the personal columns are emptied, the id stays for the audit trail."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import ApiKey, Invitation, Membership, Person
from marketplace.accounts.services import membering
from marketplace.accounts.services.appointing import HoldsAnOffice
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.common.models import StoredFile

Forget = Callable[[UUID, datetime], None]
_rooms: list[Forget] = []


def register(forget: Forget) -> None:
    """Let a room above forget what it holds of a person by id, in the same transaction (called once, when the apps are ready)."""
    _rooms.append(forget)


def erase(*, person: Person) -> Person:
    """Empty every personal column, end memberships, keys and sessions; what they did stays provable without them.

    Raises LastManager where an organisation would be left without one, HoldsAnOffice for staff.
    """
    with transaction.atomic():
        fresh = Person.objects.select_for_update().get(pk=person.pk)
        if fresh.appointments.filter(ended_at=None).exists():
            raise HoldsAnOffice
        for membership in Membership.objects.filter(person=fresh):
            leaving = Actor(person_id=fresh.pk, organisation_id=membership.organisation_id, roles=frozenset(membership.roles))
            membering.remove(actor=leaving, person_id=fresh.pk)
        moment = clock.now()
        ApiKey.objects.filter(person=fresh, revoked_at=None).update(revoked_at=moment)
        for session in UserSession.objects.filter(user=fresh):
            session.end()
        Authenticator.objects.filter(user=fresh).delete()
        Invitation.objects.filter(email=fresh.email).delete()
        # What they had kept in their own name, and nobody else can ask for.
        for stored in StoredFile.objects.filter(owner_id=fresh.pk, erased_at=None):
            files.erase(stored)
        for forget in _rooms:
            forget(fresh.pk, moment)
        EmailAddress.objects.filter(user=fresh).delete()
        # RFC 2606 keeps .invalid free for addresses that can never exist.
        fresh.email = f"{fresh.pk}@erased.invalid"
        fresh.name = ""
        fresh.is_active = False
        fresh.erased_at = moment
        fresh.set_unusable_password()
        fresh.save()
        # What the ledger committed to of this person stays, and can be opened by nobody.
        ledger.erase(str(fresh.pk), at=moment)
    return fresh
