"""Signing up, in and out over JSON: the whole way to a session, and nothing told to those who only guess."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client

from marketplace.accounts import terms
from marketplace.accounts.models import Consent, Person
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db

AUTH = "/_allauth/app/v1/auth"
NEWCOMER = {
    "email": "new@example.org",
    "password": "correct horse battery",
    "name": "韩梅梅",
    "language": "en",
    "terms_version": terms.CURRENT.version,
}


@pytest.fixture(autouse=True)
def _letters_in_memory(settings: Any) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()
    yield
    cache.clear()


def post(path: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return Client().post(f"{AUTH}{path}", body, content_type="application/json", headers=headers)


def sign_in(email: str, password: str = make.PASSWORD) -> str:
    answer = post("/login", {"email": email, "password": password}).json()
    token: str = answer["meta"]["session_token"]
    return token


def test_a_newcomer_signs_up_verifies_by_the_letter_and_signs_in() -> None:
    answer = post("/signup", NEWCOMER)
    assert answer.status_code == 401
    assert [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")] == ["verify_email"]
    person = Person.objects.get(email="new@example.org")
    assert (person.name, person.language) == ("韩梅梅", "en")
    consent = Consent.objects.get(person=person)
    assert (consent.terms_version, consent.text_sha256) == (terms.CURRENT.version, terms.CURRENT.sha256)

    assert post("/login", {"email": "new@example.org", "password": NEWCOMER["password"]}).status_code == 401
    found = re.search(r"/confirm-email/([^/\s]+)/", mail.outbox[0].body)
    assert found is not None
    verified = Client().post(f"{AUTH}/email/verify", {"key": found[1]}, content_type="application/json")
    assert verified.status_code == 401  # verified; only the session that signed up is signed in by it

    token = sign_in("new@example.org", NEWCOMER["password"])
    me = Client().get("/api/v1/me/", headers={"X-Session-Token": token}).json()
    assert (me["email"], me["name"], me["organisation_id"], me["memberships"]) == ("new@example.org", "韩梅梅", None, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"terms_version": ""}, "terms_version"),
        ({"terms_version": "2020-01"}, "terms_version"),
        ({"name": ""}, "name"),
        ({"language": "fr"}, "language"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
    ],
)
def test_sign_up_is_refused_without_consent_or_with_faulty_fields(change: dict[str, str], field: str) -> None:
    answer = post("/signup", {**NEWCOMER, **change})
    assert answer.status_code == 400
    assert {error["param"] for error in answer.json()["errors"]} == {field}
    assert not Person.objects.exists()


def test_sign_up_is_refused_when_the_terms_are_left_out() -> None:
    answer = post("/signup", {name: value for name, value in NEWCOMER.items() if name != "terms_version"})
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "terms_version")


def shape(answer: Any) -> Any:
    """The answer without what is new each time: tokens."""
    body = answer.json()
    body.get("meta", {}).pop("session_token", None)
    return answer.status_code, body


def test_a_taken_address_gets_the_answer_of_a_free_one() -> None:
    make.person(email="taken@example.org")
    free, taken = post("/signup", NEWCOMER), post("/signup", {**NEWCOMER, "email": "taken@example.org"})
    assert shape(free) == shape(taken)
    assert not Consent.objects.filter(person__email="taken@example.org").exists()


def test_an_unknown_address_gets_the_answer_of_a_wrong_password() -> None:
    make.person(email="known@example.org")
    wrong = post("/login", {"email": "known@example.org", "password": "not the password"})
    unknown = post("/login", {"email": "unknown@example.org", "password": "not the password"})
    assert shape(wrong) == shape(unknown)
    assert wrong.status_code == 400


def test_a_password_reset_says_the_same_for_every_address() -> None:
    make.person(email="known@example.org")
    known, unknown = (post("/password/request", {"email": f"{name}@example.org"}) for name in ("known", "unknown"))
    assert shape(known) == shape(unknown)


def test_a_forgotten_password_is_reset_by_the_letter_and_the_link_works_once() -> None:
    person = make.person(email="known@example.org")
    post("/password/request", {"email": "known@example.org"})
    found = re.search(r"/password/reset/key/([^/\s]+)/", mail.outbox[0].body)
    assert found is not None
    body = {"key": found[1], "password": "another good password"}
    assert post("/password/reset", body).status_code == 401  # changed; signing in is another step
    person.refresh_from_db()
    assert person.check_password("another good password")
    assert post("/password/reset", {**body, "password": "a third good password"}).status_code == 400


def test_signing_out_ends_the_session() -> None:
    token = sign_in(make.person().email)
    session = {"X-Session-Token": token}
    assert Client().get("/api/v1/me/", headers=session).status_code == 200
    Client().delete(f"{AUTH}/session", headers=session)
    assert Client().get("/api/v1/me/", headers=session).status_code == 401


def one_time_code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_staff_work_only_after_setting_up_a_second_factor(settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True
    reviewer = make.staff("reviewer", factor=False)
    token = sign_in(reviewer.email)
    session = {"X-Session-Token": token}
    refused = Client().get("/api/v1/me/", headers=session)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")

    post("/reauthenticate", {"password": make.PASSWORD}, token)
    setup = "/_allauth/app/v1/account/authenticators/totp"
    secret = Client().get(setup, headers=session).json()["meta"]["secret"]
    made = Client().post(setup, {"code": one_time_code(secret)}, content_type="application/json", headers=session)
    assert made.status_code == 200
    session = {"X-Session-Token": made.json().get("meta", {}).get("session_token", token)}
    assert Client().get("/api/v1/me/", headers=session).json()["staff"] == "reviewer"


def test_the_next_sign_in_asks_for_the_second_factor() -> None:
    reviewer = make.staff("reviewer", factor=False)
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=reviewer, type="totp", data={"secret": mfa_adapter().encrypt(secret)})
    answer = post("/login", {"email": reviewer.email, "password": make.PASSWORD})
    assert answer.status_code == 401
    token = answer.json()["meta"]["session_token"]
    assert Client().get("/api/v1/me/", headers={"X-Session-Token": token}).status_code == 401
    done = post("/2fa/authenticate", {"code": one_time_code(secret)}, token)
    assert done.status_code == 200
    token = done.json()["meta"].get("session_token", token)
    assert Client().get("/api/v1/me/", headers={"X-Session-Token": token}).json()["staff"] == "reviewer"


def test_staff_pages_lead_to_the_second_factor(settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True
    browser = Client()
    browser.force_login(make.staff("auditor", factor=False))
    for page in ("/organisations/", "/admin/"):
        assert browser.get(page)["Location"].endswith("/2fa/totp/activate/")
    browser.force_login(make.staff("auditor"))
    assert browser.get("/organisations/").status_code == 200


def test_the_sixth_wrong_password_in_five_minutes_is_turned_away(settings: Any) -> None:
    from marketplace.config.settings import base

    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    make.person(email="known@example.org")
    body = {"email": "known@example.org", "password": "not the password"}
    codes = [post("/login", body).json()["errors"][0]["code"] for _ in range(6)]
    assert codes[:5] == ["email_password_mismatch"] * 5
    assert codes[5] == "too_many_login_attempts"
    right = post("/login", {**body, "password": make.PASSWORD})
    assert right.json()["errors"][0]["code"] == "too_many_login_attempts"
