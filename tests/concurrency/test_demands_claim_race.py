"""Many teams claim one task, or one team bids twice, at the same moment: the row lock makes one of them first."""

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.catalogue.models import Team
from marketplace.demands.models import Bid, Demand
from marketplace.workflow import performing
from tests.factories import accounts, catalogue, demands
from tests.factories.locks import without_constraint, without_lock
from tests.factories.racing import outcomes, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("opener")]


def all_claim(count: int) -> tuple[list[str], Demand]:
    target = demands.claimable()
    teams = [catalogue.team() for _ in range(count)]
    actors = {team.pk: accounts.actor_for(team.organisation) for team in teams}

    def claim(team: Team) -> Callable[[], Any]:
        return lambda: performing.perform("claim", Demand.objects.get(pk=target.pk), actors[team.pk], team=team)

    results = race(*(claim(team) for team in teams), after="marketplace.demands.services.bidding.can_claim")
    target.refresh_from_db()
    return outcomes(results), target


def test_of_many_who_claim_at_once_exactly_one_has_the_task() -> None:
    outcome, target = all_claim(5)
    assert outcome == ["done", *["wrong_state"] * 4]
    assert Bid.objects.get().pk == target.awarded_bid_id
    assert target.state == "awarded"


def test_twin_without_the_lock_two_teams_are_told_that_the_task_is_theirs() -> None:
    with without_lock("the row"):
        outcome, target = all_claim(2)
    assert outcome == ["done", "done"]
    assert list(target.bids.values_list("state", flat=True)) == ["selected", "selected"]


def two_bids_of_one_team() -> list[str]:
    """Both have looked for an earlier bid when the first is written."""
    target, team = demands.demand(), catalogue.team()
    bid = "marketplace.workflow.performing.begin"
    return outcomes(race(*[lambda: demands.bid(target, by=team)] * 2, before=bid))


def sealed() -> int:
    return Bid.objects.filter(state="sealed").count()


def test_a_team_that_bids_twice_at_once_has_one_bid_and_is_told_so() -> None:
    assert two_bids_of_one_team() == ["already_bid", "done"]
    assert sealed() == 1


def test_twin_without_the_lock_the_unique_index_alone_refuses_and_knows_no_words() -> None:
    with without_lock("the row"):
        assert two_bids_of_one_team() == ["IntegrityError", "done"]
    assert sealed() == 1


def test_twin_without_lock_and_index_the_team_has_two_bids() -> None:
    with without_lock("the row"), without_constraint("bid_one_active_per_team"):
        assert two_bids_of_one_team() == ["done", "done"]
        assert sealed() == 2
