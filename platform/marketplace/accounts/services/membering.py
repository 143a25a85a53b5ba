"""Who belongs to an organisation, with which roles; it always keeps a manager."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import (
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    Person,
    StaffAppointment,
)
from marketplace.accounts.permissions import demand_manager, demand_organisation, demand_person
from marketplace.accounts.services.organising import StaffHaveNoOrganisation
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Invalid, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi

INVITATION_LIFE = timedelta(days=14)


class LastManager(Conflict):
    code = "last_manager"
    title = bi(
        "单位至少要有一名管理员：请先指定另一位",
        "An organisation keeps at least one manager: name another one first",
    )


def invite(*, actor: Actor, email: str, roles: Iterable[str]) -> Invitation:
    """Offer membership to an address; whoever proves to hold it may accept within 14 days.

    The answer is the same whether or not the address has an account. A second invitation to the
    same address replaces the first.
    """
    organisation_id, person_id = demand_manager(actor), demand_person(actor)
    moment = clock.now()
    with transaction.atomic():
        invitation, _ = Invitation.objects.update_or_create(
            organisation_id=organisation_id,
            email=email.strip().lower(),
            defaults={
                "roles": _known(roles),
                "invited_by_id": person_id,
                "created_at": moment,
                "expires_at": moment + INVITATION_LIFE,
            },
        )
        outbox.emit("invitation.made", kind="invitation", object_id=invitation.pk, payload={})
    return invitation


def accept(*, person: Person, invitation_id: UUID | str) -> Membership:
    """Take up an invitation to one's own verified address; roles already held are kept.

    Raises NotFound for anyone else's or an expired one, StaffHaveNoOrganisation for staff.
    """
    with transaction.atomic():
        invitation = _own(person, invitation_id)
        if StaffAppointment.objects.in_force().filter(person=person).exists():
            raise StaffHaveNoOrganisation
        membership = Membership.objects.filter(person=person, organisation_id=invitation.organisation_id).first() or Membership(
            person=person, organisation_id=invitation.organisation_id, roles=[]
        )
        membership.roles = sorted({*membership.roles, *invitation.roles})
        membership.save()
        invitation.delete()
        _log("membership.granted", membership, actor_id=invitation.organisation_id)
    return membership


def decline(*, person: Person, invitation_id: UUID | str) -> None:
    """Turn an invitation down; the address is forgotten with it."""
    with transaction.atomic():
        _own(person, invitation_id).delete()


def set_roles(*, actor: Actor, person_id: UUID | str, roles: Iterable[str]) -> Membership:
    """Give a member exactly these roles; refuses with LastManager when nobody would manage."""
    organisation_id = demand_manager(actor)
    wanted = _known(roles)
    with transaction.atomic():
        membership = _member(organisation_id, person_id)
        if MemberRole.MANAGER not in wanted:
            _keep_a_manager(membership)
        membership.roles = wanted
        membership.save(update_fields=["roles"])
        _log("membership.granted", membership, actor_id=actor.ledger_id)
    return membership


def remove(*, actor: Actor, person_id: UUID | str) -> None:
    """End a membership, one's own or (as manager) another's; its API keys die with it."""
    oneself = str(person_id) == str(actor.person_id)
    organisation_id = demand_organisation(actor) if oneself else demand_manager(actor)
    with transaction.atomic():
        membership = _member(organisation_id, person_id)
        _keep_a_manager(membership)
        _log("membership.ended", membership, actor_id=actor.ledger_id)
        membership.delete()


def _known(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    if not wanted or not set(wanted) <= set(MemberRole.values):
        text = bi(
            "角色须为 manager、signatory、finance、member 之中的一项或多项。",
            "Roles are one or more of manager, signatory, finance and member.",
        )
        raise Invalid(text, fields={"roles": [text]})
    return wanted


def _own(person: Person, invitation_id: UUID | str) -> Invitation:
    """The invitation, locked, if it went to an address that the person has proved to hold."""
    addresses = EmailAddress.objects.filter(user=person, verified=True).values("email")
    invitation = Invitation.objects.select_for_update().filter(pk=invitation_id, email__in=addresses, expires_at__gt=clock.now()).first()
    if invitation is None:
        raise NotFound
    return invitation


def _member(organisation_id: UUID, person_id: UUID | str) -> Membership:
    """The membership, after the organisation's row is locked: changes of members take turns."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    membership = Membership.objects.filter(organisation_id=organisation_id, person_id=person_id).first()
    if membership is None:
        raise NotFound
    return membership


def _keep_a_manager(leaving: Membership) -> None:
    others = Membership.objects.filter(organisation_id=leaving.organisation_id, roles__contains=[MemberRole.MANAGER]).exclude(pk=leaving.pk)
    if MemberRole.MANAGER in leaving.roles and not others.exists():
        raise LastManager


def _log(type: str, membership: Membership, *, actor_id: UUID | str) -> None:
    """Who may sign for an organisation, and since when, can be proved; the public log names nobody."""
    ledger.record(
        id=uuid7(),
        type=type,
        subject=ledger.Subject(kind="organisation", id=membership.organisation_id, public=True),
        actor=actor_id,
        at=clock.now(),
        body={},
        private={"person": str(membership.person_id), "roles": ",".join(membership.roles)},
    )
