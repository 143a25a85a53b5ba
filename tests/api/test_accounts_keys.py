"""API keys: hashed, scoped, expiring, revocable; and what asks for the password again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from django.contrib.sessions.backends.base import SessionBase
from rest_framework.test import APIClient

from marketplace.accounts.models import ApiKey, Organisation
from marketplace.common import clock
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db

HOME = "/api/v1/organisations/"


def reauthenticated(client: APIClient, who: Any) -> APIClient:
    """The client after its person has entered the password again."""

    class Request:
        session: SessionBase = client.session

    request = Request()
    record_authentication(request, who, method="password", reauthenticated=True)
    request.session.save()
    return client


def first_person(row: Organisation) -> Any:
    return row.memberships.order_by("id")[0].person


def test_a_key_is_shown_once_and_stored_hashed() -> None:
    row = make.organisation()
    answer = make.api_client(row).post("/api/v1/api-keys/", {"name": "财务系统", "scopes": ["read", "write"], "days": 30})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    token = answer.json()["token"]
    key = ApiKey.objects.get()
    assert key.expires_at - key.created_at == timedelta(days=30)
    import hashlib

    assert key.sha256 == hashlib.sha256(token.rsplit(f"{key.prefix}_", 1)[1].encode()).hexdigest()
    listed = make.api_client(row).get("/api/v1/api-keys/").json()["results"]
    assert token not in json.dumps(listed)
    assert [k["name"] for k in listed] == ["财务系统"]


def test_a_key_acts_for_its_organisation_within_its_scopes() -> None:
    row = make.organisation()
    _, token = make.api_key(row, scopes=["read", "money"])
    me = make.api_client(token=token).get("/api/v1/me/").json()
    assert (me["organisation_id"], me["roles"], me["scopes"]) == (str(row.pk), ["finance", "manager", "signatory"], ["money", "read"])


def test_a_reading_key_cannot_submit() -> None:
    row = make.organisation(verified=False)
    for scopes, status in ((["read"], 403), (["read", "write"], 200)):
        _, token = make.api_key(row, scopes=scopes)
        answer = make.api_client(token=token).post(f"{HOME}{row.pk}/actions/submit/")
        assert answer.status_code == status
    row.refresh_from_db()
    assert row.state == "submitted"


@pytest.mark.parametrize("end", ["expired", "revoked", "person inactive", "membership ended", "wrong secret", "wrong mark", "nonsense"])
def test_a_dead_key_opens_nothing(end: str) -> None:
    row = make.organisation()
    someone = make.member(row, roles=["manager"])
    key, token = make.api_key(row, person_id=someone.pk)
    assert make.api_client(token=token).get("/api/v1/me/").status_code == 200
    if end == "expired":
        ApiKey.objects.filter(pk=key.pk).update(created_at=make.a_moment_ago(60), expires_at=make.a_moment_ago(1))
    elif end == "revoked":
        assert make.api_client(someone).delete(f"/api/v1/api-keys/{key.pk}/").status_code == 200
    elif end == "person inactive":
        someone.is_active = False
        someone.save()
    elif end == "membership ended":
        someone.memberships.all().delete()
    elif end == "wrong secret":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif end == "wrong mark":
        token = f"xx{token[2:]}"
    else:
        token = "not a key at all"
    answer = make.api_client(token=token).get("/api/v1/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    # Even public reading is refused: a caller who shows a dead key should learn that it is dead.
    assert make.api_client(token=token).get(HOME).status_code == 401


def test_the_use_of_a_key_is_noted_at_most_once_a_minute() -> None:
    key, token = make.api_key(make.organisation())
    client = make.api_client(token=token)
    client.get("/api/v1/me/")
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert first is not None
    client.get("/api/v1/me/")
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    with clock.shifted(61):
        client.get("/api/v1/me/")
    assert ApiKey.objects.get(pk=key.pk).last_used_at - first > timedelta(seconds=60)


@pytest.mark.parametrize("scope", ["money", "sign"])
def test_a_binding_key_asks_for_the_password_again(scope: str) -> None:
    row = make.organisation()
    client = make.api_client(row)
    body = {"name": "支付", "scopes": ["read", scope]}
    refused = client.post("/api/v1/api-keys/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert reauthenticated(client, first_person(row)).post("/api/v1/api-keys/", body).status_code == 201


def test_a_confirmation_grows_stale(settings: Any) -> None:
    row = make.organisation()
    client = reauthenticated(make.api_client(row), first_person(row))
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
    assert client.post("/api/v1/api-keys/", {"name": "支付", "scopes": ["money"]}).status_code == 403


def test_a_key_makes_lists_and_revokes_no_keys() -> None:
    row = make.organisation()
    key, token = make.api_key(row, scopes=["read", "write", "money", "sign"])
    client = make.api_client(token=token)
    answers = [
        client.post("/api/v1/api-keys/", {"name": "x", "scopes": ["read"]}),
        client.get("/api/v1/api-keys/"),
        client.delete(f"/api/v1/api-keys/{key.pk}/"),
        client.post(f"{HOME}{row.pk}/invitations/", {"email": "a@example.org", "roles": ["manager"]}),
        client.patch("/api/v1/me/", {"name": "换名"}),
        client.delete("/api/v1/me/"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "scopes": ["root"]}, "scopes.0"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["read"], "days": 366}, "days"),
        ({"name": "x", "scopes": ["read"], "days": 0}, "days"),
    ],
)
def test_faulty_keys_are_refused_at_the_field(body: dict[str, Any], field: str) -> None:
    answer = make.api_client(make.organisation()).post("/api/v1/api-keys/", body)
    assert answer.status_code in {400, 422}
    assert list(answer.json()["fields"]) == [field]


def test_a_manager_revokes_a_colleagues_key_and_a_stranger_does_not() -> None:
    row = make.organisation()
    colleague = make.member(row, roles=["member"])
    key, _ = make.api_key(row, person_id=colleague.pk)
    assert make.api_client(make.organisation()).delete(f"/api/v1/api-keys/{key.pk}/").status_code == 404
    assert make.api_client(make.member(row, roles=["finance"])).delete(f"/api/v1/api-keys/{key.pk}/").status_code == 404
    assert make.api_client(row).delete(f"/api/v1/api-keys/{key.pk}/").json()["revoked_at"] is not None


def test_a_person_corrects_and_erases_themselves() -> None:
    someone = make.person()
    client = make.api_client(someone)
    assert client.patch("/api/v1/me/", {"name": "李雷二"}).json() == {"name": "李雷二", "language": "zh-hans"}
    assert client.delete("/api/v1/me/").json()["code"] == "reauthentication_required"
    assert reauthenticated(client, someone).delete("/api/v1/me/").status_code == 204
    assert client.get("/api/v1/me/").status_code == 401
