"""At night the conditions of all demands of a block are judged at once, and as for each demand alone."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.utils.timezone import localtime

from marketplace.catalogue.models import Achievement
from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.demands.services import conditions
from marketplace.demands.services.unfit import unfit
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db(databases=["default", "sequencer", "owner"]), pytest.mark.usefixtures("opener")]


def test_many_demands_are_judged_as_each_alone_by_two_statements_and_the_clock(django_assert_num_queries: Any) -> None:
    home, today = accounts.organisation("university"), localtime(clock.now()).date()
    days = [None, today, today - timedelta(days=1)]
    supply = [
        catalogue.achievement(home, price_fen=price, ipr_status=ipr, protected_until=day if ipr in {"granted", "copyright"} else None)
        for price, (ipr, day) in product([None, 1_000_000], [("none", None), ("secret", None), *product(["granted", "copyright"], days)])
    ]
    lapsed, hidden = catalogue.achievement(home), catalogue.achievement(home, published=False, price_fen=2_000_000)
    Achievement.objects.filter(pk=lapsed.pk).update(due_at=clock.now())
    company = accounts.organisation("company")
    wanted: list[list[str]] = [[], ["none"], ["granted"], ["secret"], ["granted", "none"], ["copyright", "secret"]]
    seekers = [
        demands.demand(company, budget_min_fen=1, budget_max_fen=budget, ipr_wanted=ipr)
        for budget, ipr in product([2_000_000, 900_000], wanted)
    ]
    ids = {one.pk for one in (*supply, lapsed, hidden)}
    found = {one.pk: ids for one in seekers} | {uuid7(): ids}
    with django_assert_num_queries(3):
        told = unfit(found, corpus="achievement")
    public = [id_ for id_ in ids if id_ != hidden.pk]
    assert told == {one.pk: {*public} - conditions.on_supply(one).among(public) for one in seekers}
    assert {lapsed.pk} < set.union(*map(set, told.values()))
    assert not any(hidden.pk in one for one in told.values())
    with django_assert_num_queries(3):
        assert unfit({seekers[0].pk: ids}, corpus="achievement") == {seekers[0].pk: told[seekers[0].pk]}


def test_of_teams_only_what_has_lapsed_is_left_out() -> None:
    dear = demands.demand(budget_min_fen=1, budget_max_fen=1, ipr_wanted=["granted"])
    valid, lapsed = catalogue.team(), catalogue.team()
    type(lapsed).objects.filter(pk=lapsed.pk).update(due_at=clock.now())
    assert unfit({dear.pk: {valid.pk, lapsed.pk}}, corpus="team") == {dear.pk: {lapsed.pk}}
