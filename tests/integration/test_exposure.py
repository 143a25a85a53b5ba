"""Exposure: how the places of the last whole night fell to institutions, and a place of ten for the new and the small."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement
from marketplace.catalogue.services import newcomers
from marketplace.common import clock, outbox
from marketplace.demands.services import ranking
from marketplace.exposure import selectors
from matching.app import memory
from matching.app.services import NEUTRAL, nightly
from matching.app.services.pieces import do_piece
from tests.factories import accounts, catalogue, demands
from tests.factories.nights import ten

OLD = timedelta(days=newcomers.NEW_DAYS + 1)
pytestmark = pytest.mark.django_db(databases=["default", "sequencer", "owner"])


@pytest.fixture(autouse=True)
def _fresh() -> None:
    memory._held.clear()


def established(number: int, *, title: str, old: timedelta) -> Organisation:
    """A university that was verified long ago and has published so many achievements."""
    home = accounts.organisation("university")
    Organisation.objects.filter(pk=home.pk).update(verified_at=clock.now() - old)
    for _ in range(number):
        catalogue.achievement(home, title_zh=title, summary_zh=title)
    return home


def match_all() -> None:
    outbox.relay()
    run = nightly.begin("achievement")
    for piece in nightly.left(run):
        do_piece(piece)
    assert nightly.finish(run)


def test_places_are_counted_by_institution(client: Client, opener: Any) -> None:
    large = established(6, title="低温钠离子电池", old=OLD)
    small = established(1, title="离子交换", old=OLD)
    silent = established(1, title="光学镜片", old=OLD)
    demands.demand(title_zh="低温钠离子电池", text_zh="低温钠离子电池。", industry_code="38")
    demands.demand(title_zh="微藻养殖", text_zh="微藻养殖。", industry_code="01")
    match_all()
    found = selectors.exposure_of(accounts.staff_actor("admin"), "achievement")
    told = {
        one.organisation: (one.new, one.small, one.published, one.shown, one.places, one.first, one.lifted) for one in found.institutions
    }
    assert told == {
        large: (False, False, 6, 6, 6, 1, 0),
        small: (False, True, 1, 1, 1, 0, 0),
        silent: (False, True, 1, 0, 0, 0, 0),
    }
    assert [one.organisation for one in found.institutions] == [large, small, silent]
    assert (found.demands, found.answered, found.total("places")) == (2, 1, 7)
    assert (found.share("places"), found.share("published")) == (1 / 7, 2 / 8)
    assert found.gini == pytest.approx((2 * (1 * 0 + 2 * 1 + 3 * 6) / 7 - 4) / 3)

    client.force_login(accounts.staff("admin"))
    page = client.get("/exposure/").content.decode()
    assert ("50%" in page, "88%" in page, large.name in page, "正在匹配" in page) == (True, True, True, False)
    nightly.begin("achievement")
    english = client.get("/en/exposure/").content.decode()
    assert ("Matching now" in english, "0 of 1 pieces" in english, "50%" in english) == (True, True, True)
    rows = list(csv.reader(io.StringIO(client.get("/exposure/achievement.csv").content.decode("utf-8-sig"))))
    assert rows[0][-1] == "保底席位"
    assert rows[1] == [str(large.pk), large.name, "0", "0", "6", "6", "6", "1", "0"]
    assert "还没有匹配过" in client.get("/exposure/?of=team").content.decode()
    assert [client.get(path).status_code for path in ("/exposure/?of=demand", "/exposure/demand.csv", "/exposure/x.csv")] == [404, 404, 404]


def test_the_api_tells_what_the_page_tells_and_to_administrators_of_the_whole_platform_alone(opener: Any) -> None:
    large = established(6, title="低温钠离子电池", old=OLD)
    small = established(1, title="离子交换", old=OLD)
    demands.demand(title_zh="低温钠离子电池", text_zh="低温钠离子电池。", industry_code="38")
    match_all()
    run = nightly.begin("achievement")
    client = accounts.api_client(accounts.staff("admin"))
    told = client.get("/api/v1/exposure/").json()
    names = ("published", "shown", "places", "first", "lifted")
    assert [
        (one["organisation"], one["organisation_name"], one["new"], one["small"], *(one[name] for name in names))
        for one in told.pop("institutions")
    ] == [
        (str(large.pk), large.name, False, False, 6, 6, 6, 1, 0),
        (str(small.pk), small.name, False, True, 1, 1, 1, 0, 0),
    ]
    assert told["at"].startswith(f"{clock.now():%Y-}")
    assert told.pop("at") < told["under_way"].pop("started_at")
    assert told == {
        "corpus": "achievement",
        "demands": 1,
        "answered": 1,
        "gini": pytest.approx(2 * (1 + 2 * 6) / 14 - 1.5),
        "total": {"published": 7, "shown": 7, "places": 7, "first": 1, "lifted": 0},
        "favoured": {"published": 1, "shown": 1, "places": 1, "first": 0, "lifted": 0},
        "under_way": {"done": 0, "pieces": len(nightly.left(run))},
    }
    none = client.get("/api/v1/exposure/?corpus=team").json()
    assert (none["corpus"], none["at"], none["gini"], none["under_way"], none["institutions"]) == ("team", None, 0.0, None, [])
    assert client.get("/api/v1/exposure/?corpus=demand").status_code == 400
    elsewhere = accounts.api_client(accounts.staff("admin", region="12"))
    refusals = [elsewhere.get("/api/v1/exposure/", HTTP_ACCEPT_LANGUAGE=language) for language in ("zh-hans", "en")]
    assert [(one.status_code, one["Content-Type"], one.json()["detail"]) for one in refusals] == [
        (403, "application/problem+json", "曝光按全平台统计，由全平台管理员查看。"),
        (403, "application/problem+json", "Exposure is counted over the whole platform, for its administrators alone."),
    ]


@pytest.mark.parametrize(
    ("values", "wanted"), [([], 0.0), ([0, 0], 0.0), ([3, 3, 3], 0.0), ([0, 0, 9], 2 / 3), ([1, 2, 3], 2 / 9), ([0] * 99 + [1], 0.99)]
)
def test_gini_is_that_of_the_definition(values: list[int], wanted: float) -> None:
    pairs = sum(abs(one - other) for one in values for other in values)
    whole = 2 * len(values) * sum(values)
    assert selectors.gini(values) == pytest.approx(wanted)
    assert selectors.gini(values) == pytest.approx(pairs / whole if whole else 0.0)


def test_new_is_by_the_day_and_small_by_the_sixth_achievement() -> None:
    five, six = established(5, title="甲", old=OLD), established(6, title="乙", old=OLD)
    fresh = established(6, title="丙", old=timedelta(days=newcomers.NEW_DAYS - 1))
    assert newcomers.new_and_small([five.pk, six.pk, fresh.pk]) == ({fresh.pk}, {five.pk})
    ones = [Achievement.objects.filter(organisation=home)[0].pk for home in (five, six, fresh)]
    assert newcomers.new_or_small(ones, corpus="achievement") == {ones[0], ones[2]}
    team: Any = catalogue.team(six)
    experts = [catalogue.expert(home).pk for home in (six, fresh)]
    assert newcomers.new_or_small([team.pk], corpus="team") == frozenset()
    assert newcomers.new_or_small(experts, corpus="expert") == {experts[1]}
    assert newcomers.new_or_small([], corpus="team") == frozenset()


def test_one_of_ten_places_is_kept_for_whom_comes_close_and_the_page_says_so(client: Client, opener: Any) -> None:
    large = established(11, title="低温钠离子电池", old=OLD)
    catalogue.achievement(large, title_zh="离子交换", summary_zh="离子交换")
    small = established(1, title="低温钠离子电池", old=OLD)
    seeker = demands.demand(title_zh="低温钠离子电池", text_zh="低温钠离子电池。", industry_code="38", budget_max_fen=9_000_000)
    match_all()
    (own,) = Achievement.objects.filter(organisation=small).values_list("pk", flat=True)

    def top(**asked: Any) -> list[tuple[Any, bool]]:
        return [(match.id, match.lifted) for match in ranking.supply_for_demand(seeker, corpus="achievement", **asked)]

    usual, neutral = top(), top(order=NEUTRAL)
    assert usual[9] == (own, True)
    assert usual[:9] == neutral[:9]
    assert (own, False) not in neutral
    assert not any(lifted for _, lifted in neutral)
    assert ten("achievement", seeker.pk) == usual
    assert top(k=6) == usual[:6]
    page = client.get(f"/demands/{seeker.pk}/").content.decode()
    assert page.count("新单位或小单位") == 1
    answer = client.get(f"/api/v1/matches/?demand={seeker.pk}").json()
    assert [one["lifted"] for one in answer] == [False] * 9 + [True]
    assert client.get(f"/api/v1/matches/?demand={seeker.pk}&order=neutral").json()[9]["lifted"] is False


def test_a_demand_keeps_its_conditions_at_night(opener: Any) -> None:
    home = accounts.organisation("university")
    dear, cheap, open_ = (
        catalogue.achievement(home, title_zh="低温钠离子电池", price_fen=price, ipr_status=ipr)
        for price, ipr in ((2_000_000, "granted"), (500_000, "granted"), (500_000, "none"))
    )
    wishes: list[dict[str, Any]] = [{"budget_max_fen": 9_000_000}, {}, {"ipr_wanted": ["granted"]}]
    seekers = [demands.demand(**wish) for wish in wishes]
    match_all()
    found = [{id_ for id_, _ in ten("achievement", one.pk)} for one in seekers]
    assert found == [{dear.pk, cheap.pk, open_.pk}, {cheap.pk, open_.pk}, {cheap.pk}]
