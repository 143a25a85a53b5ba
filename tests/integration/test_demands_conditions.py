"""Budget and protection, where both sides state them, decide before the ranking; each says what it takes out, and nothing hidden counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime

from marketplace.catalogue.models import Achievement
from marketplace.common import clock, outbox
from marketplace.common.errors import Invalid
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, ranking
from marketplace.demands.services.conditions import Condition
from tests.factories import catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def supply(**fields: Any) -> Achievement:
    """A published achievement that shares the demand's words."""
    return catalogue.achievement(title_zh="低温钠离子电池", **fields)


def matched(demand: Demand, *without: str) -> set[Any]:
    outbox.relay()
    return {match.id for match in ranking.supply_for_demand(demand, corpus="achievement", without=without)}


def test_a_price_above_the_budget_is_left_out_and_an_equal_or_missing_one_is_not() -> None:
    demand = demands.demand(budget_max_fen=1_000_000)
    dear, even, open_price = supply(price_fen=1_000_001), supply(price_fen=1_000_000), supply()
    assert matched(demand) == {even.pk, open_price.pk}
    assert matched(demand, "budget") == {dear.pk, even.pk, open_price.pk}
    assert conditions.on_supply(demand).stated == (Condition("budget", applied=True, removed=1),)
    assert conditions.on_supply(demand, without=["budget"]).stated == (Condition("budget", applied=False, removed=1),)


def test_only_the_protection_that_would_do_is_matched_and_each_condition_counts_for_itself() -> None:
    demand = demands.demand(budget_max_fen=1_000_000, ipr_wanted=["granted", "applied", "granted"])
    granted, applied = supply(ipr_status="granted"), supply(ipr_status="applied")
    bare, both = supply(ipr_status="none"), supply(ipr_status="secret", price_fen=2_000_000)
    assert demand.ipr_wanted == ["granted", "applied"]
    assert matched(demand) == {granted.pk, applied.pk}
    assert matched(demand, "ipr") == {granted.pk, applied.pk, bare.pk}
    assert matched(demand, "ipr", "budget") == {granted.pk, applied.pk, bare.pk, both.pk}
    assert [(one.name, one.removed) for one in conditions.on_supply(demand).stated] == [("budget", 1), ("ipr", 2), ("expiry", 0)]


def test_what_neither_side_states_is_not_judged_and_all_that_is_stated_is_read_at_once(django_assert_num_queries: Any) -> None:
    demand = demands.demand(until="draft", budget_min_fen=None, budget_max_fen=None)
    strict = demands.demand(budget_max_fen=1_000_000, ipr_wanted=["granted"])
    with django_assert_num_queries(1):  # the time
        assert conditions.on_supply(demand).stated == ()
    with django_assert_num_queries(2):
        assert [one.name for one in conditions.on_supply(strict).stated] == ["budget", "ipr", "expiry"]


def test_supply_finds_the_demands_that_can_pay_it_and_take_its_protection() -> None:
    poor, rich = demands.demand(budget_max_fen=900_000), demands.demand(budget_max_fen=1_100_000)
    strict = demands.demand(budget_max_fen=1_100_000, ipr_wanted=["granted"])
    offer = supply(price_fen=1_000_000, ipr_status="applied")
    outbox.relay()

    def found(*without: str) -> set[Any]:
        return {match.id for match in ranking.demands_for_supply(offer, without=without)}

    assert found() == {rich.pk}
    assert found("budget") == {rich.pk, poor.pk}
    assert found("ipr") == {rich.pk, strict.pk}
    assert conditions.on_demands(offer).stated == (Condition("budget", applied=True, removed=1), Condition("ipr", applied=True, removed=1))


def test_what_protects_no_more_is_left_out_where_it_is_wanted_in_force_and_counts_as_nothing_where_that_would_do() -> None:
    today = localtime(clock.now()).date()
    strict, easy = demands.demand(ipr_wanted=["granted", "secret"]), demands.demand(ipr_wanted=["granted", "none"])
    secret, anything = demands.demand(ipr_wanted=["secret"]), demands.demand()
    ended = supply(ipr_status="granted", protected_until=today - timedelta(days=1))
    last_day = supply(ipr_status="granted", protected_until=today)
    endless = supply(ipr_status="granted")
    copied = supply(ipr_status="copyright", protected_until=today - timedelta(days=1))
    assert matched(strict) == {last_day.pk, endless.pk}
    assert matched(strict, "expiry") == {ended.pk, last_day.pk, endless.pk}
    assert [(one.name, one.removed) for one in conditions.on_supply(strict).stated] == [("budget", 0), ("ipr", 1), ("expiry", 2)]
    assert matched(easy) == {ended.pk, last_day.pk, endless.pk, copied.pk}
    assert [one.name for one in conditions.on_supply(secret).stated] == ["budget", "ipr"]
    assert conditions.on_supply(strict).few(2) == {last_day.pk, endless.pk}
    assert conditions.on_supply(strict).few(1) is None
    assert conditions.on_supply(strict).among([ended.pk, last_day.pk, copied.pk]) == {last_day.pk}

    def found(offer: Achievement, *without: str) -> set[Any]:
        return {match.id for match in ranking.demands_for_supply(offer, without=without)}

    assert found(ended) == {easy.pk, anything.pk}
    assert found(ended, "expiry") == {easy.pk, anything.pk, strict.pk}
    assert found(last_day) == found(endless) == {strict.pk, easy.pk, anything.pk}
    assert conditions.on_demands(ended).stated == (Condition("ipr", applied=True, removed=1), Condition("expiry", applied=True, removed=1))
    with clock.shifted(86_400):
        assert found(last_day) == {easy.pk, anything.pk}


def test_what_an_asker_keeps_confidential_takes_no_part_in_either_direction() -> None:
    open_one, reserved = demands.demand(), demands.demand(details_zh="锆基非晶合金，低温钠离子电池。", contact_name="韩梅梅")
    common, secret = supply(), catalogue.achievement(title_zh="锆基非晶合金", summary_zh="韩梅梅")
    outbox.relay()
    alike = [
        [(match.id, match.score, match.terms, match.uncovered) for match in ranking.supply_for_demand(one, corpus="achievement")]
        for one in (open_one, reserved)
    ]
    assert alike[0] == alike[1]
    assert [id_ for id_, *_ in alike[0]] == [common.pk]
    assert ranking.demands_for_supply(secret) == []
    found = ranking.demands_for_supply(common)
    assert ({match.id for match in found}, len({match.score for match in found})) == ({open_one.pk, reserved.pk}, 1)


def test_only_what_ends_has_a_last_day() -> None:
    offer = supply(ipr_status="secret")
    with pytest.raises(IntegrityError, match="achievement_protected_until_a_day"), transaction.atomic():
        Achievement.objects.filter(pk=offer.pk).update(protected_until="2030-12-31")
    with pytest.raises(Invalid) as refusal:
        supply(ipr_status="applied", protected_until=localtime(clock.now()).date())
    assert list(refusal.value.fields) == ["protected_until"]


def test_nothing_that_is_not_public_is_counted_on_either_side() -> None:
    demand, draft = (
        demands.demand(budget_max_fen=1_000_000, ipr_wanted=["granted"]),
        demands.demand(until="draft", budget_min_fen=1, budget_max_fen=1),
    )
    hidden = catalogue.achievement(published=False, title_zh="低温钠离子电池", price_fen=5_000_000)
    assert [one.removed for one in conditions.on_supply(demand).stated] == [0, 0, 0]
    assert [one.removed for one in conditions.on_demands(hidden).stated] == [1, 1]
    assert draft.pk not in conditions.on_demands(supply()).among([draft.pk])
    assert matched(demand) == set()


@pytest.mark.parametrize("wrong", [{"price_fen": 0}, {"price_fen": -1}])
def test_the_database_refuses_a_price_that_is_none(wrong: dict[str, int]) -> None:
    offer = supply()
    with pytest.raises(IntegrityError, match="achievement_price_is_positive"), transaction.atomic():
        Achievement.objects.filter(pk=offer.pk).update(**wrong)


def test_the_database_refuses_a_protection_that_nobody_knows() -> None:
    demand = demands.demand(until="draft")
    with pytest.raises(IntegrityError, match="demand_protection_is_known"), transaction.atomic():
        Demand.objects.filter(pk=demand.pk).update(ipr_wanted=["blessed"])


def test_the_protection_wanted_is_part_of_the_published_terms() -> None:
    demand = demands.demand(ipr_wanted=["granted"])
    assert demand.terms()["ipr_wanted"] == ["granted"]
    demand.ipr_wanted = []
    assert "ipr_wanted" not in demand.terms()  # terms from before it could be said keep their hash
