"""The pages of supply in both languages: lists, one thing, forms, moves and imports."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Membership, Organisation, Person
from marketplace.catalogue.models import Achievement, Expert, ImportRun, Team
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db


def browser(who: Organisation | Person | None = None) -> Client:
    client = Client()
    if isinstance(who, Organisation):
        who = Membership.objects.filter(organisation=who).order_by("id")[0].person
    if who is not None:
        client.force_login(who)
    return client


def body(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_the_lists_show_what_is_public_in_both_languages_with_its_own_lang() -> None:
    catalogue.achievement(title_zh="钠离子正极", title_en="Sodium cathode")
    catalogue.achievement(title_zh="只有中文名", published=True)
    catalogue.achievement(title_zh="还是草稿", published=False)
    chinese, english = body(browser().get("/achievements/")), body(browser().get("/en/achievements/"))
    assert "钠离子正极" in chinese
    assert 'lang="en">Sodium cathode' in english
    assert 'lang="zh-Hans">只有中文名' in english
    assert "还是草稿" not in chinese + english
    catalogue.team(name_zh="储能团队", name_en="Storage group")
    assert "储能团队" in body(browser().get("/teams/"))
    assert "Storage group" in body(browser().get("/en/teams/"))


def test_a_list_is_searched_narrowed_and_paged() -> None:
    home = accounts.organisation("university", region="120116")
    for number in range(22):
        catalogue.achievement(home, title_zh=f"电池{number:02}", industry_code="38")
    catalogue.achievement(title_zh="膜法水处理", industry_code="46", summary_zh="反渗透。")
    assert "膜法水处理" in body(browser().get("/achievements/", {"q": "水处理"}))
    assert "电池" not in body(browser().get("/achievements/", {"q": "水处理"}))
    narrowed = body(browser().get("/achievements/", {"region_code": "12", "industry_code": "38"}))
    assert "膜法水处理" not in narrowed
    first = browser().get("/achievements/", {"region_code": "12"})
    second = browser().get(f"/achievements/{first.context['next_url']}")
    assert [len(page.context["rows"]) for page in (first, second)] == [20, 2]
    assert {row.pk for row in first.context["rows"]}.isdisjoint(row.pk for row in second.context["rows"])
    assert (first.context["total"], first.context["previous_url"], second.context["next_url"]) == (22, "", "")


def test_nonsense_in_an_address_is_passed_over() -> None:
    catalogue.achievement(title_zh="钠离子正极")
    asked = {"region_code": "zz", "industry_code": "'", "before": "yesterday", "q": "\0"}
    assert browser().get("/achievements/", {**asked, "q": ""}).context["total"] == 1
    assert browser().get("/achievements/", asked).context["total"] == 1
    assert browser().get("/achievements/", {"q": "压电"}).context["total"] == 0


@pytest.mark.parametrize("kind", ["achievements", "teams", "experts"])
def test_a_list_of_many_costs_as_many_queries_as_a_list_of_one(kind: str) -> None:
    home = accounts.organisation("university")
    add = {"achievements": catalogue.achievement, "teams": catalogue.team, "experts": catalogue.expert}[kind]

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(browser().get(f"/{kind}/"))
        return sum("catalogue_" in query["sql"] for query in queries)  # the footer asks the ledger every two seconds

    add(home)
    one = cost()
    for _ in range(12):
        add(home)
    assert cost() == one


def test_the_list_says_that_a_protection_has_ended() -> None:
    catalogue.achievement(ipr_status="granted")
    assert "已过保护期" not in body(browser().get("/achievements/"))
    catalogue.achievement(ipr_status="granted", protected_until=date(2020, 2, 29))
    assert body(browser().get("/achievements/")).count("<li>专利已授权</li><li>已过保护期</li>") == 1
    assert "Protection has ended" in body(browser().get("/en/achievements/"))


def test_the_owner_changes_when_protection_ends_by_page_and_api() -> None:
    home = accounts.organisation("university")
    row, secret = catalogue.achievement(home, ipr_status="granted"), catalogue.achievement(home, ipr_status="secret")
    at, client = f"/achievements/{row.pk}/", browser(home)
    pages = [body(browser(home).get(f"{prefix}{at}")) for prefix in ("", "/en")]
    assert ("更改保护期" in pages[0], "Change the last day of protection" in pages[1]) == (True, True)
    for nobody, shown in ((browser(), row), (client, secret)):
        assert "actions/amend/" not in body(nobody.get(f"/achievements/{shown.pk}/"))
    form = body(client.get(f"{at}actions/amend/"))
    assert ("此后本成果由单位声明" in form, "留空即删除，视为未写明到期" in form, "可不填" in form) == (True, True, False)
    refused = client.post(f"/en{at}actions/amend/", {"key": "", "protected_until": "2030-02-30"})
    assert (refused.status_code, 'value="2030-02-30"' in refused.content.decode()) == (422, True)
    assert client.post(f"{at}actions/amend/", {"key": "", "protected_until": "2030-02-28"})["Location"] == at
    assert ("2030-02-28" in body(client.get(at)), "平台未核验" in body(client.get(at))) == (True, True)
    assert 'value="2030-02-28"' in body(client.get(f"{at}actions/amend/"))
    same = client.post(f"{at}actions/amend/", {"key": "", "protected_until": "2030-02-28"})
    assert (same.status_code, "与现在的保护期相同" in same.content.decode()) == (422, True)

    api, amend = accounts.api_client(home), f"/api/v1{at}actions/amend/"
    cleared = api.post(amend, {"protected_until": None}, format="json")
    assert (cleared.status_code, cleared.json()["protected_until"], cleared.json()["declared"]) == (200, None, True)
    told = {"protected_until": None}, {"protected_until": "2030-02-30"}, {}
    answers = [api.post(amend, given, format="json", HTTP_ACCEPT_LANGUAGE="en") for given in told]
    assert [(one.status_code, list(one.json()["fields"])) for one in answers] == [
        (status, ["protected_until"]) for status in (422, 400, 400)
    ]
    assert answers[0].json()["fields"] == {"protected_until": ["That is what it says already."]}


def test_a_suspended_institution_sees_every_move_with_what_stands_in_its_way() -> None:
    home = accounts.organisation("university")
    row = catalogue.achievement(home, ipr_status="granted")
    perform("suspend", home, accounts.staff_actor("admin"), reason="信息不实")
    page = body(browser(home).get(f"/en/achievements/{row.pk}/"))
    barred = re.findall(r'<button class="btn" disabled>([^<]*)', page)
    assert barred == ["Confirm as current", "Change the last day of protection", "Withdraw"]


def test_a_declared_achievement_says_so_and_a_hidden_one_is_not_there() -> None:
    home = accounts.organisation("university")
    verified, draft = catalogue.achievement(home), catalogue.achievement(home, published=False)
    assert "平台未核验" not in body(browser().get(f"/achievements/{verified.pk}/"))
    assert browser().get(f"/achievements/{draft.pk}/").status_code == 404
    assert "平台未核验" in body(browser(home).get(f"/achievements/{draft.pk}/"))


@pytest.mark.parametrize(
    ("kind", "address"), [("university", "/achievements/new/"), ("university", "/teams/new/"), ("company", "/demands/new/")]
)
def test_a_new_form_begins_with_the_organisations_own_region(kind: str, address: str) -> None:
    home = accounts.organisation(kind, region="130600")
    assert '<option value="130600" selected>' in body(browser(home).get(address))


def test_a_university_writes_submits_and_a_reviewer_sends_back_by_pages() -> None:
    home = accounts.organisation("university")
    team = catalogue.team(home)
    client = browser(home)
    given = {
        "ref": "A-1",
        "title_zh": "钠离子正极",
        "summary_zh": "包覆。",
        "region_code": "120116",
        "readiness": "6",
        "ipr_status": "granted",
    }
    answer = client.post("/achievements/new/", {**given, "team_id": str(team.pk), "keywords_zh": "电池、正极"})
    row = Achievement.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/achievements/{row.pk}/")
    assert (row.team, row.keywords_zh, row.readiness) == (team, ["电池", "正极"], 6)
    assert client.post("/achievements/new/", given).status_code == 422
    client.post(f"/achievements/{row.pk}/edit/", {**given, "readiness": "7"})
    client.post(f"/achievements/{row.pk}/actions/submit/")
    reviewer = browser(accounts.staff("reviewer"))
    assert "退回补充" in body(reviewer.get(f"/achievements/{row.pk}/actions/request_changes/"))
    reviewer.post(f"/achievements/{row.pk}/actions/request_changes/", {"reason": "请补充专利号。", "key": "k"})
    row.refresh_from_db()
    assert (row.state, row.readiness) == ("draft", 7)


def test_a_team_is_written_and_published_by_pages() -> None:
    home = accounts.organisation("university")
    client = browser(home)
    client.post(
        "/teams/new/", {"name_zh": "储能团队", "principal_investigator": "韩梅梅", "region_code": "120116", "industry_codes": ["38"]}
    )
    row = Team.objects.get()
    client.post(f"/teams/{row.pk}/actions/publish/")
    row.refresh_from_db()
    assert row.state == "published"
    assert "韩梅梅" in body(browser().get(f"/teams/{row.pk}/"))


def test_an_expert_is_put_on_the_register_by_pages_and_only_then_shown_by_name() -> None:
    home = accounts.organisation("university")
    client, member = browser(home), accounts.member(home, name="韩梅梅")
    stranger = accounts.person(name="李雷雷")
    assert ("韩梅梅" in (form := body(client.get("/experts/new/"))), "李雷雷" in form) == (True, False)
    given = {"person": str(member.pk), "fields_zh": "电化学、电解液", "summary_zh": "从事储能研究。", "region_code": "120116"}
    assert client.post("/experts/new/", {**given, "person": str(stranger.pk)}).status_code == 422
    answer = client.post("/experts/new/", given)
    row = Expert.objects.get()
    at = f"/experts/{row.pk}/"
    assert (answer.status_code, answer["Location"], row.fields_zh) == (302, at, ["电化学", "电解液"])
    assert client.post("/experts/new/", given).status_code == 422
    client.post(f"{at}edit/", {**given, "summary_en": "Works on storage."})
    client.post(f"{at}actions/submit/")
    assert (browser().get(at).status_code, "韩梅梅" in body(browser().get("/experts/"))) == (404, False)
    browser(accounts.staff("reviewer")).post(f"{at}actions/verify/")
    assert "从事储能研究" in body(browser().get("/experts/", {"q": "韩梅梅", "region_code": "12"}))
    page = body(browser().get(f"/en{at}"))
    assert ("韩梅梅" in page, "Works on storage." in page, "电解液" in page) == (True, True, True)
    assert (member.email in page, member.email in body(client.get(at))) == (False, False)


def test_strangers_are_led_to_sign_in_or_refused() -> None:
    row = catalogue.team()
    assert browser().get("/teams/new/").status_code == 302
    assert browser().get("/imports/").status_code == 302
    assert browser(accounts.organisation()).post(f"/teams/{row.pk}/actions/withdraw/", {"key": "k"}).status_code == 403
    row.refresh_from_db()
    assert row.state == "published"


def test_a_file_is_sent_and_its_faults_are_read_by_pages(django_capture_on_commit_callbacks) -> None:
    home = accounts.organisation("university")
    client = browser(home)
    content = make.csv("ref,title,readiness", "A,甲,6", "B,乙,60")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/imports/", {"kind": "achievements", "file": SimpleUploadedFile("rows.csv", content)})
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/imports/{run.pk}/")
    assert "应为 1 到 9 的整数" in body(client.get(answer["Location"]))
    assert "rows.csv" in body(client.get("/imports/"))
    assert browser(accounts.organisation()).get(answer["Location"]).status_code == 404
    refused = client.post("/imports/", {"kind": "achievements", "file": SimpleUploadedFile("rows.exe", b"MZ")})
    assert refused.status_code == 422
