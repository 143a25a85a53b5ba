"""People, organisations, staff and callers for tests: plain functions with short names and valid defaults."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from rest_framework.test import APIClient

from marketplace.accounts.models import ApiKey, Membership, Organisation, Person, StaffAppointment
from marketplace.accounts.services import keys
from marketplace.common import clock
from marketplace.common.actor import ALL_SCOPES, Actor
from marketplace.common.codes import uscc
from marketplace.workflow.performing import begin, perform

PASSWORD = "a-long-password-for-tests"
EVERY_ROLE = ("manager", "signatory", "finance")

_numbers = count(1)


def credit_code(number: int | None = None, region: str = "110108") -> str:
    """A well-formed credit code with a right check character, new at each call."""
    subject = f"{next(_numbers) if number is None else number:09d}"
    first = f"91{region}{subject}"
    return first + uscc.check_character(first)


def person(*, email: str | None = None, name: str = "李雷", language: str = "zh-hans", password: str | None = PASSWORD) -> Person:
    """Someone whose address is verified and who can sign in."""
    address = email or f"person{next(_numbers)}@example.org"
    made = Person.objects.create_user(address, password, name=name, language=language)
    EmailAddress.objects.create(user=made, email=address, verified=True, primary=True)
    return made


def member(organisation: Organisation, *, roles: Iterable[str] = EVERY_ROLE, **fields: Any) -> Person:
    """A new person who belongs to the organisation."""
    made = person(**fields)
    Membership.objects.create(person=made, organisation=organisation, roles=sorted(roles))
    return made


def staff(role: str = "reviewer", *, region: str = "", factor: bool = True, **fields: Any) -> Person:
    """A new person who holds an office of the platform, with a second factor set up."""
    made = person(**fields)
    StaffAppointment.objects.create(person=made, role=role, region_code=region)
    if factor:
        Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": "never-used-by-tests"})
    return made


def staff_actor(role: str = "reviewer", *, region: str = "") -> Actor:
    """The actor of a new holder of an office."""
    return Actor(person_id=staff(role, region=region).pk, staff=role, staff_region=region or None)


def organisation(
    kind: str = "company",
    *,
    verified: bool = True,
    name_zh: str | None = None,
    name_en: str = "",
    region: str = "110108",
    code: str | None = None,
) -> Organisation:
    """An organisation with one member who holds every role; verified by way of the real moves unless told otherwise."""
    row = Organisation(
        kind=kind,
        name_zh=name_zh or f"测试单位{next(_numbers)}",
        name_en=name_en,
        region_code=region,
        uscc=code or credit_code(region=region),
    )
    begin(row, Actor.system())
    member(row)
    if verified:
        row = perform("submit", row, actor_for(row))
        row = perform("verify", row, staff_actor("reviewer"))
    return row


def actor_for(
    row: Organisation, *, roles: Iterable[str] = EVERY_ROLE, scopes: Iterable[str] = ALL_SCOPES, person_id: UUID | None = None
) -> Actor:
    """The actor of a member of the organisation: its first person unless another is named."""
    return Actor(
        person_id=person_id or Membership.objects.filter(organisation=row).order_by("id").values_list("person_id", flat=True).first(),
        organisation_id=row.pk,
        organisation_kind=row.kind,
        verified=row.is_verified,
        roles=frozenset(roles),
        scopes=frozenset(scopes),
    )


def api_key(
    row: Organisation, *, scopes: Iterable[str] = ("read", "write"), days: int = 30, person_id: UUID | None = None
) -> tuple[ApiKey, str]:
    """A key of the organisation, and its token."""
    actor = actor_for(row, person_id=person_id)
    return keys.make_key(actor=actor, name="tests", scopes=scopes, days=days, reauthenticated=True)


def api_client(
    who: Person | Organisation | None = None, *, token: str | None = None, organisation: Organisation | None = None
) -> APIClient:
    """A client of the API: anonymous, with a key's token, or signed in by cookie as a person or as an organisation's first member."""
    client = APIClient()
    if token is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    signed_in = who
    if isinstance(who, Organisation):
        organisation = organisation or who
        signed_in = Membership.objects.filter(organisation=who).order_by("id").select_related("person")[0].person
    if isinstance(signed_in, Person):
        client.force_login(signed_in)
    if organisation is not None:
        client.credentials(HTTP_X_ORGANISATION=str(organisation.pk))
    return client


def a_moment_ago(seconds: float = 1) -> Any:
    """A time that has passed, by the platform's clock."""
    return clock.now() - timedelta(seconds=seconds)
