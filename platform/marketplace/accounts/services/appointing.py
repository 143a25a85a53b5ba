"""The platform's offices: given and ended by an administrator, one to a person."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Membership, Person, StaffAppointment, StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.codes import regions
from marketplace.common.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi


class HoldsAnOffice(Conflict):
    code = "holds_an_office"
    title = bi(
        "此人已任一职：各岗位互斥，请先结束原任职",
        "This person holds an office: offices exclude each other, end that one first",
    )


class HasMemberships(Conflict):
    code = "has_memberships"
    title = bi("此人属于某个单位，不能在平台任职", "A member of an organisation cannot hold an office")


class LastAdministrator(Conflict):
    code = "last_administrator"
    title = bi(
        "平台至少要有一名管理员：请先任命另一位",
        "The platform keeps at least one administrator: appoint another one first",
    )


class AdministratorExists(Conflict):
    code = "administrator_exists"
    title = bi(
        "已有管理员：其余任职由管理员办理",
        "There is an administrator already, who appoints all others",
    )


def appoint(*, actor: Actor, email: str, role: str, region_code: str = "") -> StaffAppointment:
    """Put the person with this verified address into an office, for one region or for all.

    Raises Forbidden for anyone but an administrator and for appointing oneself, NotFound without
    such a person, HoldsAnOffice, HasMemberships, Invalid for an unknown office or region.
    """
    demand_office(actor, StaffRole.ADMIN)
    person = Person.objects.filter(is_active=True, emailaddress__email=email.strip().lower(), emailaddress__verified=True).first()
    if person is None:
        text = bi("没有以此邮箱注册并验证的用户。", "Nobody has registered and verified this address.")
        raise NotFound(text, fields={"email": [text]})
    if person.pk == actor.person_id:
        raise Forbidden(bi("不能任命自己。", "Nobody appoints themselves."))
    _check_region(region_code)
    return _appoint(person, role=role, region_code=region_code, actor=actor)


def end(*, actor: Actor, appointment_id: UUID | str) -> StaffAppointment:
    """End an office at once; the last administrator's cannot be ended."""
    demand_office(actor, StaffRole.ADMIN)
    with transaction.atomic():
        in_force = StaffAppointment.objects.in_force().select_for_update().order_by("pk")
        admins = {row.pk for row in in_force.filter(role=StaffRole.ADMIN)}
        row = in_force.filter(pk=appointment_id).first()
        if row is None:
            raise NotFound
        if admins == {row.pk}:
            raise LastAdministrator
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        _log("staff.ended", row, actor)
    return row


def appoint_first_administrator(*, email: str) -> Person:
    """The one appointment without an administrator; AdministratorExists ever after.

    The address counts as verified: whoever runs the platform's machines vouches for it.
    """
    with transaction.atomic():
        if StaffAppointment.objects.in_force().filter(role=StaffRole.ADMIN).exists():
            raise AdministratorExists
        address = email.strip().lower()
        person = Person.objects.filter(email=address).first() or Person.objects.create_user(address)
        EmailAddress.objects.update_or_create(user=person, email=address, defaults={"verified": True, "primary": True})
        _appoint(person, role=StaffRole.ADMIN, region_code="", actor=Actor.system())
    return person


def _check_region(region_code: str) -> None:
    if region_code and region_code not in regions.PROVINCES:
        regions.check(region_code)


def _appoint(person: Person, *, role: str, region_code: str, actor: Actor) -> StaffAppointment:
    if role not in StaffRole.values:
        text = bi("没有这个岗位。", "There is no such office.")
        raise Invalid(text, fields={"role": [text]})
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.appointments.filter(ended_at=None).exists():
            raise HoldsAnOffice
        if Membership.objects.filter(person=person).exists():
            raise HasMemberships
        row = StaffAppointment.objects.create(person=person, role=role, region_code=region_code, appointed_by_id=actor.person_id)
        _log("staff.appointed", row, actor)
    return row


def _log(type: str, row: StaffAppointment, actor: Actor) -> None:
    """Every change of office is on the public log; the person only as a commitment."""
    actor_id: UUID | str = actor.ledger_id
    ledger.record(
        id=uuid7(),
        type=type,
        subject=ledger.Subject(kind="staff", id=row.pk, public=True),
        actor=actor_id,
        at=clock.now(),
        body={"role": row.role, "region_code": row.region_code},
        private={"person": str(row.person_id)},
    )
