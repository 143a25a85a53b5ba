"""Matching pools: what is added to which pledge, exactly, and where every fen of it goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.app.models import Subject
from marketplace.accounts.models import Organisation
from marketplace.common import clock, outbox
from marketplace.common.errors import Forbidden, Invalid, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.funding import errors, selectors
from marketplace.funding.models import Campaign, MatchingPool, Pledge, PoolUse, TopUp
from marketplace.funding.pools import Purse, uses_of
from marketplace.funding.services import closing, settling
from marketplace.funding.services.pools import pool_open
from marketplace.notices.models import Notice
from marketplace.treasury.errors import InsufficientFunds
from marketplace.treasury.selectors import balance, wallet_of
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
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


def findings() -> list[tuple[str, str]]:
    return [(found.rule.code, found.what) for found in check()]


def scene(owner: Organisation, *pledges: int, pool: dict[str, Any] | None = None, **campaign: Any) -> tuple[MatchingPool, list[Pledge]]:
    """A pool, a campaign that has invited its owner, and firm pledges of so many fen each by a funder of its own."""
    funders = [funding.funder(fen) for fen in pledges]
    made = pools.pool(owner, **(pool or {}))
    target = funding.campaign([owner, *funders], **campaign)
    return made, [funding.firm(target, who, fen) for who, fen in zip(funders, pledges, strict=True)]


def test_a_firm_pledge_is_topped_up_and_the_floored_amount_is_held_with_it(owner: Organisation) -> None:
    pool, (pledge,) = scene(owner, 100_003, pool={"ratio_bp": 3_333})
    assert (added(pledge), pools.purse(pool)) == (33_330, Purse(1_000_000, 33_330, 0, 966_670))
    campaign = Campaign.objects.get()
    assert (campaign.held_fen, campaign.matched_fen, campaign.left_fen) == (100_003, 33_330, 466_667)
    assert balance(books.campaign_escrow(campaign.pk)).incoming_fen == 133_333
    entry = Subject.objects.get(kind="pledge", object_id=pledge.pk, type="pledge.firm")
    assert entry.money
    assert findings() == []


@pytest.mark.parametrize(
    ("pool", "pledged", "expected"),
    [
        ({"pledge_cap_fen": 15_000}, (100_000, 100_000), [15_000, 15_000]),
        ({"pledge_cap_fen": 30_000, "campaign_cap_fen": 30_000}, (100_000, 100_000), [20_000, 10_000]),
        ({"fen": 20_001}, (100_000, 100_000, 10_000), [20_000, 1, 0]),
        ({"ratio_bp": 20_000}, (250_000, 100_000), [350_000, 0]),
        ({"ratio_bp": 1}, (19_999, 10_000), [1, 1]),
    ],
)
def test_no_top_up_passes_a_cap_the_pools_balance_or_the_optimum(
    owner: Organisation, pool: dict[str, int], pledged: tuple[int, ...], expected: list[int]
) -> None:
    # The second pledge of a campaign that is full is confirmed before the first becomes firm.
    funders = [funding.funder(fen) for fen in pledged]
    made = pools.pool(owner, **pool)
    campaign = funding.campaign([owner, *funders], optimum_fen=700_000)
    rows = [funding.cooling(campaign, who, fen) for who, fen in zip(funders, pledged, strict=True)]
    assert [added(funding.passed(row, "cooling_passed")) for row in rows] == expected
    assert pools.purse(made).committed_fen == sum(expected)
    assert Campaign.objects.get().matched_fen == sum(expected)
    assert findings() == []


def test_one_funder_draws_no_more_than_its_cap_however_many_campaigns_it_pledges_to(owner: Organisation) -> None:
    funder = funding.funder(200_000)
    pools.pool(owner, funder_cap_fen=25_000, pledge_cap_fen=25_000)
    first, second = (funding.firm(funding.campaign([owner, funder]), funder, 100_000) for _ in range(2))
    assert (added(first), added(second)) == (20_000, 5_000)


def test_the_oldest_pool_that_has_anything_left_adds_once(owner: Organisation) -> None:
    other, funder = accounts.organisation("funder"), funding.funder(200_000)
    spent, next_one = pools.pool(owner, 5_000), pools.pool(other, 50_000)
    for _ in range(2):
        funding.firm(funding.campaign([owner, other, funder]), funder, 100_000)
    assert [(row.pool, row.fen) for row in TopUp.objects.order_by("pk")] == [(spent, 5_000), (next_one, 20_000)]


def test_a_campaign_outside_the_pools_purpose_is_not_topped_up(owner: Organisation) -> None:
    _, (pledge,) = scene(owner, 100_000, pool={"regions": ["11"], "industries": ["26"]})
    assert added(pledge) == 0


def test_a_pool_adds_nothing_uninvited_to_its_own_institutions_pledge_after_its_period_or_once_closed(owner: Organisation) -> None:
    funder = funding.funder(400_000)
    pool = pools.pool(owner)
    assert added(funding.firm(funding.campaign([funder]), funder, 100_000)) == 0
    treasury.funded_wallet(100_000, owner.pk)
    funding.assessed(owner)
    campaign = funding.campaign([owner, funder])
    assert added(funding.firm(campaign, owner, 100_000)) == 0
    perform("close", pool, accounts.actor_for(owner))
    assert added(funding.firm(campaign, funder, 100_000)) == 0
    assert (wallet_of(owner.pk).available_fen, pools.purse(pool)) == (1_000_000, Purse(0, 0, 0, 0))


def test_a_pool_whose_period_is_over_adds_nothing_before_the_sweeper_has_come(owner: Organisation) -> None:
    funder = funding.funder(100_000)
    pool = pools.pool(owner, until=clock.now() + timedelta(seconds=4))
    pledge = funding.pledge(funding.campaign([owner, funder]), funder, 100_000)
    with pytest.raises(errors.PoolStillRuns):
        perform("lapse", pool, funding.SYSTEM)
    with clock.shifted(5):
        assert added(funding.passed(pledge, "cooling_passed")) == 0
        assert perform("lapse", pool, funding.SYSTEM).state == "closed"
    assert wallet_of(owner.pk).available_fen == 1_000_000
    outbox.relay()
    assert [(told.topic, told.path) for told in Notice.objects.filter(organisation=owner)] == [("pool.closed", f"/pools/{pool.pk}/")]


def test_the_pool_does_not_count_towards_the_minimum_and_a_failure_releases_it_to_the_fen(owner: Organisation) -> None:
    pool, (pledge,) = scene(owner, 299_999, minimum_fen=300_000)
    campaign = funding.overdue(Campaign.objects.get())
    foretold = closing.predict(campaign=campaign)
    assert (foretold.ends, foretold.returns_fen, foretold.matched_fen) == ("failed_closed", 299_999, 0)
    assert [step.state for step in closing.close(campaign=campaign)][-1] == "failed_closed"
    assert pools.purse(pool) == Purse(1_000_000, 0, 0, 1_000_000)
    assert set(PoolUse.objects.values_list("fen", flat=True)) == {0}
    assert wallet_of(pledge.organisation_id).available_fen == 299_999
    assert findings() == []


@pytest.mark.parametrize("steps", [1, 4])
def test_a_success_captures_pledges_and_top_ups_and_a_run_that_ends_anywhere_is_resumed(
    owner: Organisation, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "BATCH", 1)
    pool, _ = scene(owner, 200_000, 100_001)
    late = funding.funder(50_000)
    campaign = Campaign.objects.get()
    campaign.invited.add(late)
    # Its cooling-off ends with the clearing: its top-up is foretold before it is held.
    Pledge.objects.filter(pk=funding.cooling(campaign, late, 50_000).pk).update(due_at=accounts.a_moment_ago())
    campaign = funding.overdue(campaign)
    assert closing.predict(campaign=campaign).matched_fen == 70_000
    run = closing.close(campaign=campaign)
    for _ in range(steps):
        next(run)
    run.close()
    campaign.refresh_from_db()
    if campaign.state != "funded":
        assert closing.predict(campaign=campaign).matched_fen == 70_000
        assert [step.state for step in closing.close(campaign=campaign)][-1] == "funded"
    campaign.refresh_from_db()
    assert (campaign.held_fen, campaign.captured_fen, campaign.matched_fen) == (0, 350_001, 70_000)
    assert balance(books.campaign_escrow(campaign.pk)).posted_fen == selectors.captured_fen(campaign) == 420_001
    assert pools.purse(pool) == Purse(1_000_000, 0, 70_000, 930_000)
    assert [(use.campaign, use.pledges, use.captured_fen) for use in uses_of(pool)] == [(campaign, 3, 70_000)]
    assert findings() == []


def test_what_a_closed_pool_has_promised_goes_on_and_what_is_released_goes_straight_to_its_owner(owner: Organisation) -> None:
    pool, _ = scene(owner, 100_000)
    funder = funding.funder(100_000)
    lost = funding.campaign([owner, funder])
    funding.firm(lost, funder, 100_000)
    pool = perform("close", pool, accounts.actor_for(owner))
    assert (wallet_of(owner.pk).available_fen, pools.purse(pool)) == (960_000, Purse(40_000, 40_000, 0, 0))
    perform("cancel", lost, accounts.staff_actor("reviewer"), reason="材料有误")
    lost.refresh_from_db()
    with CaptureQueriesContext(connection) as asked:
        list(closing.close(campaign=lost))
    # Everything that the release touches is locked at once, in id order: the wallet that a closed pool pays on to as well.
    first = next(query["sql"] for query in asked if "treasury_lock" in query["sql"])
    assert str(books.wallet(owner.pk).pk) in first
    assert (wallet_of(owner.pk).available_fen, pools.purse(pool)) == (980_000, Purse(20_000, 20_000, 0, 0))
    assert findings() == []


def test_what_an_agreement_returns_is_shared_by_pledges_and_top_ups_to_the_fen(owner: Organisation) -> None:
    pool, (first, second) = scene(owner, 200_000, 100_000, pool={"pledge_cap_fen": 25_001})
    campaign = funding.overdue(Campaign.objects.get())
    list(closing.close(campaign=campaign))
    campaign.refresh_from_db()
    assert (added(first), added(second)) == (25_001, 20_000)
    treasury.pay(books.campaign_escrow(campaign.pk), books.agreement_escrow(uuid7()), 300_000)
    perform("agreement_effective", campaign, funding.SYSTEM)
    perform("agreement_terminated", campaign, funding.SYSTEM)
    assert settling.refund(campaign=campaign, fen=45_001).state == "closed"
    # 45,001 by 200,000 : 100,000 : 25,001 : 20,000 of 345,001, floored; two fen more to the largest remainders.
    back = [row.refunded_fen for row in (Pledge.objects.get(pk=one.pk) for one in (first, second))]
    topped = [TopUp.objects.get(pledge=one).refunded_fen for one in (first, second)]
    assert (back, topped) == ([26_087, 13_044], [3_261, 2_609])
    assert sum(back) + sum(topped) == 45_001
    assert wallet_of(owner.pk).available_fen == sum(topped)
    # What came back is in the owner's wallet, and the pool's no longer.
    assert pools.purse(pool) == Purse(1_000_000 - 5_870, 0, 45_001 - 5_870, 954_999)
    assert findings() == []


def test_an_award_that_lapses_returns_captured_top_ups_whole_to_their_owner(owner: Organisation) -> None:
    pool, (pledge,) = scene(owner, 300_000)
    campaign = funding.overdue(Campaign.objects.get())
    list(closing.close(campaign=campaign))
    funding.passed(campaign.demand, "reopen")
    campaign.refresh_from_db()
    perform("refund_done", campaign, funding.SYSTEM)
    assert Pledge.objects.get(pk=pledge.pk).state == "refunded"
    assert (wallet_of(owner.pk).available_fen, wallet_of(pledge.organisation_id).available_fen) == (60_000, 300_000)
    assert pools.purse(pool) == Purse(940_000, 0, 0, 940_000)
    assert findings() == []


def test_money_is_added_while_the_pool_is_open_and_never_more_than_the_wallet_has(owner: Organisation) -> None:
    pool, actor = pools.pool(owner, 10_000), accounts.actor_for(owner)
    treasury.funded_wallet(5_000, owner.pk)
    perform("add_money", pool, actor, fen=5_000)
    with transaction.atomic(), pytest.raises(InsufficientFunds):
        perform("add_money", pool, actor, fen=1)
    assert pools.purse(pool).left_fen == 15_000
    with pytest.raises(Forbidden):
        perform("add_money", pool, accounts.actor_for(owner, roles=("member",)), fen=1)


def test_a_pool_is_opened_once_by_a_verified_institution_with_whole_terms(owner: Organisation) -> None:
    treasury.funded_wallet(30_000, owner.pk)
    actor, given, key = accounts.actor_for(owner), pools.terms(), uuid7()
    made = [pool_open(actor=actor, terms=given, fen=10_000, id=key) for _ in range(2)]
    assert (made[0].pk, wallet_of(owner.pk).available_fen) == (made[1].pk, 20_000)
    with pytest.raises(KeyReused):
        pool_open(actor=actor, terms={**given, "ratio_bp": 1}, fen=10_000, id=key)
    perform("add_money", made[0], actor, fen=5_000)
    with pytest.raises(KeyReused):
        pool_open(actor=actor, terms=given, fen=5_000, id=key)
    for fault in ({"name_zh": "", "name_en": ""}, {"ratio_bp": 20_001}, {"pledge_cap_fen": 10**9 + 1}, {"regions": ["44"]},
                  {"industries": ["00"]}, {"until": accounts.a_moment_ago()}, {"name_zh": "保本引导基金"},
                  {"name_en": "Risk-free Fund"}):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            pool_open(actor=actor, terms={**given, **fault}, fen=1)
        assert list(refused.value.fields) == [next(iter(fault))]
    with pytest.raises(Forbidden):
        pool_open(actor=accounts.actor_for(accounts.organisation("company")), terms=given, fen=1)
    with pytest.raises(NotVerified):
        pool_open(actor=accounts.actor_for(accounts.organisation("funder", verified=False)), terms=given, fen=1)


def test_the_database_keeps_a_pools_terms_and_its_end(owner: Organisation) -> None:
    pool = pools.pool(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchingPool.objects.filter(pk=pool.pk).update(ratio_bp=2_001)
    perform("close", pool, accounts.actor_for(owner))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE funding_matchingpool SET state = 'open'")


FAULTS: tuple[tuple[Callable[[], Any], set[str]], ...] = (
    (lambda: TopUp.objects.update(fen=19_999), {"B2a", "B2c", "B4b", "B4c"}),
    (lambda: PoolUse.objects.filter(scope="funder").update(fen=19_999), {"B4c"}),
    (lambda: Campaign.objects.update(matched_fen=20_001), {"B4b"}),
    (lambda: Pledge.objects.update(fen=99_999), {"B2a", "B2c", "B4b"}),
    (lambda: TopUp.objects.update(captured_fen=20_000), {"B2c"}),
)


def test_the_books_find_a_top_up_that_is_not_what_was_held(owner: Organisation) -> None:
    scene(owner, 100_000)
    assert findings() == []
    for fault, codes in FAULTS:
        with transaction.atomic():
            fault()
            assert {code for code, _ in findings()} == codes
            transaction.set_rollback(True)
