"""What a reader asks of matches decides before the ranking, counts what it takes out, and what has lapsed or is hidden plays no part."""

from datetime import timedelta
from typing import Any

import pytest

from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.common import clock, outbox
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, ranking
from marketplace.demands.services.conditions import Condition
from marketplace.demands.services.narrowing import Narrowing
from tests.factories import catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
NAME = "低温钠离子电池"


def supply(region: str = "110108", **fields: Any) -> Achievement:
    """A published achievement that shares the demand's words."""
    return catalogue.achievement(title_zh=NAME, region_code=region, **fields)


def matched(demand: Demand, corpus: str = "achievement", **asked: Any) -> set[Any]:
    outbox.relay()
    return {match.id for match in ranking.supply_for_demand(demand, corpus=corpus, narrowing=Narrowing(**asked))}


def counted(demand: Demand, corpus: str = "achievement", **asked: Any) -> dict[str, int]:
    judged = conditions.on_supply(demand, corpus=corpus, narrowing=Narrowing(**asked)).stated
    return {one.name: one.removed for one in judged if one.name not in conditions.NAMES}


def test_region_industry_and_readiness_narrow_achievements_and_each_says_what_it_takes_out_alone() -> None:
    demand = demands.demand()
    near, other = supply(readiness=5), supply("120116", readiness=7, industry_code="26")
    hidden = supply("130100", published=False, readiness=1, industry_code="")
    assert matched(demand, region_codes=("11",)) == {near.pk}
    assert matched(demand, region_codes=("120116", "13")) == {other.pk}
    assert matched(demand, industry_codes=("26", "38")) == {near.pk, other.pk}
    assert matched(demand, readiness=6) == {other.pk}
    assert matched(demand, region_codes=("99",)) == set()
    everything = {"region_codes": ("11",), "industry_codes": ("26",), "readiness": 6}
    assert (matched(demand, **everything), counted(demand, **everything)) == (set(), {"region": 1, "industry": 1, "readiness": 1})
    assert counted(demand, readiness=9) == {"readiness": 2}  # the draft is neither matched nor counted
    assert hidden.pk not in conditions.on_supply(demand).among([hidden.pk, near.pk])


def test_teams_and_experts_are_found_by_any_of_their_industries_and_asked_for_no_readiness() -> None:
    demand = demands.demand()
    team = catalogue.team(capabilities_zh=[NAME], industry_codes=["26", "38"])
    expert = catalogue.expert(fields_zh=[NAME], industry_codes=["26", "38"])
    for corpus, row in (("team", team), ("expert", expert)):
        assert matched(demand, corpus, industry_codes=("38",), readiness=9) == {row.pk}
        assert matched(demand, corpus, industry_codes=("01",)) == set()
        assert counted(demand, corpus, industry_codes=("01",), readiness=9) == {"industry": 1}


def test_supply_narrows_the_demands_and_those_that_want_more_than_it_has_are_left_out() -> None:
    offer = supply(readiness=4)
    modest, proud = demands.demand(readiness_wanted=3), demands.demand(readiness_wanted=8, region_code="120116")
    silent = demands.demand(until="approved", readiness_wanted=8)
    outbox.relay()

    def found(**asked: Any) -> set[Any]:
        return {match.id for match in ranking.demands_for_supply(offer, narrowing=Narrowing(**asked))}

    assert found() == {modest.pk, proud.pk}
    assert found(readiness=4) == {modest.pk}
    assert found(region_codes=("12",)) == {proud.pk}
    judged = conditions.on_demands(offer, narrowing=Narrowing(readiness=4))
    assert (Condition("readiness", applied=True, removed=1) in judged.stated, judged.among([modest.pk, proud.pk, silent.pk])) == (
        True,
        {modest.pk},
    )


@pytest.mark.parametrize("kind", ["achievement", "team", "expert"])
def test_what_has_lapsed_is_not_matched_though_the_sweeper_has_not_come(kind: str) -> None:
    demand = demands.demand()
    add = {
        "achievement": supply,
        "team": lambda: catalogue.team(name_zh=NAME),
        "expert": lambda: catalogue.expert(fields_zh=[NAME]),
    }
    row: Achievement | Team | Expert = add[kind]()
    assert matched(demand, kind) == {row.pk}
    type(row).objects.filter(pk=row.pk).update(due_at=clock.now() - timedelta(seconds=1))
    assert (matched(demand, kind), ranking.things_of(kind, [row.pk])) == (set(), {})
    late = demands.demand()
    demands.late(late)
    team = catalogue.team(name_zh=NAME)
    outbox.relay()
    assert {match.id for match in ranking.demands_for_supply(team)} == {demand.pk}
    assert ranking.things_of("demand", [late.pk, demand.pk]).keys() == {demand.pk}


def test_an_expert_is_matched_both_ways_with_reasons_that_add_up_and_the_name_is_no_reason() -> None:
    demand = demands.demand(text_zh="韩梅梅曾研究零下二十度的容量保持率。")
    expert = catalogue.expert(fields_zh=["钠离子电池"], summary_zh="研究低温容量。", region_code="110108", industry_codes=["38"])
    outbox.relay()
    (match,) = ranking.supply_for_demand(demand, corpus="expert")
    assert (match.id, {one.name for one in match.soft}) == (expert.pk, {"industry", "region"})
    for side in (match.terms, match.asked):
        assert sum(one.share for one in (*side, *match.soft)) == pytest.approx(match.score, abs=1e-9)
    assert "梅" not in "".join(one.text for one in (*match.terms, *match.asked))
    (back,) = ranking.demands_for_supply(expert)
    assert (back.id, sorted(back.uncovered)) == (demand.pk, sorted(match.uncovered))
