"""What the database itself refuses about people, organisations, offices and keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Affiliation, ApiKey, Membership, Organisation, Person, StaffAppointment
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.workflow.performing import begin, perform
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        yield


def test_nobody_holds_two_offices_at_once() -> None:
    reviewer = make.staff("reviewer")
    with refused_by("staff_one_office_each"):
        StaffAppointment.objects.create(person=reviewer, role="finance")


def test_an_ended_office_makes_room_for_another() -> None:
    reviewer = make.staff("reviewer")
    reviewer.appointments.update(ended_at=clock.now())
    StaffAppointment.objects.create(person=reviewer, role="finance")
    assert [row.role for row in reviewer.appointments.in_force()] == ["finance"]


def test_an_unknown_office_is_refused() -> None:
    with refused_by("staff_role_is_known"):
        StaffAppointment.objects.create(person=make.person(), role="owner")


def test_staff_cannot_become_members() -> None:
    company = make.organisation(verified=False)
    with refused_by("membership_excludes_office"):
        Membership.objects.create(person=make.staff("auditor"), organisation=company, roles=["member"])


def test_members_cannot_become_staff() -> None:
    someone = make.member(make.organisation(verified=False))
    with refused_by("office_excludes_membership"):
        StaffAppointment.objects.create(person=someone, role="auditor")


def test_an_ended_office_cannot_be_revived_beside_a_membership() -> None:
    former = make.staff("reviewer")
    former.appointments.update(ended_at=clock.now())
    Membership.objects.create(person=former, organisation=make.organisation(verified=False), roles=["member"])
    with refused_by("office_excludes_membership"):
        former.appointments.update(ended_at=None)


def test_nobody_appoints_themselves() -> None:
    someone = make.person()
    with refused_by("staff_not_appointed_by_themselves"):
        StaffAppointment.objects.create(person=someone, role="admin", appointed_by=someone)


@pytest.mark.parametrize("roles", [[], ["owner"], ["manager", "owner"]])
def test_a_membership_has_known_roles_and_at_least_one(roles: list[str]) -> None:
    company = make.organisation(verified=False)
    with refused_by("membership_roles_are_known"):
        Membership.objects.create(person=make.person(), organisation=company, roles=roles)


def test_one_credit_code_has_one_organisation() -> None:
    first = make.organisation(verified=False)
    with refused_by("organisation_one_per_uscc"):
        begin(Organisation(kind="company", name_zh="另一家", uscc=first.uscc, region_code="110108"), Actor.system())


def test_a_rejected_organisation_frees_its_credit_code() -> None:
    first = make.organisation(verified=False)
    first = perform("submit", first, make.actor_for(first))
    perform("reject", first, make.staff_actor("reviewer"), reason="营业执照与名称不符")
    again = make.organisation(code=first.uscc)
    assert (again.uscc, again.state) == (first.uscc, "verified")


def test_a_rejected_organisation_stays_rejected_even_for_plain_sql() -> None:
    row = make.organisation(verified=False)
    row = perform("submit", row, make.actor_for(row))
    perform("reject", row, make.staff_actor("reviewer"), reason="资料不实")
    with refused_by("does not move again"):
        Organisation.objects.filter(pk=row.pk).update(state="verified")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"name_zh": "", "name_en": ""}, "organisation_has_a_name"),
        ({"uscc": "91110108I51385082Q"}, "organisation_uscc_is_well_formed"),
        ({"kind": "charity"}, "organisation_kind_is_known"),
        ({"state": "closed"}, "organisation_state_is_known"),
        ({"region_code": "海淀"}, "organisation_region_is_a_code"),
    ],
)
def test_organisations_are_well_formed(change: dict[str, str], constraint: str) -> None:
    row = make.organisation(verified=False)
    with refused_by(constraint):
        Organisation.objects.filter(pk=row.pk).update(**change)


def test_an_affiliation_is_one_ordered_pair() -> None:
    low, high = sorted((make.organisation(verified=False), make.organisation(verified=False)), key=lambda row: row.pk)
    Affiliation.objects.create(first=low, second=high)
    with refused_by("affiliation_pair_is_ordered"):
        Affiliation.objects.create(first=high, second=low)
    with refused_by("affiliation_once_per_pair"):
        Affiliation.objects.create(first=low, second=high)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"scopes": []}, "api_key_scopes_are_known"),
        ({"scopes": ["read", "root"]}, "api_key_scopes_are_known"),
        ({"sha256": "jq_plain_text"}, "api_key_secret_is_hashed"),
    ],
)
def test_keys_are_well_formed(change: dict[str, object], constraint: str) -> None:
    key, _ = make.api_key(make.organisation(verified=False))
    with refused_by(constraint):
        ApiKey.objects.filter(pk=key.pk).update(**change)


def test_a_key_expires_after_it_was_made() -> None:
    key, _ = make.api_key(make.organisation(verified=False))
    with refused_by("api_key_expires_after_creation"):
        ApiKey.objects.filter(pk=key.pk).update(expires_at=key.created_at - timedelta(seconds=1))


def test_an_address_differing_only_in_case_is_the_same_address() -> None:
    make.person(email="han.meimei@example.org")
    with refused_by("email"):
        Person.objects.create_user("Han.Meimei@Example.org")
