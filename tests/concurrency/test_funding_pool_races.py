"""Two pledges of different campaigns draw on one pool: its caps and its balance hold, and what happens without its row's lock."""

import pytest
from django.db.models import Sum

from marketplace.funding.models import MatchingPool, Pledge, PoolUse, TopUp
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, pools
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race, replaced

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
MATCHING = "marketplace.funding.services.matching"


def two_pledges_become_firm(fen: int = 1_000_000, **caps: int) -> tuple[list[str], MatchingPool]:
    """One funder has pledged in two campaigns; each is reckoned before either is counted, unless the pool's row keeps one out."""
    owner, funder = accounts.organisation("funder"), funding.funder(200_000)
    pool = pools.pool(owner, fen, pledge_cap_fen=20_000, **caps)
    rows = [funding.pledge(funding.campaign([owner, funder]), funder, 100_000) for _ in range(2)]
    Pledge.objects.update(due_at=accounts.a_moment_ago())
    results = race(*(lambda row=row: perform("cooling_passed", row, funding.SYSTEM) for row in rows), after=f"{MATCHING}.plan")
    return outcomes(results), pool


def drawn(pool: MatchingPool) -> int:
    total: int = TopUp.objects.filter(pool=pool).aggregate(fen=Sum("fen", default=0))["fen"]
    assert balance(books.matching_pool(pool.pk)).held_fen == total
    return total


def counted_by_hand(grant) -> None:
    """A cap kept as a program without databases would: read, compare, write back."""
    for use in PoolUse.objects.filter(pool=grant.pool, scope="funder"):
        assert use.fen <= use.cap_fen


def test_a_funders_cap_holds_when_two_campaigns_draw_at_once() -> None:
    outcome, pool = two_pledges_become_firm(funder_cap_fen=30_000)
    assert (outcome, drawn(pool)) == (["done", "done"], 30_000)
    assert sorted(TopUp.objects.values_list("fen", flat=True)) == [10_000, 20_000]


def test_the_pools_balance_holds_when_two_campaigns_draw_at_once() -> None:
    outcome, pool = two_pledges_become_firm(25_000)
    assert (outcome, drawn(pool)) == (["done", "done"], 25_000)


def test_the_conditional_update_alone_keeps_the_cap_and_one_of_them_has_to_come_again() -> None:
    with without_lock("the pool"):
        outcome, pool = two_pledges_become_firm(funder_cap_fen=30_000)
    assert (outcome, drawn(pool)) == (["done", "pool_used_up"], 20_000)
    waiting = Pledge.objects.get(state="cooling_off")
    perform("cooling_passed", waiting, funding.SYSTEM)
    assert drawn(pool) == 30_000


@pytest.mark.breaks_books("the pool has given more than its cap")
def test_twin_without_lock_and_conditional_update_the_cap_is_passed() -> None:
    with without_lock("the pool"), replaced(f"{MATCHING}.count", lambda conditional: counted_by_hand):
        outcome, pool = two_pledges_become_firm(funder_cap_fen=30_000)
    assert (outcome, drawn(pool)) == (["done", "done"], 40_000)


def test_a_pool_that_closes_while_a_pledge_is_released_leaves_nothing_behind() -> None:
    owner, funder = accounts.organisation("funder"), funding.funder(100_000)
    pool = pools.pool(owner)
    campaign = funding.campaign([owner, funder])
    pledge = funding.firm(campaign, funder, 100_000)
    perform("cancel", campaign, accounts.staff_actor("reviewer"), reason="材料有误")
    results = race(
        lambda: perform("release", pledge, funding.SYSTEM),
        lambda: perform("close", pool, accounts.actor_for(owner)),
        after=f"{MATCHING}.locked",
    )
    assert outcomes(results) == ["done", "done"]
    assert balance(books.matching_pool(pool.pk)).posted_fen == 0
    assert balance(books.wallet(owner.pk)).available_fen == 1_000_000
