"""Saved searches by the API and on the pages, and the link that stops their letters."""

from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.common.errors import DomainError
from marketplace.interests.models import Digest, Interest
from marketplace.interests.services import digesting, saving, unsubscribing
from tests.factories import accounts, catalogue, interests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
SEARCH = {"kind": "achievement", "text": " 钠离子\n 电池 ", "region_codes": ["12", "110108", "12"], "industry_codes": ["38"]}


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def page_of(row: Interest) -> Client:
    """A browser in which the search's owner has signed in."""
    client = Client()
    client.force_login(row.membership.person)
    return client


def test_a_search_is_saved_changed_paused_resumed_and_deleted(home: Organisation) -> None:
    api = accounts.api_client(home)
    made = api.post("/api/v1/interests/", SEARCH, format="json")
    assert made.status_code == 201
    row = made.json()
    assert (row["name"], row["text"], row["region_codes"]) == ("钠离子 电池", "钠离子 电池", ["12", "110108"])
    assert (row["frequency"], row["hour"], row["quiet_from"], row["quiet_until"], row["by_mail"]) == ("daily", 9, 22, 7, True)
    here = f"/api/v1/interests/{row['id']}/"
    changed = api.patch(here, {"frequency": "weekly", "weekday": 2, "hour": 8, "paused": True}, format="json").json()
    assert (changed["paused"], changed["text"]) == (True, "钠离子 电池")
    stored = Interest.objects.get()
    assert (stored.next_at.isoweekday(), stored.next_at.hour) == (3, 0)
    assert api.patch(here, {"paused": False}, format="json").json()["paused"] is False
    assert [one["id"] for one in api.get("/api/v1/interests/").json()["results"]] == [row["id"]]
    assert api.delete(here).status_code == 204
    assert api.get(here).status_code == 404


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": " "}, "text"),
        ({"region_codes": ["99"]}, "region_code"),
        ({"industry_codes": ["00"]}, "industry_code"),
        ({"hour": 23}, "hour"),
        ({"hour": 7, "quiet_until": 8}, "hour"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_at_its_field(home: Organisation, fields: dict[str, Any], field: str) -> None:
    body = {"kind": "demand", "text": "" if "text" in fields else "电池", **fields}
    answer = accounts.api_client(home).post("/api/v1/interests/", body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert Interest.objects.count() == 0


def test_a_person_keeps_twenty_at_most(home: Organisation) -> None:
    for number in range(saving.MOST):
        interests.interest(home, text=f"电池{number}")
    with pytest.raises(DomainError) as refusal:
        interests.interest(home)
    assert refusal.value.code == "too_many_interests"


def test_nobody_else_reads_or_changes_a_search_not_even_a_colleague(home: Organisation) -> None:
    row = interests.interest(home)
    colleague = accounts.api_client(accounts.member(home))
    assert colleague.get("/api/v1/interests/").json()["results"] == []
    assert colleague.patch(f"/api/v1/interests/{row.pk}/", {"paused": True}, format="json").status_code == 404
    with pytest.raises(DomainError) as refusal:
        saving.interest_pause(interest=row, actor=accounts.actor_for(home, person_id=accounts.member(home).pk), paused=True)
    assert refusal.value.code == "not_found"


def test_a_digest_says_what_it_held_and_hides_what_is_no_longer_public(home: Organisation) -> None:
    things = [catalogue.achievement(title_zh="钠离子电池"), catalogue.achievement(title_zh="低温钠离子电池包")]
    outbox.relay()
    row = interests.interest(home)
    with interests.at_its_time(row):
        digesting.make_due()
    type(things[0]).objects.filter(pk=things[0].pk).update(state="suspended")
    api = accounts.api_client(home)
    listed = api.get(f"/api/v1/digests/?interest={row.pk}").json()["results"]
    assert [(one["name"], one["number"]) for one in listed] == [("钠离子电池", 2)]
    items = api.get(f"/api/v1/digests/{listed[0]['id']}/").json()["items"]
    assert {(item["id"], item["title"]) for item in items} == {(str(things[0].pk), None), (str(things[1].pk), "低温钠离子电池包")}
    page = page_of(row).get(f"/interests/digests/{listed[0]['id']}/").content.decode()
    assert ("低温钠离子电池包" in page, "已不再公开" in page) == (True, True)
    assert api.get(f"/api/v1/digests/?interest={Digest.objects.get().pk}").json()["results"] == []
    assert api.get("/api/v1/digests/?interest=x").json()["results"] == []


def test_the_pages_save_a_search_brought_from_a_list_and_show_what_it_would_bring(home: Organisation) -> None:
    catalogue.achievement(title_zh="钠离子电池", region_code="120116")
    outbox.relay()
    client = Client()
    client.force_login(home.memberships.get().person)
    asked = client.get("/interests/new/?kind=achievement&text=钠离子&region_codes=12").content.decode()
    assert 'value="钠离子"' in asked
    assert '<option value="12" selected>' in asked
    body = {"kind": "achievement", "text": "钠离子", "region_codes": ["12"], "frequency": "daily", "weekday": 0, "hour": 9}
    wrong = client.post("/interests/new/", {**body, "quiet_from": 8, "quiet_until": 10})
    assert (wrong.status_code, "推送时间在免打扰时段内" in wrong.content.decode()) == (422, True)
    saved = client.post("/interests/new/", {**body, "quiet_from": 22, "quiet_until": 7}, follow=True).content.decode()
    row = Interest.objects.get()
    assert row.by_mail is False
    assert "相同用词：钠离子" in saved
    assert "天津" in client.get("/interests/").content.decode()
    assert client.post(f"/interests/{row.pk}/pause/", follow=True).content.decode().count("已暂停") == 1
    assert client.post(f"/interests/{row.pk}/pause/", {"resume": "yes"}).status_code == 302
    assert client.post(f"/interests/{row.pk}/edit/", {**body, "kind": "demand", "quiet_from": 22, "quiet_until": 7}).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.is_paused) == ("demand", False)
    assert client.post(f"/interests/{row.pk}/delete/", follow=True).status_code == 200
    assert Interest.objects.count() == 0


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_link_asks_by_get_and_stops_by_post_without_signing_in_or_a_page_s_token(home: Organisation, language: str) -> None:
    row = interests.interest(home)
    link, stranger = f"{language}{unsubscribing.path_of(row)}", Client(enforce_csrf_checks=True)
    for _ in range(2):
        assert stranger.get(link).status_code == 200
    row.refresh_from_db()
    assert row.by_mail is True
    for _ in range(2):
        answer = stranger.post(link, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, row.name in answer.content.decode()) == (200, False)
    row.refresh_from_db()
    assert (row.by_mail, row.is_paused) == (False, False)


def test_a_link_that_was_not_signed_for_it_is_unknown(home: Organisation) -> None:
    row, other = interests.interest(home), interests.interest(home)
    own, signature = unsubscribing.path_of(row).split("/")[2].split(".")
    stolen = unsubscribing.path_of(other).split("/")[2].split(".")[1]
    for token in (own, f"{own}.{stolen}", f"{own}.{signature}x", f"x.{signature}", "."):
        assert Client().post(f"/unsubscribe/{token}/").status_code == 404
    assert set(Interest.objects.values_list("by_mail", flat=True)) == {True}
    saving.interest_delete(interest=row, actor=interests.owner(row))
    assert Client().post(unsubscribing.path_of(row)).status_code == 200
