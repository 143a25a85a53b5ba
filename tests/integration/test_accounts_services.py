"""Founding, verifying, membership, offices and erasure: who may, who may not, and what is recorded."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from ledger.app.models import Subject
from marketplace.accounts.models import (
    Affiliation,
    Consent,
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    StaffAppointment,
)
from marketplace.accounts.selectors import organisations as reads
from marketplace.accounts.services import appointing, erasing, keys, membering, organising
from marketplace.common import clock, errors
from marketplace.common.actor import Actor
from marketplace.common.codes.uscc import BadCreditCode
from marketplace.workflow.actions import available_actions
from marketplace.workflow.models import Change
from marketplace.workflow.performing import perform
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


def found(**changes: str) -> Organisation:
    given = {"kind": "company", "name_zh": "津桥科技", "name_en": "", "credit_code": make.credit_code(), "region_code": "120116", **changes}
    return organising.found(actor=Actor(person_id=make.person().pk), **given)


def events_of(row: Organisation) -> list[str]:
    return list(Subject.objects.filter(kind="organisation", object_id=row.pk).order_by("id").values_list("type", flat=True))


def test_a_founder_holds_every_role_in_an_unverified_organisation() -> None:
    row = found()
    founder = Membership.objects.get(organisation=row)
    assert (row.state, sorted(founder.roles)) == ("unverified", ["finance", "manager", "signatory"])


def test_a_credit_code_is_kept_in_its_normal_form() -> None:
    assert found(credit_code=" 91110000802100433b ").uscc == "91110000802100433B"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("9111000080210043", "应为 18 位，现有 16 位"),
        ("9111000080210043IO", "含有不允许的字符 I O"),
        ("91350100M000100Y44", "校验位不符"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_the_reason(code: str, reason: str) -> None:
    with pytest.raises(BadCreditCode, match=reason):
        found(credit_code=code)


def test_a_taken_credit_code_is_refused_with_what_to_do() -> None:
    first = found()
    with pytest.raises(organising.CreditCodeTaken, match="邀请您加入"):
        found(credit_code=first.uscc)
    assert Organisation.objects.filter(uscc=first.uscc).count() == 1


@pytest.mark.parametrize(("field", "value"), [("kind", OrganisationKind.PLATFORM), ("name_zh", "  "), ("region_code", "310101")])
def test_founding_refuses_what_is_not_valid(field: str, value: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        found(**{field: value})
    assert list(refusal.value.fields) == [field]


def test_staff_cannot_found_an_organisation() -> None:
    with pytest.raises(organising.StaffHaveNoOrganisation):
        organising.found(
            actor=make.staff_actor("auditor"),
            kind="company",
            name_zh="甲",
            name_en="",
            credit_code=make.credit_code(),
            region_code="110108",
        )


def test_verification_is_on_the_ledger_without_the_name_or_the_credit_code() -> None:
    from ledger.app.models import Inbox

    row = make.organisation(name_zh="不在账本里的名字")
    assert events_of(row) == ["organisation.submitted", "organisation.verified"]
    entry = bytes(Inbox.objects.get(id=Subject.objects.get(object_id=row.pk, type="organisation.verified").id).fields).decode()
    assert '"region_code":"110108"' in entry
    assert row.uscc not in entry
    assert row.name_zh not in entry


def test_the_audit_trail_names_the_office_and_the_person_by_id() -> None:
    row = make.organisation(verified=False)
    row = perform("submit", row, make.actor_for(row))
    reviewer = make.staff_actor("reviewer")
    perform("verify", row, reviewer)
    last = Change.objects.get(object_id=row.pk, action="verify")
    assert (last.actor_label, last.person_id, last.source, last.target) == ("staff:reviewer", reviewer.person_id, "submitted", "verified")


MOVES: dict[str, tuple[str, set[str]]] = {
    # action: (state it starts from, the callers who may)
    "submit": ("unverified", {"manager"}),
    "verify": ("submitted", {"reviewer", "reviewer in the region"}),
    "reject": ("submitted", {"reviewer", "reviewer in the region"}),
    "renew": ("verified", {"reviewer", "reviewer in the region"}),
    "suspend": ("verified", {"admin", "security"}),
    "resume": ("suspended", {"admin", "security"}),
}
CALLERS: dict[str, Callable[[Organisation], Actor]] = {
    "manager": lambda row: make.actor_for(row, roles=["manager"]),
    "signatory": lambda row: make.actor_for(row, roles=["signatory"]),
    "finance member": lambda row: make.actor_for(row, roles=["finance"]),
    "manager with a reading key": lambda row: make.actor_for(row, roles=["manager"], scopes=["read"]),
    "another organisation's manager": lambda row: make.actor_for(make.organisation()),
    "anonymous": lambda row: Actor.anonymous(),
    "reviewer": lambda row: make.staff_actor("reviewer"),
    "reviewer in the region": lambda row: make.staff_actor("reviewer", region="11"),
    "reviewer elsewhere": lambda row: make.staff_actor("reviewer", region="13"),
    "finance": lambda row: make.staff_actor("finance"),
    "security": lambda row: make.staff_actor("security"),
    "auditor": lambda row: make.staff_actor("auditor"),
    "admin": lambda row: make.staff_actor("admin"),
}


def in_state(state: str) -> Organisation:
    row = make.organisation(verified=state in {"verified", "suspended"})
    if state == "submitted":
        row = perform("submit", row, make.actor_for(row))
    if state == "suspended":
        row = perform("suspend", row, make.staff_actor("security"), reason="涉嫌冒用他人资质")
    return row


@pytest.mark.parametrize("action", MOVES)
def test_each_move_is_open_to_exactly_its_callers(action: str) -> None:
    state, allowed = MOVES[action]
    row = in_state(state)
    data = {"reason": "核查结论"} if action in {"reject", "suspend"} else {}
    could = set()
    for name, caller in CALLERS.items():
        actor = caller(row)
        try:
            from django.db import transaction

            with transaction.atomic():
                perform(action, row, actor, **data)
                could.add(name)
                transaction.set_rollback(True)
        except (errors.Forbidden, errors.NotFound):
            row.refresh_from_db()
            assert row.state == state
    assert could == allowed


@pytest.mark.parametrize("action", ["reject", "suspend"])
def test_a_refusal_needs_a_reason(action: str) -> None:
    row = in_state("submitted" if action == "reject" else "verified")
    with pytest.raises(errors.Invalid, match="理由"):
        perform(action, row, make.staff_actor("reviewer" if action == "reject" else "security"), reason="  ")


def test_a_stranger_cannot_tell_a_hidden_organisation_from_none() -> None:
    hidden = make.organisation(verified=False)
    with pytest.raises(errors.NotFound):
        perform("submit", hidden, make.actor_for(make.organisation()))
    with pytest.raises(errors.NotFound):
        reads.get_visible(make.actor_for(make.organisation()), hidden.pk)


def test_an_unverified_organisation_looks_but_does_not_act() -> None:
    row = make.organisation(verified=False)
    assert make.actor_for(row).verified is False
    assert [(offer.action, offer.allowed) for offer in available_actions(row, make.actor_for(row))] == [("submit", True)]


def test_suspension_stops_the_organisation_at_once() -> None:
    row = in_state("suspended")
    assert (row.is_verified, row.decision_reason) == (False, "涉嫌冒用他人资质")
    row = perform("resume", row, make.staff_actor("admin"))
    assert (row.is_verified, row.decision_reason) == (True, "")


def test_an_invitation_is_accepted_only_by_the_holder_of_the_address() -> None:
    company = make.organisation()
    invitation = membering.invite(actor=make.actor_for(company), email="New@Example.org", roles=["finance"])
    with pytest.raises(errors.NotFound):
        membering.accept(person=make.person(), invitation_id=invitation.pk)
    holder = make.person(email="new@example.org")
    assert membering.accept(person=holder, invitation_id=invitation.pk).roles == ["finance"]
    assert not Invitation.objects.exists()
    assert events_of(company)[-1] == "membership.granted"


def test_an_unverified_address_opens_no_invitation() -> None:
    company = make.organisation()
    invitation = membering.invite(actor=make.actor_for(company), email="new@example.org", roles=["member"])
    holder = make.person(email="new@example.org")
    EmailAddress.objects.filter(user=holder).update(verified=False)
    with pytest.raises(errors.NotFound):
        membering.accept(person=holder, invitation_id=invitation.pk)


def test_an_old_invitation_is_gone(settings: object) -> None:
    company = make.organisation()
    invitation = membering.invite(actor=make.actor_for(company), email="new@example.org", roles=["member"])
    with clock.shifted(14 * 86_400 + 1), pytest.raises(errors.NotFound):
        membering.accept(person=make.person(email="new@example.org"), invitation_id=invitation.pk)


def test_staff_cannot_accept_an_invitation() -> None:
    invitation = membering.invite(actor=make.actor_for(make.organisation()), email="staff@example.org", roles=["member"])
    with pytest.raises(organising.StaffHaveNoOrganisation):
        membering.accept(person=make.staff("auditor", email="staff@example.org"), invitation_id=invitation.pk)


def test_only_managers_invite() -> None:
    company = make.organisation()
    with pytest.raises(errors.Forbidden):
        membering.invite(actor=make.actor_for(company, roles=["signatory", "finance"]), email="new@example.org", roles=["member"])
    assert not Invitation.objects.exists()


def test_the_last_manager_stays() -> None:
    company = make.organisation()
    actor = make.actor_for(company)
    with pytest.raises(membering.LastManager):
        membering.remove(actor=actor, person_id=actor.person_id)
    with pytest.raises(membering.LastManager):
        membering.set_roles(actor=actor, person_id=actor.person_id, roles=["signatory"])
    make.member(company, roles=["manager"])
    membering.remove(actor=actor, person_id=actor.person_id)
    assert not Membership.objects.filter(person_id=actor.person_id).exists()


def test_a_manager_reaches_no_member_of_another_organisation() -> None:
    stranger = make.member(make.organisation())
    with pytest.raises(errors.NotFound):
        membering.remove(actor=make.actor_for(make.organisation()), person_id=stranger.pk)
    assert stranger.memberships.count() == 1


def test_affiliation_is_the_same_from_both_sides_and_only_a_reviewer_ends_it() -> None:
    one, other = make.organisation(), make.organisation()
    assert not reads.affiliated(one.pk, other.pk)
    pair = organising.affiliate(actor=make.actor_for(other), other_id=one.pk)
    assert organising.affiliate(actor=make.actor_for(one), other_id=other.pk) == pair
    assert reads.affiliated(one.pk, other.pk)
    assert reads.affiliated(other.pk, one.pk)
    with pytest.raises(errors.Forbidden):
        organising.dissolve(actor=make.actor_for(one), affiliation=pair)
    organising.dissolve(actor=make.staff_actor("reviewer"), affiliation=pair)
    assert not Affiliation.objects.exists()


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
