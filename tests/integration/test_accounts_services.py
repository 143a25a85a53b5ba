"""Founding, verifying, membership, offices and erasure: who may, who may not, and what is recorded."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress

from ledger.app.models import Subject
from marketplace.accounts.models import (
    Affiliation,
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
)
from marketplace.accounts.selectors import organisations as reads
from marketplace.accounts.services import membering, organising
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


@pytest.mark.parametrize(("office", "within"), [("", True), ("12", True), ("120110", True), ("120111", False), ("13", False)])
def test_an_office_covers_its_own_district_and_not_the_neighbours(office: str, within: bool) -> None:
    row = make.organisation(verified=False, region="120110")
    row = perform("submit", row, make.actor_for(row))
    neighbour = make.organisation(verified=False, region="120111")
    neighbour = perform("submit", neighbour, make.actor_for(neighbour))
    reviewer = make.staff_actor("reviewer", region=office)
    assert (row in reads.waiting_for_review(reviewer)) is within
    assert any(offer.allowed for offer in available_actions(row, reviewer)) is within
    if office == "120110":
        assert neighbour not in reads.waiting_for_review(reviewer)
        assert not available_actions(neighbour, reviewer)
