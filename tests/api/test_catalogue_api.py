"""Teams, achievements and experts over HTTP: who may, who may not, what comes back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.catalogue.models import Achievement
from tests.factories import accounts, catalogue

pytestmark = pytest.mark.django_db

KINDS = ("achievements", "teams", "experts")


def listed(client, path: str, **query) -> list[str]:
    answer = client.get(f"/api/v1/{path}/", query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_everybody_lists_what_is_published_and_only_owner_and_staff_see_drafts() -> None:
    home = accounts.organisation("university")
    made = {
        "achievements": (catalogue.achievement(home), catalogue.achievement(home, published=False)),
        "teams": (catalogue.team(home), catalogue.team(home, published=False)),
        "experts": (catalogue.expert(home), catalogue.expert(home, published=False)),
    }
    other = accounts.organisation()
    for kind, (public, draft) in made.items():
        for who in (None, other):
            client = accounts.api_client(who)
            assert listed(client, kind) == [str(public.pk)]
            assert client.get(f"/api/v1/{kind}/{public.pk}/").json()["state"] == "published"
            assert client.get(f"/api/v1/{kind}/{draft.pk}/").status_code == 404
        for who in (home, accounts.staff("auditor")):
            assert set(listed(accounts.api_client(who), kind)) == {str(public.pk), str(draft.pk)}


def test_lists_are_narrowed_by_words_region_industry_and_organisation() -> None:
    near, far = accounts.organisation("university", region="120116"), accounts.organisation("university", region="130100")
    battery = catalogue.achievement(near, title_zh="钠离子电池", industry_code="38")
    water = catalogue.achievement(far, title_zh="膜法水处理", industry_code="46", summary_zh="反渗透。")
    team = catalogue.team(near, industry_codes=["38", "39"])
    client = accounts.api_client()
    for query, wanted in (
        ({"q": "钠离子"}, battery),
        ({"region_code": "12"}, battery),
        ({"region_code": "130100"}, water),
        ({"industry_code": "46"}, water),
        ({"organisation": str(near.pk)}, battery),
    ):
        assert listed(client, "achievements", **query) == [str(wanted.pk)], query
    assert set(listed(client, "achievements", region_code=["12", "13"])) == {str(battery.pk), str(water.pk)}
    assert listed(client, "teams", industry_code="39") == [str(team.pk)]
    assert listed(client, "teams", industry_code="46") == []
    for field, nonsense in (("organisation", "nobody"), ("region_code", "\0"), ("industry_code", "'")):
        refusal = client.get("/api/v1/achievements/", {field: nonsense})
        assert (refusal.status_code, list(refusal.json()["fields"])) == (422, [field])
    assert listed(client, "experts", q="\0") == listed(client, "achievements", q="，\0") == []


def test_an_expert_is_found_by_name() -> None:
    expert = catalogue.expert()
    assert listed(accounts.api_client(), "experts", q="梅梅") == [str(expert.pk)]
    assert listed(accounts.api_client(), "experts", q="李雷") == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_many_costs_as_many_queries_as_a_page_of_one(kind: str) -> None:
    home = accounts.organisation("university")
    make = {"achievements": catalogue.achievement, "teams": catalogue.team, "experts": catalogue.expert}[kind]

    def cost() -> int:
        client = accounts.api_client()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            listed(client, kind, page_size=50)
        return len(queries)

    make(home)
    one = cost()
    for _ in range(12):
        make(home)
    assert cost() == one == 1


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    home = accounts.organisation("university")
    wanted = [str(catalogue.team(home).pk) for _ in range(5)]
    client, url, seen = accounts.api_client(), "/api/v1/teams/?page_size=2", []
    while url:
        page = client.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == sorted(wanted, reverse=True)


def test_a_university_brings_an_achievement_to_the_public_over_http() -> None:
    home = accounts.organisation("university", region="120116")
    team = catalogue.team(home)
    client, reviewer = accounts.api_client(home), accounts.api_client(accounts.staff("reviewer"))
    body = {"ref": "A-1", "title_en": "Layered oxide cathode", "summary_en": "Coated.", "readiness": 6, "team": str(team.pk)}
    answer = client.post("/api/v1/achievements/", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["state"], made["region_code"], made["team"]["id"], made["declared"]) == ("draft", "120116", str(team.pk), True)
    assert [offer["action"] for offer in made["actions"]] == ["submit"]
    url = f"/api/v1/achievements/{made['id']}/"
    assert client.patch(url, {"readiness": 7}).json()["readiness"] == 7
    assert client.post(f"{url}actions/submit/").json()["state"] == "submitted"
    assert reviewer.post(f"{url}actions/reject/", {}).status_code == 400
    assert reviewer.post(f"{url}actions/verify/").json()["declared"] is False
    assert client.post(f"{url}actions/publish/").json()["state"] == "published"
    assert accounts.api_client().get(url).json()["actions"] == []


def test_a_team_is_drafted_published_edited_and_suspended_with_a_reason() -> None:
    home = accounts.organisation("university")
    client = accounts.api_client(home)
    made = client.post("/api/v1/teams/", {"name_zh": "储能团队", "principal_investigator": "韩梅梅", "industry_codes": ["38"]}).json()
    url = f"/api/v1/teams/{made['id']}/"
    assert client.post(f"{url}actions/publish/").json()["state"] == "published"
    assert client.patch(url, {"capabilities_zh": ["软包电池"]}).json()["capabilities_zh"] == ["软包电池"]
    security = accounts.api_client(accounts.staff("admin"))
    assert security.post(f"{url}actions/suspend/", {"reason": "资料不实"}).json()["state"] == "suspended"
    assert accounts.api_client().get(url).status_code == 404


def test_an_expert_is_put_on_the_register_by_their_organisation() -> None:
    home = accounts.organisation("university")
    person = accounts.member(home, name="韩梅梅")
    client = accounts.api_client(home)
    made = client.post("/api/v1/experts/", {"person": str(person.pk), "summary_zh": "储能。", "fields_zh": ["电化学"]})
    assert (made.status_code, made.json()["name"]) == (201, "韩梅梅")
    stranger = client.post("/api/v1/experts/", {"person": str(accounts.person().pk), "summary_zh": "储能。"})
    assert stranger.status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"ref": "A"}, 422, "title_zh"),
        ({"title_zh": "甲"}, 400, "ref"),
        ({"ref": "A", "title_zh": "甲", "region_code": "440305"}, 422, "region_code"),
        ({"ref": "A", "title_zh": "甲", "industry_code": "00"}, 422, "industry_code"),
        ({"ref": "A", "title_zh": "甲", "readiness": 12}, 400, "readiness"),
        ({"ref": "A", "title_zh": "甲", "team": "018f0000-0000-7000-8000-000000000000"}, 422, "team"),
    ],
)
def test_a_faulty_achievement_is_refused_at_its_field(body: dict, status: int, field: str) -> None:
    answer = accounts.api_client(accounts.organisation("university")).post("/api/v1/achievements/", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert list(answer.json()["fields"]) == [field]
    assert not Achievement.objects.exists()


def test_the_team_of_another_organisation_is_as_unknown_as_none() -> None:
    body = {"ref": "A", "title_zh": "甲", "team": str(catalogue.team().pk)}
    answer = accounts.api_client(accounts.organisation("university")).post("/api/v1/achievements/", body)
    assert (answer.status_code, answer.json()["fields"]) == (422, {"team": ["本单位没有这个团队。"]})


def test_strangers_and_read_only_keys_write_nothing() -> None:
    row = catalogue.achievement()
    draft = catalogue.achievement(row.organisation, published=False)
    url = f"/api/v1/achievements/{row.pk}/"
    assert accounts.api_client().post("/api/v1/achievements/", {"ref": "A", "title_zh": "甲"}).status_code == 401
    assert accounts.api_client().post(f"{url}actions/withdraw/").status_code == 401
    stranger = accounts.api_client(accounts.organisation())
    assert stranger.post(f"{url}actions/withdraw/").status_code == 403
    assert stranger.patch(url, {"readiness": 1}).status_code == 403
    assert stranger.post(f"/api/v1/achievements/{draft.pk}/actions/submit/").status_code == 404
    _, token = accounts.api_key(row.organisation, scopes=("read",))
    reader = accounts.api_client(token=token)
    assert reader.post(f"{url}actions/withdraw/").json()["code"] == "scope_missing"
    assert reader.post("/api/v1/achievements/", {"ref": "A", "title_zh": "甲"}).json()["code"] == "scope_missing"
    assert accounts.api_client(row.organisation).post(f"{url}actions/import_batch/").status_code == 403
