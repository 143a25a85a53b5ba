"""Which pools add to which pledges, in which order, and that they leave a campaign's minimum to pledges."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge, TopUp
from marketplace.funding.pools import offers_for
from marketplace.funding.services import matching
from marketplace.funding.services.pools import pool_open
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, pools, treasury

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Organisation:
    return accounts.organisation("funder")


def added(pledge: Pledge) -> int:
    """What a pool has added to the pledge."""
    row = TopUp.objects.filter(pledge=pledge).first()
    return row.fen if row else 0


@pytest.mark.parametrize(("minimum", "expected"), [(300_000, 100_000), (400_000, 0)])
def test_what_pools_add_leaves_the_minimum_to_pledges(owner: Organisation, minimum: int, expected: int) -> None:
    funder, pool = funding.funder(100_000), pools.pool(owner, ratio_bp=20_000)
    campaign = funding.campaign([owner, funder], minimum_fen=minimum, optimum_fen=400_000, funder_max_fen=400_000)
    pledge = funding.firm(campaign, funder, 100_000)
    campaign.refresh_from_db()
    assert (added(pledge), campaign.room_for_pools_fen) == (expected, 400_000 - max(minimum, 100_000) - expected)
    with pytest.raises(errors.PoolUsedUp), transaction.atomic():
        matching.count(matching.Grant(pool, pledge, campaign.room_for_pools_fen + 1))
    with pytest.raises(IntegrityError, match="campaign_pools_leave_the_minimum"), transaction.atomic():
        Campaign.objects.update(matched_fen=400_001 - minimum, held_fen=0)


def test_the_older_pool_comes_first_whatever_ids_their_senders_chose(owner: Organisation) -> None:
    other, funder = accounts.organisation("funder"), funding.funder(100_000)
    older = pools.pool(owner)
    treasury.funded_wallet(10_000, other.pk)
    pool_open(actor=accounts.actor_for(other), terms=pools.terms(), fen=10_000, id=UUID(int=1))
    funding.firm(funding.campaign([owner, other, funder]), funder, 100_000)
    assert TopUp.objects.get().pool == older


def test_of_pledges_that_become_firm_together_the_first_confirmed_is_topped_up_first(owner: Organisation) -> None:
    funders = [funding.funder(100_000) for _ in range(2)]
    pools.pool(owner, 25_000)
    campaign = funding.campaign([owner, *funders])
    first, second = (funding.cooling(campaign, who, 100_000) for who in funders)
    Pledge.objects.filter(pk=first.pk).update(accepted_at=second.accepted_at + timedelta(seconds=1))
    rows = list(campaign.pledges.order_by("pk"))
    assert list(matching.foreseen(campaign, rows).items()) == [(second.pk, 20_000), (first.pk, 5_000)]


def test_the_pool_of_a_suspended_institution_adds_nothing_and_is_offered_to_nobody(owner: Organisation) -> None:
    funder = funding.funder(100_000)
    pools.pool(owner)
    campaign = funding.campaign([owner, funder])
    assert [offer.runs for offer in offers_for(campaign)] == [True]
    perform("suspend", owner, accounts.staff_actor("security"), reason="资质待复核")
    assert offers_for(campaign) == []
    assert added(funding.firm(campaign, funder, 100_000)) == 0


def test_a_pledge_that_becomes_firm_after_its_campaign_was_called_off_is_not_topped_up(owner: Organisation) -> None:
    funder = funding.funder(100_000)
    pools.pool(owner)
    campaign = funding.campaign([owner, funder])
    pledge = funding.cooling(campaign, funder, 100_000)
    perform("cancel", campaign, accounts.staff_actor("reviewer"), reason="材料有误")
    assert added(funding.passed(pledge, "cooling_passed")) == 0
