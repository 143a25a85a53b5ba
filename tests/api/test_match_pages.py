"""Matches as they are shown: the conditions with what they took out, and what is near to a demand that is being written."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Organisation
from marketplace.accounts.services import erasing
from marketplace.common import outbox
from marketplace.demands.services import counting, suggesting
from marketplace.demands.web import matching
from marketplace.demands.web.forms import DemandForm
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
# The test's own transaction; and the corpus, which the matcher keeps in memory as soon as it is committed.
NOT_COUNTED = re.compile(r'^SAVEPOINT|^RELEASE|FROM "matching_document"|pg_current_xact_id_if_assigned')
WRITTEN = {"title_zh": "低温钠离子电池正极", "text_zh": "零下二十度的容量保持率。"}


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def browser(home: Organisation) -> Client:
    client = Client()
    client.force_login(home.memberships.order_by("id")[0].person)
    return client


def test_the_page_names_each_condition_with_what_it_left_out_and_leads_to_the_matches_without_it() -> None:
    demand = demands.demand(budget_max_fen=1_000_000, ipr_wanted=["granted"])
    catalogue.achievement(title_zh="低温钠离子电池甲", ipr_status="granted")
    catalogue.achievement(title_zh="低温钠离子电池乙", ipr_status="granted", price_fen=1_500_000)
    catalogue.achievement(title_zh="低温钠离子电池丙", ipr_status="granted", protected_until=date(2020, 2, 29))
    outbox.relay()
    anyone, at = Client(), f"/demands/{demand.pk}/"
    page = anyone.get(at).content.decode()
    assert ("价格 ≤ 1.00 万元 · 排除 1 项" in page, "知识产权：专利已授权 · 排除 0 项" in page) == (True, True)
    assert ("低温钠离子电池甲" in page, "低温钠离子电池乙" in page) == (True, False)
    assert ("仍在保护期内 · 排除 1 项" in page, "低温钠离子电池丙" in page) == (True, False)
    assert "低温钠离子电池丙" in anyone.get(f"{at}?without=expiry").content.decode()
    assert 'href="?without=budget#matches"' in page
    without = anyone.get(f"{at}?without=budget").content.decode()
    assert ("低温钠离子电池乙" in without, "恢复条件 价格" in without) == (True, True)
    english = anyone.get(f"/en{at}").content.decode()
    assert "Price ≤ ¥10,000 · 1 left out" in english


def test_where_nothing_is_found_only_a_condition_that_leaves_something_out_is_named_as_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    demand = demands.demand(budget_max_fen=1_000_000)
    at = f"/demands/{demand.pk}/"
    empty = Client().get(at).content.decode()
    assert ("排除 0 项" in empty, "去掉有排除的条件" in empty, "暂时没有与之相符的公开成果" in empty) == (True, False, True)
    weak = catalogue.achievement(title_zh="持久混凝土", summary_zh="水泥养护。", industry_code="30")
    outbox.relay()
    assert weak.title_zh in Client().get(at).content.decode()
    monkeypatch.setattr(matching, "LEAST_SHOWN", 1.0)  # as if its score were written as 0.000
    assert "暂时没有与之相符的公开成果" in Client().get(at).content.decode()
    assert "No listed expert fits at the moment" in Client().get(f"/en{at}?kind=expert").content.decode()
    catalogue.achievement(title_zh="低温钠离子电池", price_fen=1_000_001)
    outbox.relay()
    assert "take away one that leaves something out" in Client().get(f"/en{at}").content.decode()


def test_the_api_ranks_under_the_conditions_and_says_what_they_take_out() -> None:
    demand = demands.demand(budget_max_fen=1_000_000)
    offer = catalogue.achievement(title_zh="低温钠离子电池", price_fen=1_000_001)
    outbox.relay()
    api = accounts.api_client()
    assert api.get(f"/api/v1/matches/?demand={demand.pk}").json() == []
    assert [row["id"] for row in api.get(f"/api/v1/matches/?demand={demand.pk}&without=budget").json()] == [str(offer.pk)]
    (budget,) = api.get(f"/api/v1/matches/conditions/?demand={demand.pk}").json()
    assert budget == {"name": "budget", "applied": True, "removed": 1, "more": False}
    assert api.get(f"/api/v1/matches/conditions/?achievement={offer.pk}&without=ipr").json() == [
        {"name": "budget", "applied": True, "removed": 1, "more": False},
        {"name": "ipr", "applied": False, "removed": 0, "more": False},
    ]
    assert api.get(f"/api/v1/matches/conditions/?demand={demand.pk}&achievement={offer.pk}").status_code == 400
    assert api.get(f"/api/v1/matches/conditions/?demand={demand.pk}&without=taste").status_code == 400


def test_what_is_left_out_is_counted_to_a_bound_and_beyond_it_page_and_api_say_that_it_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    demand = demands.demand(budget_max_fen=1_000_000, ipr_wanted=["granted", "none"])
    for price in range(2):
        catalogue.achievement(title_zh="低温钠离子电池", price_fen=1_000_001 + price, ipr_status="secret")
    api, at, told = accounts.api_client(), f"/demands/{demand.pk}/", f"/api/v1/matches/conditions/?demand={demand.pk}&readiness=9"
    monkeypatch.setattr(counting, "MOST", 2)
    assert {(one["removed"], one["more"]) for one in api.get(told).json()} == {(2, False)}
    assert "价格 ≤ 1.00 万元 · 排除 2 项" in Client().get(at).content.decode()
    monkeypatch.setattr(counting, "MOST", 1)
    assert [(one["name"], one["removed"], one["more"]) for one in api.get(told).json()] == [
        (name, 1, True) for name in ("budget", "ipr", "readiness")
    ]
    assert "价格 ≤ 1.00 万元 · 排除超过 1 项" in Client().get(at).content.decode()
    assert "Price ≤ ¥10,000 · more than 1 left out" in Client().get(f"/en{at}").content.decode()


def test_what_was_suspended_is_gone_from_page_and_api_before_the_index_follows() -> None:
    demand = demands.demand(**WRITTEN)
    offer, staying = (catalogue.achievement(title_zh=f"低温钠离子电池{name}", summary_zh="容量保持率。") for name in "甲乙")
    outbox.relay()
    perform("suspend", offer, accounts.staff_actor("reviewer"), reason="资料不实")
    anyone, api = Client(), accounts.api_client()
    assert anyone.get(f"/achievements/{offer.pk}/").status_code == 404
    page = anyone.get(f"/demands/{demand.pk}/").content.decode()
    assert ("低温钠离子电池甲" in page, "低温钠离子电池乙" in page) == (False, True)
    assert [row["id"] for row in api.get(f"/api/v1/matches/?demand={demand.pk}").json()] == [str(staying.pk)]


TEXTS = ("text_zh", "text_en", "acceptance_zh", "acceptance_en", "details_zh")


def test_a_text_is_as_long_as_the_api_takes_it_and_no_longer() -> None:
    written = {**WRITTEN, "mode": "claim", "region_code": "110108"}
    assert DemandForm(written | dict.fromkeys(TEXTS, "电" * 20_000)).is_valid()
    assert set(DemandForm(written | dict.fromkeys(TEXTS, "电" * 20_001)).errors) == set(TEXTS)
    assert all(getattr(field, "max_length", None) for field in DemandForm().fields.values() if isinstance(field.widget, forms.Textarea))


def test_the_conditions_of_a_draft_are_for_its_company_alone(home: Organisation) -> None:
    draft = demands.demand(home, until="draft")
    at = f"/api/v1/matches/conditions/?demand={draft.pk}"
    assert (accounts.api_client(home).get(at).status_code, accounts.api_client().get(at).status_code) == (200, 404)


def test_price_and_protection_are_written_by_page_and_api(home: Organisation) -> None:
    made = accounts.api_client(home).post(
        "/api/v1/demands/", {**WRITTEN, "region_code": "110108", "ipr_wanted": ["granted", "secret"]}, format="json"
    )
    assert (made.status_code, made.json()["ipr_wanted"]) == (201, ["granted", "secret"])
    shown = browser(home).get(f"/demands/{made.json()['id']}/").content.decode()
    assert "专利已授权、技术秘密" in shown
    assert browser(home).get(f"/demands/{made.json()['id']}/edit/").content.decode().count("checked") >= 2
    school = accounts.organisation("university")
    body = {"ref": "A-1", "title_zh": "钠离子电池", "region_code": "110108", "ipr_status": "granted", "price_fen": "12,000.00"}
    at = browser(school).post("/achievements/new/", body | {"protected_until": "2020-02-29"}).headers["Location"]
    written = browser(school).get(at).content.decode()
    assert ("¥12,000.00" in written, "2020-02-29" in written, "已过保护期" in written) == (True, True, True)
    assert 'value="2020-02-29"' in browser(school).get(f"{at}edit/").content.decode()
    api = accounts.api_client(school)
    assert api.get(f"/api/v1{at}").json()["protected_until"] == "2020-02-29"
    refused = api.patch(f"/api/v1{at}", {"ipr_status": "secret"}, format="json")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["protected_until"])


def _broken(**_: Any) -> Any:
    raise OSError("the matcher's files are gone")


def test_what_is_near_is_shown_while_writing_on_saving_and_by_the_api(home: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    other = demands.demand(**WRITTEN, title_en="")
    catalogue.achievement(title_zh="钠离子电池正极包覆", summary_zh="零下二十度的容量保持率高。")
    outbox.relay()
    client = browser(home)
    part = client.post("/demands/similar/", WRITTEN).content.decode()
    assert ("<html" in part, f"/demands/{other.pk}/" in part, "钠离子电池正极包覆" in part) == (False, True, True)
    assert "几乎相同" in part
    assert client.post("/demands/similar/", {}).content.decode().strip() == ""
    wrong = client.post("/demands/new/", {**WRITTEN, "mode": "claim"})
    assert (wrong.status_code, f"/demands/{other.pk}/" in wrong.content.decode()) == (422, True)
    with monkeypatch.context() as without_matcher:
        without_matcher.setattr(suggesting.matcher, "rank", _broken)
        saved = client.post("/demands/new/", {**WRITTEN, "mode": "claim", "region_code": "110108"})
    assert saved.status_code == 302  # a suggestion never stands before a demand
    saved = client.get(saved.headers["Location"])
    assert (saved.status_code, f"/demands/{other.pk}/" in saved.content.decode()) == (200, True)
    told = accounts.api_client(home).post("/api/v1/demands/similar/", WRITTEN, format="json").json()
    assert {"id": str(other.pk), "likeness": 1.0, "is_same": True}.items() <= told["demands"][0].items()
    assert [row["title"] for row in told["achievements"]] == ["钠离子电池正极包覆"]


def test_the_confidential_part_is_never_compared(home: Organisation) -> None:
    secret: dict[str, Any] = {"title_zh": "低温材料", "title_en": "", "text_zh": "见附件。", "details_zh": WRITTEN["title_zh"] * 3}
    demands.demand(**secret)
    outbox.relay()
    assert browser(home).post("/demands/similar/", WRITTEN).content.decode().strip() == ""
    only_secret = {"details_zh": WRITTEN["title_zh"] * 3}
    assert browser(home).post("/demands/similar/", only_secret).content.decode().strip() == ""


def test_what_a_reader_asks_for_stands_in_the_form_and_as_chips_with_what_each_takes_out() -> None:
    demand = demands.demand(budget_max_fen=1_000_000)
    near = catalogue.achievement(title_zh="低温钠离子电池甲", readiness=8)
    far = catalogue.achievement(title_zh="低温钠离子电池乙", region_code="120116", price_fen=2_000_000, readiness=3)
    expert = catalogue.expert(fields_zh=["钠离子电池"])
    outbox.relay()
    anyone, at = Client(), f"/demands/{demand.pk}/"
    page = anyone.get(f"{at}?region_code=11&readiness=6&without=budget").content.decode()
    assert (str(near.pk) in page, str(far.pk) in page, '<option value="11" selected>北京' in page) == (True, False, True)
    assert ("地区：北京 · 排除 1 项" in page, "成熟度 ≥ TRL 6 · 排除 1 项" in page) == (True, True)
    # Taking one away leaves the others, and so does sending the form.
    assert 'href="?without=budget&amp;readiness=6#matches"' in page
    assert '<input type="hidden" name="without" value="budget">' in page
    people = anyone.get(f"/en{at}?kind=expert&industry_code=01").content.decode()
    assert ("Matching experts" in people, str(expert.pk) in people, "Industry: Agriculture · 1 left out" in people) == (True, False, True)
    people = anyone.get(f"{at}?kind=expert&kind=nonsense&region_code=x&readiness=40").content.decode()
    assert ("匹配的成果" in people, str(near.pk) in people) == (True, True)


def test_experts_are_ranked_by_page_and_api_and_see_the_demands_that_fit_on_their_own_page() -> None:
    demand = demands.demand()
    school = accounts.organisation("university")
    expert = catalogue.expert(school, fields_zh=["钠离子电池"])
    hidden = catalogue.expert(school, published=False, fields_zh=["钠离子电池"])
    outbox.relay()
    page = Client().get(f"/demands/{demand.pk}/?kind=expert").content.decode()
    assert (f"/experts/{expert.pk}/" in page, expert.person.name in page, str(hidden.pk) in page) == (True, True, False)
    api = accounts.api_client()
    (found,) = api.get(f"/api/v1/matches/?demand={demand.pk}&corpus=expert").json()
    assert (found["id"], found["title"]) == (str(expert.pk), "韩梅梅")
    assert {place["field"] for one in found["terms"] for place in one["places"]} == {"fields_zh"}
    (back,) = api.get(f"/api/v1/matches/?expert={expert.pk}&readiness=9").json()
    assert (back["id"], api.get(f"/api/v1/matches/?expert={hidden.pk}").status_code) == (str(demand.pk), 404)
    assert api.get(f"/api/v1/matches/?expert={expert.pk}&readiness=1").json() == []
    counted = api.get(f"/api/v1/matches/conditions/?demand={demand.pk}&corpus=expert&region_code=12&region_code=13").json()
    assert counted == [{"name": "region", "applied": True, "removed": 1, "more": False}]
    assert api.get(f"/api/v1/matches/?demand={demand.pk}&region_code=x").status_code == 400
    alone = Client()
    alone.force_login(expert.person)
    for reader, sees in ((alone, True), (browser(school), True), (Client(), False), (browser(accounts.organisation("university")), False)):
        assert (f"/demands/{demand.pk}/" in reader.get(f"/experts/{expert.pk}/").content.decode()) is sees


def test_what_is_near_is_asked_in_one_moment_and_costs_the_same_for_one_row_and_for_many(home: Organisation) -> None:
    page, api = browser(home), accounts.api_client(home)
    posts = (lambda: page.post("/demands/similar/", WRITTEN), lambda: api.post("/api/v1/demands/similar/", WRITTEN, format="json"))
    counts = []
    for more in (1, 2):
        for _ in range(more):
            demands.demand(**WRITTEN)
            catalogue.achievement(title_zh=WRITTEN["title_zh"], summary_zh=WRITTEN["text_zh"])
        outbox.relay()
        asked = [asked_by(post) for post in posts]
        counts.append([len(one) for one in asked])
        assert [sum("clock_timestamp" in sql for sql in one) for one in asked] == [1, 1]
    # Session, person, membership, the clock; then of demands and achievements the corpus, what is open, and the rows; and the own demands.
    assert counts == [[11, 11], [11, 11]]


def asked_by(post: Callable[[], Any]) -> list[str]:
    """What the database is asked for one answer; the second asking, so that nothing is counted that is kept afterwards."""
    post()
    with CaptureQueriesContext(connection) as captured:
        assert post().status_code == 200
    return [query["sql"] for query in captured.captured_queries if not NOT_COUNTED.search(query["sql"])]


def test_an_erased_person_is_matched_no_more_before_the_index_or_the_outbox_follows() -> None:
    demand = demands.demand()
    expert = catalogue.expert(fields_zh=["钠离子电池"])
    outbox.relay()
    erasing.erase(person=expert.person)
    for address in (f"/demands/{demand.pk}/?kind=expert", f"/api/v1/matches/?demand={demand.pk}&corpus=expert", "/experts/"):
        content = Client().get(address).content.decode()
        assert ("韩梅梅" in content, str(expert.pk) in content) == (False, False)
    assert Client().get(f"/experts/{expert.pk}/").status_code == 404
