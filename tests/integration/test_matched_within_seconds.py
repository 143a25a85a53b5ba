"""A new post is matched within seconds: one errand of the worker, which beat asks for every second, and both sides find it."""

from typing import Any

import pytest

from marketplace.accounts.models import Organisation
from marketplace.common.tasks import relay_outbox
from marketplace.config.schedule import BEAT
from marketplace.demands.models import Demand
from marketplace.demands.services import ranking
from marketplace.interests.services import digesting, finding
from marketplace.notices.models import Notice
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, demands, interests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
ERRAND = "common.relay_outbox"


@pytest.fixture
def university() -> Organisation:
    return accounts.organisation("university")


def matches(found: Any) -> set[Any]:
    return {match.id for match in found}


def found_by(row: Any) -> set[Any]:
    return {find.thing.pk for find in finding.best(row)}


def test_the_worker_is_asked_every_second_to_pass_on_what_is_new() -> None:
    assert [line["schedule"] for line in BEAT.values() if line["task"] == ERRAND == relay_outbox.name] == [1]


def test_a_demand_is_among_the_matches_and_saved_searches_of_universities_after_one_errand(university: Organisation) -> None:
    offer = catalogue.achievement(university, title_zh="低温钠离子电池")
    relay_outbox()
    search = interests.interest(university, kind="demand")
    approved = demands.demand(until="approved")
    perform("publish", approved, demands.company_of(approved))
    assert (matches(ranking.demands_for_supply(offer)), found_by(search)) == (set(), set())
    relay_outbox()
    assert (matches(ranking.demands_for_supply(offer)), found_by(search)) == ({approved.pk}, {approved.pk})
    with interests.at_its_time(search):
        assert digesting.make_due() == 1
    assert interests.told(search) == [[str(approved.pk)]]
    assert Notice.objects.filter(topic="digest.made", object_id=search.digests.get().pk).count() == 1


def test_an_achievement_is_among_the_matches_and_saved_searches_of_companies_after_one_errand(university: Organisation) -> None:
    demand = demands.demand()
    search = interests.interest(demand.organisation)
    draft = catalogue.achievement(university, published=False, title_zh="低温钠离子电池")
    relay_outbox()

    def seen(of: Demand) -> tuple[set[Any], set[Any]]:
        return matches(ranking.supply_for_demand(of, corpus="achievement")), found_by(search)

    owner = accounts.actor_for(university)
    verified = perform("verify", perform("submit", draft, owner), accounts.staff_actor("reviewer"))
    relay_outbox()
    assert seen(demand) == (set(), set())
    perform("publish", verified, owner)
    relay_outbox()
    assert seen(demand) == ({draft.pk}, {draft.pk})
    perform("withdraw", verified, owner)
    relay_outbox()
    assert seen(demand) == (set(), set())
