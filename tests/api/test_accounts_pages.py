"""The pages of accounts in both languages: the same rules as the API, for people."""

from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from marketplace.accounts import mails, terms
from marketplace.accounts.models import ApiKey, Consent, Invitation, Membership, Organisation, Person
from marketplace.common.models import OutboxEvent
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


def browser(who: Person | None = None) -> Client:
    client = Client()
    if who is not None:
        client.force_login(who)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture(autouse=True)
def _letters_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.parametrize(
    ("path", "chinese", "english"),
    [
        ("/accounts/login/", "忘记密码", "Forgot the password"),
        ("/accounts/signup/", "我已阅读并同意服务条款", "I have read and agree to the terms of service"),
        ("/accounts/password/reset/", "发送链接", "Send the link"),
        ("/accounts/confirm-email/", "请查收邮件", "Check your mail"),
        ("/accounts/confirm-email/nonsense/", "链接已失效", "The link has expired"),
        ("/accounts/password/reset/key/0-nonsense/", "请重新申请", "Ask for a new one"),
        ("/terms/", "服务条款", "Terms of service"),
        ("/organisations/", "没有符合的单位", "No organisation matches"),
    ],
)
def test_open_pages_speak_both_languages(path: str, chinese: str, english: str) -> None:
    assert chinese in text_of(browser().get(path))
    assert english in text_of(browser().get(f"/en{path}"))


@pytest.mark.parametrize(
    ("path", "chinese", "english"),
    [
        ("/settings/", "登录与安全", "Signing in"),
        ("/settings/keys/", "让程序在限定范围内", "Let programs act"),
        ("/organisation/", "邀请成员", "Invite a member"),
        ("/organisation/new/", "登记单位", "Register an organisation"),
        ("/accounts/password/change/", "密码", "assword"),
        ("/accounts/email/", "邮", "ddress"),
        ("/accounts/2fa/", "验证", "Authenticat"),
        ("/accounts/sessions/", "会话", "ession"),
        ("/accounts/logout/", "确定要退出吗", "Do you want to sign out"),
    ],
)
def test_own_pages_need_a_person_and_speak_both_languages(path: str, chinese: str, english: str) -> None:
    assert browser().get(path).status_code == 302
    who = make.organisation().memberships.get().person
    assert chinese in text_of(browser(who).get(path))
    assert english in text_of(browser(who).get(f"/en{path}"))


def test_signing_up_on_the_page_records_the_consent() -> None:
    page = browser()
    body = {"email": "new@example.org", "password1": "correct horse battery", "name": "韩梅梅", "language": "zh-hans"}
    refused = page.post("/accounts/signup/", body)
    assert "请先同意服务条款" in text_of(refused)
    assert f'value="{terms.CURRENT.version}"' in text_of(refused)
    accepted = page.post("/accounts/signup/", {**body, "terms_version": terms.CURRENT.version})
    assert accepted["Location"].endswith("/accounts/confirm-email/")
    assert Consent.objects.get().person.email == "new@example.org"
    assert not EmailAddress.objects.get(email="new@example.org").verified


def test_an_organisation_is_founded_submitted_and_verified_on_pages() -> None:
    founder = browser(make.person())
    body = {"kind": "company", "name_zh": "渤海装备", "name_en": "", "uscc": make.credit_code(), "region_code": "120116"}
    wrong = founder.post("/organisation/new/", {**body, "uscc": "91350100M000100Y44"})
    assert (wrong.status_code, Organisation.objects.count()) == (422, 0)
    assert "校验位不符" in text_of(wrong)
    founder.post("/organisation/new/", body)
    row = Organisation.objects.get()
    founder.post(f"/organisations/{row.pk}/actions/submit/")
    reviewer = browser(make.staff("reviewer"))
    assert "渤海装备" in text_of(reviewer.get("/organisations/"))
    assert "核验通过" in text_of(reviewer.get(f"/organisations/{row.pk}/"))
    reviewer.post(f"/organisations/{row.pk}/actions/verify/")
    row.refresh_from_db()
    assert row.state == "verified"
    assert "已核验" in text_of(founder.get("/organisation/"))


def test_a_rejection_on_the_page_asks_for_the_reason() -> None:
    row = make.organisation(verified=False)
    browser(row.memberships.get().person).post(f"/organisations/{row.pk}/actions/submit/")
    reviewer = browser(make.staff("reviewer"))
    assert "理由" in text_of(reviewer.post(f"/organisations/{row.pk}/actions/reject/"))
    assert reviewer.post(f"/organisations/{row.pk}/actions/reject/", {"key": "1", "reason": ""}).status_code == 422
    reviewer.post(f"/organisations/{row.pk}/actions/reject/", {"key": "1", "reason": "证照已过期"})
    row.refresh_from_db()
    assert (row.state, row.decision_reason) == ("rejected", "证照已过期")


def test_an_invitation_is_sent_accepted_and_a_member_removed_on_pages() -> None:
    row = make.organisation()
    manager = browser(row.memberships.get().person)
    manager.post("/organisation/invite/", {"email": "new@example.org", "roles": ["finance"]})
    newcomer = make.person(email="new@example.org")
    guest = browser(newcomer)
    assert "邀请您加入，角色：财务" in text_of(guest.get("/organisation/"))
    assert "invites you as Finance" in text_of(guest.get("/en/organisation/"))
    guest.post(f"/organisation/invitations/{Invitation.objects.get().pk}/", {"accept": "1"})
    assert Membership.objects.get(person=newcomer).roles == ["finance"]
    manager.post(f"/organisation/members/{newcomer.pk}/remove/")
    assert not Membership.objects.filter(person=newcomer).exists()


def test_the_last_managers_removal_is_refused_with_what_to_do() -> None:
    row = make.organisation()
    who = row.memberships.get().person
    answer = browser(who).post(f"/organisation/members/{who.pk}/remove/", follow=True)
    assert "请先指定另一位" in text_of(answer)
    assert row.memberships.count() == 1


def test_choosing_an_organisation_lasts_for_the_session() -> None:
    one, two = make.organisation(name_zh="甲单位"), make.organisation(name_zh="乙单位")
    who = make.member(one, roles=["member"])
    Membership.objects.create(person=who, organisation=two, roles=["member"])
    page = browser(who)
    page.post("/organisation/choose/", {"organisation": str(two.pk)})
    assert "<h1>乙单位" in text_of(page.get("/organisation/"))


def test_a_key_is_shown_once_on_its_page_and_revoked_there() -> None:
    row = make.organisation()
    page = browser(row.memberships.get().person)
    made = page.post("/settings/keys/", {"name": "财务系统", "scopes": ["read"], "days": "30"})
    key = ApiKey.objects.get()
    assert f"jq_{key.prefix}_" in text_of(made)
    assert made["Cache-Control"] == "no-store"
    assert f"jq_{key.prefix}_" not in text_of(page.get("/settings/keys/"))
    page.post(f"/settings/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_binding_key_leads_through_the_password_and_back() -> None:
    who = make.organisation().memberships.get().person
    page = browser(who)
    body = {"name": "支付", "scopes": ["money"], "days": "30"}
    asked = page.post("/settings/keys/", body)
    assert "/reauthenticate/" in asked["Location"]
    assert page.post(asked["Location"], {"password": make.PASSWORD})["Location"] == "/settings/keys/"
    assert not ApiKey.objects.exists()
    page.post("/settings/keys/", body)
    assert ApiKey.objects.get().scopes == ["money"]


def test_erasing_oneself_asks_for_the_password_first() -> None:
    who = make.person()
    page = browser(who)
    asked = page.post("/settings/erase/")
    assert "/reauthenticate/" in asked["Location"]
    who.refresh_from_db()
    assert who.erased_at is None
    page.post(asked["Location"], {"password": make.PASSWORD})
    page.post("/settings/erase/")
    who.refresh_from_db()
    assert who.erased_at is not None
    assert page.get("/settings/").status_code == 302


@pytest.mark.parametrize("model", ["person", "organisation", "membership", "staffappointment", "apikey", "affiliation", "consent"])
def test_the_back_office_shows_and_never_changes(model: str) -> None:
    row = make.organisation()
    make.api_key(row)
    officer = browser(make.staff("auditor"))
    assert officer.get(f"/admin/accounts/{model}/").status_code == 200
    assert officer.get(f"/admin/accounts/{model}/add/").status_code == 403
    assert browser(row.memberships.get().person).get(f"/admin/accounts/{model}/").status_code == 302


def test_the_back_office_shows_no_hash_of_a_secret() -> None:
    row = make.organisation()
    key, _ = make.api_key(row)
    who = row.memberships.get().person
    officer = browser(make.staff("security"))
    assert key.sha256 not in text_of(officer.get(f"/admin/accounts/apikey/{key.pk}/change/"))
    assert who.password not in text_of(officer.get(f"/admin/accounts/person/{who.pk}/change/"))
    assert officer.post(f"/admin/accounts/apikey/{key.pk}/change/", {"name": "x"}).status_code == 403


def test_a_hidden_organisations_page_is_the_page_of_none() -> None:
    hidden = make.organisation(verified=False)
    page = browser(make.organisation().memberships.get().person)
    answers = [page.get(f"/organisations/{pk}/") for pk in (hidden.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert hidden.name_zh not in text_of(answers[0])


def test_the_letter_of_an_invitation_is_in_both_languages_and_sent_to_nobody_else() -> None:
    row = make.organisation(name_zh="渤海装备", name_en="Bohai Equipment")
    browser(row.memberships.get().person).post("/organisation/invite/", {"email": "new@example.org", "roles": ["finance"]})
    mails.send_invitation(OutboxEvent.objects.get(topic="invitation.made"))
    letter = mail.outbox[0]
    assert letter.to == ["new@example.org"]
    assert "渤海装备 邀请您" in letter.body
    assert "Bohai Equipment invites you" in letter.body
    Invitation.objects.all().delete()
    mails.send_invitation(OutboxEvent.objects.get(topic="invitation.made"))
    assert len(mail.outbox) == 1
