"""Many teams claim one task at the same moment: the row lock makes one of them first."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from marketplace.catalogue.models import Team
from marketplace.common.errors import DomainError
from marketplace.demands.models import Bid, Demand
from marketplace.workflow import performing, registry
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("opener")]


def at_the_same_time(*works: Callable[[], Any]) -> list[str]:
    """Each work in a thread and connection of its own behind one barrier; what each came to, sorted."""
    outcome: list[str] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            work()
            outcome.append("done")
        except DomainError as refusal:
            outcome.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcome)


def all_claim(count: int) -> tuple[list[str], Demand]:
    target = demands.claimable()
    teams = [catalogue.team() for _ in range(count)]
    actors = {team.pk: accounts.actor_for(team.organisation) for team in teams}

    def claim(team: Team) -> Callable[[], Any]:
        return lambda: performing.perform("claim", Demand.objects.get(pk=target.pk), actors[team.pk], team=team)

    outcome = at_the_same_time(*(claim(team) for team in teams))
    target.refresh_from_db()
    return outcome, target


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read and not locked, and both claims have looked before either acts."""
    both_have_looked = threading.Barrier(2)
    guards = registry.named("demand").guards
    looked = guards["claim"]

    def look(ctx: Any) -> None:
        looked(ctx)
        both_have_looked.wait(20)

    monkeypatch.setattr(performing, "lock_row", lambda obj: type(obj)._base_manager.get(pk=obj.pk))
    monkeypatch.setitem(guards, "claim", look)


def test_of_many_who_claim_at_once_exactly_one_has_the_task() -> None:
    outcome, target = all_claim(5)
    assert outcome == ["done", *["wrong_state"] * 4]
    assert Bid.objects.get().pk == target.awarded_bid_id
    assert target.state == "awarded"


def test_twin_without_the_lock_two_teams_are_told_that_the_task_is_theirs(without_the_lock: None) -> None:
    outcome, target = all_claim(2)
    assert outcome == ["done", "done"]
    assert list(target.bids.values_list("state", flat=True)) == ["selected", "selected"]


def two_bids_of_one_team() -> list[str]:
    target, team = demands.demand(), catalogue.team()
    return at_the_same_time(lambda: demands.bid(target, by=team), lambda: demands.bid(target, by=team))


def test_a_team_that_submits_twice_at_once_has_one_bid() -> None:
    assert two_bids_of_one_team() == ["already_bid", "done"]
    assert Bid.objects.filter(state="sealed").count() == 1
