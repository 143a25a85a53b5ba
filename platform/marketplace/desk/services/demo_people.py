"""The demonstration's people and organisations: signed up, founded and verified by the real services."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from marketplace.accounts import terms
from marketplace.accounts.models import Membership, Organisation, Person
from marketplace.accounts.services import appointing, organising, signing_up
from marketplace.catalogue.services import drafting as supply
from marketplace.common.actor import Actor
from marketplace.workflow.performing import perform

DATA = Path(__file__).resolve().parents[1] / "demo"
PASSWORD = "jinqiao-demo-2026"  # noqa: S105 - printed for everyone; only the demonstration's settings load it
DOMAIN = "demo.jinqiao.example"
OFFICES = {"reviewer": "reviewer", "finance1": "finance", "finance2": "finance", "security": "security", "auditor": "auditor"}
EVERY_ROLE = ["manager", "signatory", "finance", "member"]


@dataclass
class Cast:
    """Everyone by name: actors of the staff and of each organisation."""

    staff: dict[str, Actor] = field(default_factory=dict)
    parties: dict[str, Actor] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    logins: list[tuple[str, str]] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[str]:
        """The organisations of one kind, in the file's order."""
        return [key for key, fact in self.facts.items() if fact["kind"] == kind]


def arrive() -> Cast:
    """Appoint the staff, found and verify every organisation of organisations.json."""
    cast = Cast()
    _staff(cast)
    for fact in json.loads((DATA / "organisations.json").read_text(encoding="utf-8")):
        cast.facts[fact["key"]] = fact
        _organisation(cast, fact)
    # One hash for all: the password is the same for everyone, and hashing is slow on purpose.
    Person.objects.filter(email__endswith=f"@{DOMAIN}").update(password=make_password(PASSWORD))
    return cast


def email_of(login: str) -> str:
    """The address that a name of the demonstration signs in with."""
    return f"{login}@{DOMAIN}"


def _person(name: str, login: str) -> Person:
    email = email_of(login)
    person = Person.objects.create_user(email, name=name)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    signing_up.complete(person=person, name=name, language="zh-hans", version=terms.CURRENT.version)
    return person


def _staff(cast: Cast) -> None:
    admin = appointing.appoint_first_administrator(email=f"admin@{DOMAIN}")
    admin.name = "管理员"
    admin.save(update_fields=["name"])
    cast.staff["admin"] = Actor(person_id=admin.pk, staff="admin")
    cast.logins.append(("管理员 administrator", admin.email))
    for name, office in OFFICES.items():
        person = _person(name, name)
        appointing.appoint(actor=cast.staff["admin"], email=person.email, role=office)
        cast.staff[name] = Actor(person_id=person.pk, staff=office)
        cast.logins.append((office, person.email))


def _organisation(cast: Cast, fact: dict[str, Any]) -> None:
    person = _person(fact["name_zh"][:20], fact["key"])
    row: Organisation = organising.found(
        actor=Actor(person_id=person.pk),
        kind=fact["kind"],
        name_zh=fact["name_zh"],
        name_en=fact["name_en"],
        credit_code=fact["uscc"],
        region_code=fact["region_code"],
    )
    Membership.objects.filter(person=person, organisation=row).update(roles=EVERY_ROLE)
    actor = _actor(person, row)
    perform("verify", perform("submit", row, actor), cast.staff["reviewer"])
    row.refresh_from_db()
    cast.parties[fact["key"]] = _actor(person, row)
    if cast.of_kind(fact["kind"])[0] == fact["key"]:
        cast.logins.append((fact["kind"], person.email))
    for expert in fact.get("experts", ()):
        _expert(cast, row, cast.parties[fact["key"]], expert)


def _expert(cast: Cast, home: Organisation, actor: Actor, fact: dict[str, Any]) -> None:
    """A member whom the organisation puts on the register, and the reviewer lists."""
    person = _person(fact["name"], fact["key"])
    Membership.objects.create(person=person, organisation=home, roles=["member"])
    told = supply.ExpertFields(
        fields_zh=fact["fields_zh"], fields_en=fact["fields_en"], summary_zh=fact["summary_zh"], summary_en=fact["summary_en"]
    )
    expert = supply.draft_expert(actor=actor, person_id=person.pk, fields=told)
    perform("verify", perform("submit", expert, actor), cast.staff["reviewer"])
    cast.logins.append(("expert", person.email))


def _actor(person: Person, row: Organisation) -> Actor:
    return Actor(
        person_id=person.pk,
        organisation_id=row.pk,
        organisation_kind=row.kind,
        verified=row.is_verified,
        roles=frozenset(EVERY_ROLE),
    )
