"""Why a match fits: the words in both texts, on the pages and over the API, and what nothing mentions."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils.translation import override

from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.demands.api.matches import MatchSerializer
from marketplace.demands.services.highlighting import Place, Stretch, layout_of, placed
from marketplace.demands.web import matching
from matching.app.services import TermShare
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
WANTED: dict[str, Any] = {
    "title_zh": "低温锂电池电解液",
    "title_en": "Electrolyte for the cold",
    "text_zh": "零下四十度循环寿命。",
    "keywords": ["锂电池", "导热硅脂"],
}
OFFERED: dict[str, Any] = {
    "title_zh": "锂电池<b>电解液</b>",
    "title_en": "Lithium battery electrolyte",
    "summary_zh": "本成果面向" + "极端环境，" * 30 + "锂电池电解液循环寿命长。",
    "keywords_zh": ["储能", "低温"],
    "keywords_en": ["electrolyte"],
}


def browser(home: Organisation) -> Client:
    client = Client()
    client.force_login(home.memberships.get().person)
    return client


def test_the_page_marks_the_words_in_both_texts_and_says_what_nothing_mentions() -> None:
    at = f"/demands/{demands.demand(**WANTED).pk}/"
    catalogue.achievement(**OFFERED)
    outbox.relay()
    page = Client().get(at).content.decode()
    why = page[page.index('class="why"') :]
    assert ("极端环境，<mark>锂电池电解液循环寿命</mark>长。" in page, "<mark>环</mark>" in page, ">…" in page) == (True, False, True)
    assert "<mark>锂电池</mark>&lt;b&gt;<mark>电解液</mark>&lt;/b&gt;" in why
    assert ("需求里" in why, "<mark>低温锂电池电解液</mark>" in why) == (True, True)
    assert "以上都没有提到：" in page
    assert "导热" in page[page.index("以上都没有提到：") :]
    assert "Why it matches" in Client().get(f"/en{at}").content.decode()


def test_each_reader_is_shown_the_sides_in_their_own_language() -> None:
    demand = demands.demand(**WANTED | {"text_en": "Long cycle life. Peculiar gaskets.", "keywords": ["battery electrolyte", "电解液"]})
    catalogue.achievement(**OFFERED, summary_en="An electrolyte with a long cycle life.")
    outbox.relay()
    chinese, english = (Client().get(f"{prefix}/demands/{demand.pk}/").content.decode() for prefix in ("", "/en"))
    chinese, english = (
        page[page.index('class="why"') : page.index("</details>", page.index('class="why"'))] for page in (chinese, english)
    )
    texts = [why.partition("<dl>")[2].partition("</dl>")[0] for why in (chinese, english)]
    assert ('lang="en"' in texts[0], 'lang="zh-Hans"' in texts[1]) == (False, False)
    assert re.search("<mark>[^<]*electrolyte", english.partition("In the offer")[2])
    assert '<th scope="row" lang="zh-Hans"><mark>' in chinese


def test_the_words_that_gave_most_are_shown_in_whatever_letters_and_a_formula_in_a_chinese_text_is_no_english() -> None:
    shares = {"密封": 0.04, "SiC": 0.30, "预警": 0.003, "NaOH": 0.20, "runaway": 0.05, "PTFE": 0.10, "储能": 0.002, "环": 0.25}
    found = [Stretch(word, share, "title", (Place("title_zh", None, 0, 1),)) for word, share in shares.items() if word != "runaway"]
    found.append(Stretch("runaway", shares["runaway"], "title", (Place("title_en", None, 0, 7),)))
    told = []
    for language in ("zh-hans", "en"):
        with override(language):
            said = matching._words(found)
            told.append([(one["text"], one["lang"]) for one in said["told"]])
            assert (said["most"], said["others"], said["rest"]) == (0.30, 3, pytest.approx(0.255))
    words = ("SiC", "NaOH", "PTFE", "runaway", "密封")
    assert told == [
        list(zip(words, langs, strict=True))
        for langs in (("zh-Hans", "zh-Hans", "zh-Hans", "en", "zh-Hans"), ("en", "en", "en", "en", "zh-Hans"))
    ]


def test_what_is_not_mentioned_is_named_in_the_order_of_its_weight_also_where_it_is_a_formula() -> None:
    demand = demands.demand(
        title_zh="低温锂电池电解液", text_zh="SiC 与 NaOH，PTFE 密封，IGBT 模块，预警装置，储能集装箱，导热硅脂。", keywords=[]
    )
    offer = catalogue.achievement(title_zh="低温锂电池电解液", summary_zh="循环寿命长。")
    outbox.relay()
    (match,) = accounts.api_client().get(f"/api/v1/matches/?demand={demand.pk}").json()
    page = Client().get(f"/demands/{demand.pk}/").content.decode()
    for before, after in (("供方没有提到</dt><dd>", "</dd>"), ("以上都没有提到：", "</p>")):
        assert page.partition(before)[2].partition(after)[0].split(" · ") == match["uncovered"][:8]
    assert str(offer.pk) in page


def test_a_page_says_why_a_third_of_one_team_stands_behind_what_scores_less() -> None:
    demand = demands.demand(**WANTED)
    school = accounts.organisation("university")
    team = catalogue.team(school)
    for _ in range(2):
        catalogue.achievement(school, team_id=team.pk, **OFFERED)
    catalogue.achievement(school, title_zh="低温阀门", summary_zh="液氮阀。")
    told = "每十项中同一团队至多先排两项"
    outbox.relay()
    assert told not in Client().get(f"/demands/{demand.pk}/").content.decode()
    catalogue.achievement(school, team_id=team.pk, **OFFERED)
    outbox.relay()
    assert told in Client().get(f"/demands/{demand.pk}/").content.decode()
    assert "Of each ten at most two of one team come first" in Client().get(f"/en/demands/{demand.pk}/").content.decode()


def test_the_api_names_the_places_in_the_fields_of_both_and_the_shares_of_each_add_up() -> None:
    demand, offer = demands.demand(**WANTED), catalogue.achievement(**OFFERED)
    outbox.relay()
    (match,) = accounts.api_client().get(f"/api/v1/matches/?demand={demand.pk}").json()
    soft = sum(one["share"] for one in match["soft"])
    for side, thing in (("terms", offer), ("asked", demand)):
        assert sum(one["share"] for one in match[side]) + soft == pytest.approx(match["score"], abs=1e-9)
        for one in match[side]:
            assert {said(thing, place) for place in one["places"]} <= set(one["text"].split("\n"))
    fields = {place["field"] for one in match["terms"] for place in one["places"]}
    assert fields == {"title_zh", "title_en", "summary_zh", "keywords_zh", "keywords_en"}
    asked = {(place["field"], place["item"]) for one in match["asked"] for place in one["places"]}
    assert {("title_zh", None), ("title_en", None), ("text_zh", None), ("keywords", 0)} <= asked
    assert json.loads(json.dumps(MatchSerializer(match | {"id": UUID(match["id"])}).data)) == match
    back = accounts.api_client().get(f"/api/v1/matches/?achievement={offer.pk}").json()
    assert sorted(back[0]["uncovered"]) == sorted(match["uncovered"])
    unmet = accounts.api_client().get(f"/api/v1/matches/unmet/?demand={demand.pk}").json()
    assert (unmet["matches"], unmet["words"]) == (1, match["uncovered"])


def said(thing: Any, place: dict[str, Any]) -> str:
    text = getattr(thing, place["field"])
    return str((text if place["item"] is None else text[place["item"]])[place["start"] : place["end"]])


def test_places_are_split_between_the_texts_and_left_out_where_the_text_was_changed() -> None:
    offer = catalogue.achievement(title_zh="电池 cell", title_en="cell tests", published=False)
    shares = [TermShare("cell\ncell", 0.1, "title", ((3, 12),)), TermShare("gone", 0.1, "title", ((0, 4),))]
    first, second = placed(shares, layout_of(offer))
    assert first.places == (Place("title_zh", None, 3, 7), Place("title_en", None, 0, 4))
    assert second.places == ()


def test_supply_shows_its_owner_alone_the_demands_that_fit() -> None:
    demand = demands.demand(**WANTED, budget_max_fen=1_000_000)
    school = accounts.organisation("university")
    team = catalogue.team(school, capabilities_zh=["锂电池电解液"])
    offer = catalogue.achievement(school, **OFFERED)
    outbox.relay()
    for at in (f"/achievements/{offer.pk}/", f"/teams/{team.pk}/"):
        page = browser(school).get(at).content.decode()
        assert (f"/demands/{demand.pk}/" in page, "匹配的需求" in page, "供方没有提到" in page) == (True, True, True)
        for reader in (Client(), browser(accounts.organisation("university"))):
            other = reader.get(at).content.decode()
            assert (f"/demands/{demand.pk}/" in other, "匹配的需求" in other) == (False, False)
    dear = catalogue.achievement(school, **OFFERED, price_fen=2_000_000)
    outbox.relay()
    page = browser(school).get(f"/achievements/{dear.pk}/").content.decode()
    assert ("预算 ≥ 2.00 万元 · 排除 1 项" in page, "去掉有排除的条件" in page) == (True, True)
    again = browser(school).get(f"/achievements/{dear.pk}/?without=budget").content.decode()
    assert f"/demands/{demand.pk}/" in again
