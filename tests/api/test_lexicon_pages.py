"""The table of names over HTTP and on its pages: read by all, changed by administrators."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from marketplace.common.errors import Invalid
from marketplace.lexicon import selectors
from marketplace.lexicon.services import changing
from matching.app.services import naming
from matching.engine.lexicon import shipped
from tests.factories import accounts

pytestmark = pytest.mark.django_db
AT = "/api/v1/lexicon/"
NEW: dict[str, Any] = {"chinese": ["气凝胶", "氣凝膠"], "english": ["aerogel"], "reason": "新领域"}


@pytest.fixture
def api() -> APIClient:
    return accounts.api_client(accounts.staff("admin"))


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(accounts.staff("admin"))
    return client


def test_an_entry_is_added_changed_and_withdrawn_by_the_api_and_every_version_stays(api: APIClient) -> None:
    anyone = accounts.api_client()
    made = api.post(f"{AT}concepts/", NEW, format="json")
    assert (made.status_code, made.json()["english"]) == (201, ["aerogel"])
    at = f"{AT}concepts/{made.json()['id']}/"
    assert anyone.get(AT, {"q": "AEROGEL"}).json()["concepts"] == [made.json()]
    again = api.post(f"{AT}concepts/", NEW, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    changed = api.put(at, NEW | {"english": ["aerogel", "aero gel"]}, format="json")
    assert (changed.status_code, changed.json()["english"]) == (200, ["aerogel", "aero gel"])
    assert api.post(f"{at}withdraw/", {"reason": "有误"}, format="json").status_code == 204
    assert [row["number"] for row in anyone.get(f"{AT}versions/").json()] == [4, 3, 2, 1]
    assert [row["number"] for row in anyone.get(f"{AT}versions/", {"before": 3}).json()] == [2, 1]
    tables = [anyone.get(AT, {"version": version, "q": "气凝胶"}).json() for version in (1, 2, 3, 4)]
    assert [[one["english"] for one in table["concepts"]] for table in tables] == [[], [["aerogel"]], [["aerogel", "aero gel"]], []]
    assert anyone.get(AT, {"version": 5}).status_code == 404


def test_what_is_no_name_is_said_at_its_field_in_the_readers_language(api: APIClient) -> None:
    refused = api.post(f"{AT}concepts/", NEW | {"english": ["the"]}, format="json", headers={"Accept-Language": "en"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["english"])
    anyone = accounts.api_client()
    assert api.post(f"{AT}concepts/", NEW, format="json").status_code == 201
    first = [anyone.get(f"{AT}versions/", headers={"Accept-Language": language}).json()[-1]["reason"] for language in ("zh-hans", "en")]
    assert first == ["随程序提供", "Came with the program"]


@pytest.mark.parametrize(
    ("chinese", "english", "at", "told"),
    [
        ("钢", [f"steel {number}" for number in range(13)], "english", "每种语言最多 12 个名称。"),
        ("钢  " + "材" * 60, ["steel"], "chinese", "名称不能超过 60 个字符：钢 " + "材" * 60),
    ],
)
def test_a_name_is_refused_on_its_own_side(chinese: str, english: list[str], at: str, told: str) -> None:
    with pytest.raises(Invalid) as refusal:
        changing.concept_add(actor=accounts.staff_actor("admin"), chinese=[chinese], english=english, reason="x")
    assert {name: [str(one) for one in said] for name, said in refusal.value.fields.items()} == {at: [told]}


def test_a_page_makes_only_the_entries_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    concept_id = naming.concept_id
    monkeypatch.setattr(naming, "concept_id", lambda one: [made.append(one.key), concept_id(one)][1])
    assert Client().get("/lexicon/").status_code == 200
    assert len(shipped()) > len(made) == 100


def test_a_file_is_taken_by_the_api_and_the_downloaded_one_is_what_the_hash_says(api: APIClient) -> None:
    file = SimpleUploadedFile("names.csv", "chinese,english\n气凝胶,aerogel\n".encode())
    loaded = api.post(f"{AT}import/", {"file": file, "reason": "整理"}, format="multipart")
    assert (loaded.status_code, loaded.json()["number"], loaded.json()["changed"]) == (201, 2, 1)
    downloaded = Client().get("/lexicon/table.csv")
    assert hashlib.sha256(downloaded.content).hexdigest() == loaded.json()["sha256"] == accounts.api_client().get(AT).json()["sha256"]
    assert downloaded.content.decode().count("\n") == len(shipped()) + 2


def test_the_pages_show_the_table_to_all_and_change_it_for_an_administrator(admin: Client) -> None:
    first = Client().get("/lexicon/").content.decode()
    assert ("锂电池" in first or "版本" in first, "/lexicon/new/" in first) == (True, False)
    assert admin.get("/lexicon/new/").status_code == 200
    saved = admin.post("/lexicon/new/", {"chinese": "气凝胶\n氣凝膠", "english": "aerogel\naero gel", "reason": "新领域"})
    assert (saved.status_code, saved["Location"]) == (302, "/lexicon/")
    (entry,) = selectors.entries_of(selectors.table_at(), words="aerogel")
    assert entry.english == ("aerogel", "aero gel")
    english = admin.get("/en/lexicon/?q=aerogel").content.decode()
    assert ("Version 2" in english, f'href="{entry.id}/"' in english, "新领域" in english) == (True, True, True)
    form = admin.get(f"/lexicon/{entry.id}/").content.decode()
    assert "气凝胶\n氣凝膠" in form
    assert admin.post(f"/lexicon/{entry.id}/", {"chinese": "气凝胶", "english": "the", "reason": "x"}).status_code == 422
    assert admin.post(f"/lexicon/{entry.id}/", {"chinese": "气凝胶", "english": "aerogel", "reason": "简化"}).status_code == 302
    assert "danger" in admin.get(f"/lexicon/{entry.id}/withdraw/").content.decode()
    assert admin.post(f"/lexicon/{entry.id}/withdraw/", {"reason": "有误"}).status_code == 302
    assert "没有这个名称" in Client().get("/lexicon/?q=aerogel").content.decode()
    assert "aerogel" in Client().get("/lexicon/?q=aerogel&version=3").content.decode()
    file = SimpleUploadedFile("names.csv", "chinese,english\n气凝胶\n".encode())
    refused = admin.post("/lexicon/import/", {"file": file, "reason": "整理"})
    assert (refused.status_code, "第 2 行" in refused.content.decode()) == (422, True)
