"""What a pool adds to a pledge: reckoned when the pledge becomes firm, held, captured and returned with it.

The pools' rows are locked after campaign and pledge and before any account, so that of two pledges in two campaigns
one is reckoned after the other; each cap is besides a conditional update, and a CHECK behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest

from marketplace.accounts.workflow import OrganisationState
from marketplace.common import clock
from marketplace.common.money import basis_points
from marketplace.funding import errors
from marketplace.funding.models import Campaign, MatchingPool, Pledge, PoolScope, PoolUse, TopUp
from marketplace.funding.pool_workflow import COLLECTING, PoolState
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts, transferring
from marketplace.workflow.context import Context


@dataclass(frozen=True, slots=True)
class Grant:
    """So many fen that a pool adds to a pledge."""

    pool: MatchingPool
    pledge: Pledge
    fen: int


def fitting(campaign: Campaign, moment: datetime) -> list[MatchingPool]:
    """The pools that may add to this campaign's pledges now, the oldest first; none once its outcome is decided.

    Open and within their period, for the demand's region and industry, and of a verified institution that the campaign
    has invited: nobody learns of a campaign by owning a pool.
    """
    if campaign.state not in COLLECTING:
        return []
    able = MatchingPool.objects.filter(state=PoolState.OPEN, until__gt=moment, organisation__state=OrganisationState.VERIFIED)
    # By age and not by id, which whoever sends the form may choose.
    return [pool for pool in able.filter(organisation__invited_to=campaign).order_by("created_at", "pk") if pool.covers(campaign.demand)]


def plan(campaign: Campaign, pledges: Sequence[Pledge], pools: Sequence[MatchingPool]) -> list[Grant]:
    """What the pools add to these pledges, the first confirmed first: to each the oldest pool that has anything left for it, once.

    Floored to the fen; never above a cap, the pool's balance, or what the campaign's pledges leave of its optimum, where
    the minimum is kept free for pledges. An institution does not top up its own pledge.
    """
    room, left, grants = campaign.room_for_pools_fen, _Left(campaign, pledges, pools), []
    for pledge in sorted(pledges, key=lambda pledge: (pledge.accepted_at or pledge.created_at, pledge.pk)):
        for pool in pools:
            fen = min(basis_points(pledge.fen, pool.ratio_bp), pool.pledge_cap_fen, room, left.of(pool, pledge))
            if fen > 0 and pool.organisation_id != pledge.organisation_id:
                grants.append(Grant(pool, pledge, fen))
                left.take(pool, pledge, fen)
                room -= fen
                break
    return grants


class _Left:
    """What each pool has left: of its balance, for the campaign, and for each funder."""

    def __init__(self, campaign: Campaign, pledges: Sequence[Pledge], pools: Sequence[MatchingPool]) -> None:
        self.campaign = campaign.pk
        self.balance = {pool.pk: balance(accounts.matching_pool(pool.pk)).available_fen for pool in pools}
        subjects = {campaign.pk, *(pledge.organisation_id for pledge in pledges)}
        rows = PoolUse.objects.filter(pool__in=pools, subject_id__in=subjects)
        self.used = {(row.pool_id, row.subject_id): row.fen for row in rows}

    def of(self, pool: MatchingPool, pledge: Pledge) -> int:
        caps = ((self.campaign, pool.campaign_cap_fen), (pledge.organisation_id, pool.funder_cap_fen))
        return min(self.balance[pool.pk], *(cap - self.used.get((pool.pk, subject), 0) for subject, cap in caps))

    def take(self, pool: MatchingPool, pledge: Pledge, fen: int) -> None:
        self.balance[pool.pk] -= fen
        for subject in (self.campaign, pledge.organisation_id):
            self.used[pool.pk, subject] = self.used.get((pool.pk, subject), 0) + fen


def become_firm_together(changes: Sequence[Context[Pledge]]) -> None:
    """Hold what the pools add to pledges of one campaign that have become firm. Raises PoolUsedUp when a cap was reached meanwhile."""
    campaign = changes[0].obj.campaign
    fit = fitting(campaign, changes[0].now)
    fresh = {pool.pk: pool for pool in locked(pool.pk for pool in fit)}
    pools = [fresh[pool.pk] for pool in fit if fresh[pool.pk].state == PoolState.OPEN]
    if not pools:
        return
    grants = plan(campaign, [ctx.obj for ctx in changes], pools)
    if not grants:
        return
    change_of, escrow = {ctx.obj.pk: ctx for ctx in changes}, accounts.campaign_escrow(campaign.pk)
    transferring.lock([escrow, *(accounts.matching_pool(pool.pk) for pool in pools)])
    for grant in grants:
        count(grant)
        _hold(change_of[grant.pledge.pk], grant, escrow)


def become_firm(ctx: Context[Pledge]) -> None:
    """One alone."""
    become_firm_together([ctx])


def count(grant: Grant) -> None:
    """Count so many fen against the campaign's room and the pool's caps: conditional updates decide. Raises PoolUsedUp."""
    pool, pledge, fen = grant.pool, grant.pledge, grant.fen
    caps = {
        (PoolScope.CAMPAIGN, pledge.campaign_id): pool.campaign_cap_fen,
        (PoolScope.FUNDER, pledge.organisation_id): pool.funder_cap_fen,
    }
    rows = [PoolUse(pool=pool, scope=scope, subject_id=subject, cap_fen=cap) for (scope, subject), cap in caps.items()]
    PoolUse.objects.bulk_create(rows, ignore_conflicts=True)
    for scope, subject in caps:
        use = PoolUse.objects.filter(pool=pool, scope=scope, subject_id=subject, fen__lte=F("cap_fen") - fen)
        if not use.update(fen=F("fen") + fen):
            raise errors.PoolUsedUp
    kept = Greatest(F("minimum_fen"), F("held_fen") + F("captured_fen"))
    campaign = Campaign.objects.filter(pk=pledge.campaign_id, matched_fen__lte=F("optimum_fen") - kept - fen)
    if not campaign.update(matched_fen=F("matched_fen") + fen):
        raise errors.PoolUsedUp


def _hold(ctx: Context[Pledge], grant: Grant, escrow: Account) -> None:
    hold = transferring.hold(
        group=ctx.group, source=accounts.matching_pool(grant.pool.pk), target=escrow, fen=grant.fen, code="pool.top_up"
    )
    TopUp.objects.create(pool=grant.pool, pledge=grant.pledge, hold=hold, fen=grant.fen, created_at=ctx.now)
    ctx.money = True
    ctx.private.update(campaign=str(ctx.obj.campaign_id), pool=str(grant.pool.pk), matched_fen=grant.fen)


def top_ups_of(pledges: Iterable[Pledge]) -> dict[UUID, TopUp]:
    """What was added to these pledges, by the pledge's id."""
    rows = TopUp.objects.filter(pledge__in=[pledge.pk for pledge in pledges]).select_related("hold", "pool")
    return {row.pledge_id: row for row in rows}


def locked(pools: Iterable[UUID]) -> list[MatchingPool]:
    """The pools' rows, read afresh under their locks in id order."""
    wanted = set(pools)
    return list(MatchingPool.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")) if wanted else []


def holds_of(changes: Sequence[Context[Pledge]], top_ups: dict[UUID, TopUp]) -> list[tuple[UUID, Transfer]]:
    """The hold of each top-up with the change of the pledge that resolves it."""
    return [(ctx.group, top_ups[ctx.obj.pk].hold) for ctx in changes if ctx.obj.pk in top_ups]


def lock_ways_back(holds: Sequence[tuple[UUID, Transfer]], pools: Sequence[MatchingPool]) -> None:
    """Lock in id order every account that a release touches, the wallets to which closed pools pay on among them."""
    owners = {pool.organisation_id for pool in pools if pool.state == PoolState.CLOSED}
    if owners:
        known = {account for _, hold in holds for account in (hold.source_id, hold.target_id)}
        transferring.lock([*Account.objects.filter(pk__in=known), *(accounts.wallet(owner) for owner in owners)])


def captured(changes: Sequence[Context[Pledge]], top_ups: dict[UUID, TopUp]) -> None:
    """The holds of these top-ups have been posted with their pledges'."""
    TopUp.objects.filter(pk__in=[row.pk for row in top_ups.values()]).update(captured_fen=F("fen"))
    _commit(changes, top_ups)


def released(changes: Sequence[Context[Pledge]], top_ups: dict[UUID, TopUp], pools: Sequence[MatchingPool]) -> None:
    """The holds of these top-ups have been voided: the caps are free again, and a closed pool's owner has its money back."""
    closed = {pool.pk: pool for pool in pools if pool.state == PoolState.CLOSED}
    for ctx in changes:
        if (row := top_ups.get(ctx.obj.pk)) is None:
            continue
        for scope, subject in ((PoolScope.CAMPAIGN, ctx.obj.campaign_id), (PoolScope.FUNDER, ctx.obj.organisation_id)):
            PoolUse.objects.filter(pool=row.pool_id, scope=scope, subject_id=subject).update(fen=F("fen") - row.fen)
        if pool := closed.get(row.pool_id):
            source, target = accounts.matching_pool(pool.pk), accounts.wallet(pool.organisation_id)
            transferring.transfer(group=ctx.group, source=source, target=target, fen=row.fen, code="pool.returned")
    total = sum(row.fen for row in top_ups.values())
    Campaign.objects.filter(pk=changes[0].obj.campaign_id).update(matched_fen=F("matched_fen") - total)
    _commit(changes, top_ups)


def refund(ctx: Context[Pledge], *, fen: int) -> None:
    """Return so many fen of a captured top-up from the campaign's escrow to its pool's owner."""
    row = TopUp.objects.select_related("pool").get(pledge=ctx.obj)
    source, target = accounts.campaign_escrow(ctx.obj.campaign_id), accounts.wallet(row.pool.organisation_id)
    transferring.transfer(group=ctx.group, source=source, target=target, fen=fen, code="pool.refund")
    TopUp.objects.filter(pk=row.pk).update(refunded_fen=F("refunded_fen") + fen)
    ctx.private.update(pool=str(row.pool_id), matched_fen=fen)


def foreseen(campaign: Campaign, pledges: Sequence[Pledge]) -> dict[UUID, int]:
    """What would be added to these pledges if they became firm now, in fen by pledge; changes nothing."""
    pools = fitting(campaign, clock.now())
    return {grant.pledge.pk: grant.fen for grant in plan(campaign, pledges, pools)} if pools else {}


def _commit(changes: Sequence[Context[Pledge]], top_ups: dict[UUID, TopUp]) -> None:
    for ctx in changes:
        if row := top_ups.get(ctx.obj.pk):
            ctx.private.update(pool=str(row.pool_id), matched_fen=row.fen)
