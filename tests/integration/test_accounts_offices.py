"""The platform's offices and the erasure of a person: who may, who may not, and what is recorded."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from ledger.app.models import Subject
from marketplace.accounts.models import (
    Consent,
    Person,
    StaffAppointment,
)
from marketplace.accounts.services import appointing, erasing, keys, membering
from marketplace.common import errors
from marketplace.common.actor import Actor
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("office", ["reviewer", "finance", "security", "auditor"])
def test_only_an_administrator_appoints(office: str) -> None:
    candidate = make.person()
    with pytest.raises(errors.Forbidden):
        appointing.appoint(actor=make.staff_actor(office), email=candidate.email, role="reviewer")
    assert not candidate.appointments.exists()


def test_an_appointment_covers_its_region_and_is_on_the_public_log() -> None:
    candidate = make.person()
    row = appointing.appoint(actor=make.staff_actor("admin"), email=candidate.email.upper(), role="reviewer", region_code="13")
    assert (row.person, row.role, row.region_code) == (candidate, "reviewer", "13")
    assert list(Subject.objects.filter(kind="staff", object_id=row.pk).values_list("type", "public")) == [("staff.appointed", True)]


def test_a_member_or_an_officer_is_not_appointed() -> None:
    admin = make.staff_actor("admin")
    with pytest.raises(appointing.HasMemberships):
        appointing.appoint(actor=admin, email=make.member(make.organisation()).email, role="reviewer")
    with pytest.raises(appointing.HoldsAnOffice):
        appointing.appoint(actor=admin, email=make.staff("finance").email, role="reviewer")


def test_an_administrator_appoints_neither_themselves_nor_a_stranger() -> None:
    admin = make.staff("admin", email="admin@example.org")
    actor = Actor(person_id=admin.pk, staff="admin")
    with pytest.raises(errors.Forbidden, match="不能任命自己"):
        appointing.appoint(actor=actor, email="admin@example.org", role="auditor")
    with pytest.raises(errors.NotFound):
        appointing.appoint(actor=actor, email="nobody@example.org", role="auditor")


def test_the_last_administrator_stays() -> None:
    admin = make.staff_actor("admin")
    mine = StaffAppointment.objects.get(person_id=admin.person_id)
    with pytest.raises(appointing.LastAdministrator):
        appointing.end(actor=admin, appointment_id=mine.pk)
    make.staff("admin")
    assert appointing.end(actor=admin, appointment_id=mine.pk).ended_at is not None


def test_create_admin_prints_a_link_that_sets_the_password_once(client: object, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_admin", "First@Example.org")
    link = capsys.readouterr().out.strip()
    person = Person.objects.get(email="first@example.org")
    assert [row.role for row in person.appointments.in_force()] == ["admin"]
    assert not person.has_usable_password()
    from django.test import Client

    browser = Client()
    form = browser.get(link, follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": "correct horse battery", "password2": "correct horse battery"})
    person.refresh_from_db()
    assert person.check_password("correct horse battery")
    assert "/set-password/" not in Client().get(link, follow=True).request["PATH_INFO"]


def test_create_admin_works_for_the_first_administrator_only() -> None:
    make.staff("admin")
    with pytest.raises(CommandError, match="已有管理员"):
        call_command("create_admin", "second@example.org")
    assert not Person.objects.filter(email="second@example.org").exists()


def test_erasing_leaves_no_personal_column_and_no_way_in() -> None:
    company = make.organisation()
    make.member(company, roles=["manager"])
    someone = make.member(company, roles=["signatory"], email="gone@example.org", name="韩梅梅")
    Consent.objects.create(person=someone, terms_version="1", text_sha256="0" * 64)
    _, token = make.api_key(company, person_id=someone.pk)
    erased = erasing.erase(person=someone)
    assert (erased.name, erased.email, erased.is_active) == ("", f"{someone.pk}@erased.invalid", False)
    assert keys.open_key(token) is None
    assert not erased.memberships.exists()
    assert not EmailAddress.objects.filter(email="gone@example.org").exists()
    assert erased.consents.count() == 1


def test_the_only_manager_and_an_officer_cannot_vanish() -> None:
    company = make.organisation()
    with pytest.raises(membering.LastManager):
        erasing.erase(person=company.memberships.get().person)
    with pytest.raises(appointing.HoldsAnOffice):
        erasing.erase(person=make.staff("auditor"))
