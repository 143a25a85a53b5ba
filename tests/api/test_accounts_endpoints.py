"""The API of organisations, members, offices and keys: who may, who may not, and what comes back."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from marketplace.accounts.models import Invitation, Membership, Organisation, StaffAppointment
from marketplace.workflow.performing import perform
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db

HOME = "/api/v1/organisations/"


def founding(**changes: str) -> dict[str, str]:
    return {"kind": "university", "name_zh": "津门大学", "uscc": make.credit_code(), "region_code": "120104", **changes}


def first_person(row: Organisation) -> Any:
    return row.memberships.order_by("id")[0].person


def test_founding_answers_the_organisation_with_what_can_be_done_next() -> None:
    answer = make.api_client(make.person()).post(HOME, founding())
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["region"], [(a["action"], a["allowed"]) for a in body["actions"]]) == (
        "unverified",
        "天津 南开区",
        [("submit", True)],
    )
    assert body["actions"][0]["href"] == f"{HOME}{body['id']}/actions/submit/"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"uscc": "91350100M000100Y44"}, "uscc", "校验位不符"),
        ({"region_code": "310101"}, "region_code", "43"),
        ({"kind": "platform"}, "kind", "单位类型"),
    ],
)
def test_founding_says_what_is_wrong_at_the_field(change: dict[str, str], field: str, words: str) -> None:
    answer = make.api_client(make.person()).post(HOME, founding(**change))
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert words in answer.json()["fields"][field][0]
    assert not Organisation.objects.exists()


def test_errors_are_in_the_readers_language() -> None:
    answer = make.api_client(make.person()).post(HOME, founding(uscc="123"), headers={"Accept-Language": "en"})
    assert answer.json()["detail"].startswith("It has 18 characters")


def test_nobody_founds_without_signing_in_or_by_a_key() -> None:
    assert APIClient().post(HOME, founding()).status_code == 401
    _, token = make.api_key(make.organisation())
    assert make.api_client(token=token).post(HOME, founding()).status_code == 403


def test_the_whole_way_from_founding_to_verified() -> None:
    founder = make.api_client(make.person())
    pk = founder.post(HOME, founding()).json()["id"]
    assert founder.post(f"{HOME}{pk}/actions/submit/").json()["state"] == "submitted"
    reviewer = make.api_client(make.staff("reviewer", region="12"))
    body = reviewer.post(f"{HOME}{pk}/actions/verify/").json()
    assert (body["state"], body["verified_at"] is not None) == ("verified", True)
    assert founder.get("/api/v1/me/").json()["verified"] is True


def test_a_rejection_is_read_by_the_members_and_by_no_stranger() -> None:
    row = make.organisation(verified=False)
    row = perform("submit", row, make.actor_for(row))
    answer = make.api_client(make.staff("reviewer")).post(f"{HOME}{row.pk}/actions/reject/", {"reason": "证照已过期"})
    assert answer.json()["state"] == "rejected"
    assert make.api_client(row).get(f"{HOME}{row.pk}/").json()["decision_reason"] == "证照已过期"
    assert make.api_client(make.organisation()).get(f"{HOME}{row.pk}/").status_code == 404


def test_a_reason_of_suspension_stays_with_members_and_staff() -> None:
    row = perform("suspend", make.organisation(), make.staff_actor("security"), reason="涉嫌冒用他人资质")
    assert make.api_client(row).get(f"{HOME}{row.pk}/").json()["decision_reason"] == "涉嫌冒用他人资质"
    assert APIClient().get(f"{HOME}{row.pk}/").json()["decision_reason"] == ""


def test_a_hidden_organisation_answers_exactly_like_none() -> None:
    hidden = make.organisation(verified=False)
    for client in (APIClient(), make.api_client(make.organisation())):
        seen, absent = client.get(f"{HOME}{hidden.pk}/"), client.get(f"{HOME}{uuid4()}/")
        assert (seen.status_code, seen.content) == (absent.status_code, absent.content)
        assert seen.status_code == 404
    posted = [make.api_client(make.organisation()).post(f"{HOME}{pk}/actions/submit/").content for pk in (hidden.pk, uuid4())]
    assert posted[0] == posted[1]


def test_the_public_list_finds_verified_organisations_by_name_and_by_code() -> None:
    found = make.organisation(name_zh="渤海装备制造")
    make.organisation(verified=False, name_zh="渤海未核验")
    names = [row["name_zh"] for row in APIClient().get(HOME, {"search": "渤海"}).json()["results"]]
    assert names == ["渤海装备制造"]
    assert [row["id"] for row in APIClient().get(HOME, {"search": found.uscc.lower()}).json()["results"]] == [str(found.pk)]


def test_mine_lists_only_the_callers_organisations() -> None:
    mine = make.organisation(verified=False)
    make.organisation()
    assert [row["id"] for row in make.api_client(mine).get(HOME, {"mine": "true"}).json()["results"]] == [str(mine.pk)]
    assert APIClient().get(HOME, {"mine": "true"}).json()["results"] == []


def test_members_are_seen_by_members_only() -> None:
    row = make.organisation()
    listed = make.api_client(row).get(f"{HOME}{row.pk}/members/").json()["results"]
    assert [member["person"]["email"] for member in listed] == [first_person(row).email]
    assert make.api_client(make.organisation()).get(f"{HOME}{row.pk}/members/").status_code == 404
    assert make.api_client(make.staff("auditor")).get(f"{HOME}{row.pk}/members/").status_code == 404
    assert APIClient().get(f"{HOME}{row.pk}/members/").status_code == 401


def test_an_invitation_leads_to_a_membership() -> None:
    row = make.organisation()
    invited = make.api_client(row).post(f"{HOME}{row.pk}/invitations/", {"email": "New@Example.org", "roles": ["finance"]})
    assert invited.status_code == 201
    newcomer = make.person(email="new@example.org")
    client = make.api_client(newcomer)
    offer = client.get("/api/v1/me/").json()["invitations"][0]
    assert (offer["organisation"]["id"], offer["roles"]) == (str(row.pk), ["finance"])
    assert client.post(f"/api/v1/invitations/{offer['id']}/").status_code == 201
    me = client.get("/api/v1/me/").json()
    assert (me["organisation_id"], me["roles"], me["invitations"]) == (str(row.pk), ["finance"], [])


def test_an_invitation_answers_the_same_for_known_and_unknown_addresses() -> None:
    row = make.organisation()
    make.person(email="known@example.org")
    client = make.api_client(row)
    shapes = [
        {
            k: v
            for k, v in client.post(f"{HOME}{row.pk}/invitations/", {"email": f"{n}@example.org", "roles": ["member"]}).json().items()
            if k == "roles"
        }
        for n in ("known", "unknown")
    ]
    assert shapes[0] == shapes[1] == {"roles": ["member"]}


def test_only_the_invited_accept_or_decline() -> None:
    row = make.organisation()
    make.api_client(row).post(f"{HOME}{row.pk}/invitations/", {"email": "new@example.org", "roles": ["member"]})
    pk = Invitation.objects.get().pk
    stranger = make.api_client(make.person())
    assert [stranger.post(f"/api/v1/invitations/{pk}/").status_code, stranger.delete(f"/api/v1/invitations/{pk}/").status_code] == [
        404,
        404,
    ]
    assert make.api_client(make.person(email="new@example.org")).delete(f"/api/v1/invitations/{pk}/").status_code == 204
    assert not Invitation.objects.exists()


def test_a_manager_sets_roles_and_a_member_leaves() -> None:
    row = make.organisation()
    colleague = make.member(row, roles=["member"])
    place = f"{HOME}{row.pk}/members/{colleague.pk}/"
    assert make.api_client(row).put(place, {"roles": ["signatory"]}).json()["roles"] == ["signatory"]
    assert make.api_client(colleague).put(place, {"roles": ["manager"]}).status_code == 403
    assert make.api_client(colleague).delete(place).status_code == 204
    assert not Membership.objects.filter(person=colleague).exists()


def test_the_last_manager_is_told_what_to_do() -> None:
    row = make.organisation()
    answer = make.api_client(row).delete(f"{HOME}{row.pk}/members/{first_person(row).pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_manager")


def test_an_affiliation_is_declared_by_a_manager_and_read_by_both_sides() -> None:
    one, other = make.organisation(), make.organisation()
    assert make.api_client(one).post(f"{HOME}{one.pk}/affiliations/", {"organisation": str(other.pk)}).status_code == 201
    for row in (one, other):
        pair = make.api_client(row).get(f"{HOME}{row.pk}/affiliations/").json()["results"][0]
        assert {pair["first"]["id"], pair["second"]["id"]} == {str(one.pk), str(other.pk)}


def test_an_administrator_appoints_and_ends() -> None:
    admin = make.api_client(make.staff("admin"))
    candidate = make.person()
    made = admin.post("/api/v1/staff/", {"email": candidate.email, "role": "finance"})
    assert made.status_code == 201
    assert make.api_client(candidate).get("/api/v1/me/").json()["staff"] == "finance"
    assert admin.delete(f"/api/v1/staff/{made.json()['id']}/").status_code == 200
    assert make.api_client(candidate).get("/api/v1/me/").json()["staff"] is None


@pytest.mark.parametrize(
    ("caller", "reads", "appoints"),
    [(None, 401, 401), ("member", 403, 403), ("reviewer", 403, 403), ("finance", 403, 403), ("auditor", 200, 403), ("security", 200, 403)],
)
def test_offices_are_for_administrators_and_read_by_overseers(caller: str | None, reads: int, appoints: int) -> None:
    who = {None: lambda: None, "member": make.organisation}.get(caller, lambda: make.staff(caller or ""))()
    client = make.api_client(who)
    candidate = make.person()
    assert client.get("/api/v1/staff/").status_code == reads
    assert client.post("/api/v1/staff/", {"email": candidate.email, "role": "reviewer"}).status_code == appoints
    assert not StaffAppointment.objects.filter(person=candidate).exists()


def test_cookie_writes_need_the_csrf_token_and_key_writes_do_not() -> None:
    row = make.organisation(verified=False)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(first_person(row))
    assert browser.post(f"{HOME}{row.pk}/actions/submit/").status_code == 403
    _, token = make.api_key(row)
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
    assert strict.post(f"{HOME}{row.pk}/actions/submit/").status_code == 200
