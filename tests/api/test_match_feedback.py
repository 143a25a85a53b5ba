"""Words on matches over page and API: forms that work without scripts, the caller's own list, and a neutral order on request."""

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement
from marketplace.common import outbox
from marketplace.demands.models import Demand, MatchJudgement
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
AT = "/api/v1/matches/feedback/"


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


@pytest.fixture
def demand(home: Organisation) -> Demand:
    return demands.demand(home)


@pytest.fixture
def offer(demand: Demand) -> Achievement:
    made = catalogue.achievement(title_zh="低温钠离子电池", industry_code=demand.industry_code)
    outbox.relay()
    return made


def browser(home: Organisation) -> Client:
    client = Client()
    client.force_login(home.memberships.get().person)
    return client


def test_on_the_page_a_match_is_declined_with_a_reason_and_taken_back(home: Organisation, demand: Demand, offer: Achievement) -> None:
    page, at = browser(home), f"/demands/{demand.pk}/"
    said = {"demand": demand.pk, "achievement": offer.pk, "at": "demand"}
    assert page.get(at).content.decode().count('action="/matches/judge/"') == 1
    answer = page.post("/matches/judge/", {**said, "reason": "price"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{at}#matches")
    word = MatchJudgement.objects.get()
    shown = page.get(at).content.decode()
    assert ("本单位标为无用 · 排除 1 项" in shown, "标为无用的 1 项" in shown, f"/matches/{word.pk}/take-back/" in shown) == (True,) * 3
    assert ("为什么匹配" in shown, "为什么匹配" in page.get(f"{at}?without=declined").content.decode()) == (False, True)
    stranger = browser(accounts.organisation("company"))
    assert "本单位标为无用" not in stranger.get(at).content.decode()
    assert stranger.post(f"/matches/{word.pk}/take-back/", {"at": "demand"}).status_code == 404
    assert page.post(f"/matches/{word.pk}/take-back/", {"at": "demand"}).headers["Location"] == f"{at}#matches"
    assert "标为无用的" not in page.get(at).content.decode()
    assert page.post("/matches/judge/", {**said, "useful": "yes"}).status_code == 302
    assert "本单位标为有用" in page.get(at).content.decode()


def test_the_owner_of_supply_declines_a_demand_on_its_own_page(demand: Demand, offer: Achievement) -> None:
    page, at = browser(offer.organisation), f"/achievements/{offer.pk}/"
    answer = page.post("/matches/judge/", {"demand": demand.pk, "achievement": offer.pk, "at": "achievement", "reason": "known"})
    assert answer.headers["Location"] == f"{at}#matches"
    shown = page.get(at).content.decode()
    assert ("标为无用的 1 项" in shown, "已经了解" in shown) == (True, True)


def test_who_looks_without_an_organisation_is_offered_no_form(demand: Demand, offer: Achievement) -> None:
    at = f"/demands/{demand.pk}/"
    assert offer.title in Client().get(at).content.decode()
    assert "/matches/judge/" not in Client().get(at).content.decode()


def test_the_api_keeps_the_last_word_lists_ones_own_and_forgets_it(home: Organisation, demand: Demand, offer: Achievement) -> None:
    api, body = accounts.api_client(home), {"demand": str(demand.pk), "achievement": str(offer.pk)}
    ranked = f"/api/v1/matches/?demand={demand.pk}"
    first = api.post(AT, {**body, "useful": True}, format="json")
    again = api.post(AT, {**body, "useful": False, "reason": "region"}, format="json")
    assert (first.status_code, again.status_code, first.json()["id"]) == (200, 200, again.json()["id"])
    expected = {"useful": False, "reason": "region", **body, "team": None}
    assert [expected.items() <= row.items() for row in api.get(AT).json()["results"]] == [True]
    assert accounts.api_client(offer.organisation).get(AT).json()["results"] == []
    assert (api.get(ranked).json(), len(api.get(f"{ranked}&without=declined").json())) == ([], 1)
    stated = api.get(f"/api/v1/matches/conditions/?demand={demand.pk}").json()
    assert {"name": "declined", "applied": True, "removed": 1, "more": False} in stated
    own = f"{AT}{first.json()['id']}/"
    assert accounts.api_client(offer.organisation).delete(own).status_code == 404
    assert (api.delete(own).status_code, len(api.get(ranked).json())) == (204, 1)


def test_the_api_refuses_what_is_unknown_hidden_or_without_a_reason(home: Organisation, demand: Demand, offer: Achievement) -> None:
    api, body = accounts.api_client(home), {"demand": str(demand.pk), "achievement": str(offer.pk), "useful": False}
    draft = demands.demand(until="draft")
    wrong = {
        422: [body, {**body, "reason": "price", "useful": True}],
        404: [{**body, "demand": str(draft.pk), "reason": "price"}, {**body, "achievement": str(demand.pk), "reason": "price"}],
        400: [{**body, "team": str(offer.pk), "reason": "price"}, {"demand": str(demand.pk), "useful": True}],
    }
    assert {status: [api.post(AT, each, format="json").status_code for each in bodies] for status, bodies in wrong.items()} == {
        status: [status] * len(bodies) for status, bodies in wrong.items()
    }


def test_in_neutral_order_circumstances_add_nothing_and_a_switch_leads_there_and_back(demand: Demand, offer: Achievement) -> None:
    api, at = accounts.api_client(), f"/api/v1/matches/?demand={demand.pk}"
    usual, neutral = api.get(at).json()[0], api.get(f"{at}&order=neutral").json()[0]
    assert ([one["name"] for one in usual["soft"]], neutral["soft"]) == (["industry", "region", "readiness"], [])
    assert neutral["score"] == pytest.approx(sum(term["share"] for term in neutral["terms"]))
    page = Client().get(f"/demands/{demand.pk}/?order=neutral&without=budget").content.decode()
    assert ("中性排序：只按文字" in page, 'href="?without=budget#matches"' in page) == (True, True)
    assert 'href="?order=neutral#matches"' in Client().get(f"/demands/{demand.pk}/").content.decode()
