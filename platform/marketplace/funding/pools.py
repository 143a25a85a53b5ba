"""Every read of matching pools: for their owners with what became of their money, for a campaign with what they add to it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from marketplace.accounts.workflow import OrganisationState
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.funding.models import Campaign, MatchingPool, PoolScope, PoolUse, TopUp
from marketplace.funding.permissions import READING_STAFF
from marketplace.funding.pool_workflow import COLLECTING, PoolState
from marketplace.funding.workflow import HOLDING
from marketplace.treasury.models import Account, AccountKind


def pools_for(actor: Actor) -> QuerySet[MatchingPool]:
    """The caller's own pools, newest first; for staff who read campaigns those of institutions in their region."""
    rows = MatchingPool.objects.select_related("organisation").order_by("-created_at", "-id")
    if actor.is_system:
        return rows
    if actor.staff in READING_STAFF:
        return rows.filter(organisation__region_code__startswith=actor.staff_region or "")
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id)


def pool_for(actor: Actor, pool_id: UUID | str) -> MatchingPool:
    """One pool, or NotFound where there is none that the caller may know of."""
    found = pools_for(actor).filter(pk=pool_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Purse:
    """A pool's money in fen: promised to pledges, paid in with them and not returned, free to promise, and the three together."""

    given_fen: int
    committed_fen: int
    paid_fen: int
    left_fen: int


def purses_of(pools: list[MatchingPool]) -> dict[UUID, Purse]:
    """The money of each of these pools."""
    accounts = Account.objects.filter(kind=AccountKind.MATCHING_POOL, owner_id__in=[pool.pk for pool in pools])
    # What is refunded goes to the owner's wallet and not into the pool again.
    paid = dict(TopUp.objects.filter(pool__in=pools).values_list("pool").annotate(fen=Sum(F("captured_fen") - F("refunded_fen"))))
    found = {}
    for account in accounts:
        assert account.owner_id is not None  # the database keeps it so
        gone, balance = paid.get(account.owner_id, 0), account.posted_in - account.posted_out
        found[account.owner_id] = Purse(balance + gone, account.pending_out, gone, balance - account.pending_out)
    return {pool.pk: found.get(pool.pk, Purse(0, 0, 0, 0)) for pool in pools}


@dataclass(frozen=True, slots=True)
class Use:
    """What a pool has added in one campaign, in fen and not by pledge.

    Its owner is told the sums of its own money however few pledges they are of: what they say of a single pledge, the
    campaign's own total says to everybody who sees the campaign.
    """

    campaign: Campaign
    pledges: int
    held_fen: int
    captured_fen: int
    refunded_fen: int


def uses_of(pool: MatchingPool) -> list[Use]:
    """The campaigns that the pool has added to, the latest first."""
    rows = (
        TopUp.objects.filter(pool=pool)
        .values("pledge__campaign")
        .annotate(
            pledges=Count("pk", filter=Q(pledge__state__in=HOLDING) | Q(captured_fen__gt=0)),
            held=Sum("fen", filter=Q(pledge__state__in=HOLDING), default=0),
            captured=Sum("captured_fen"),
            refunded=Sum("refunded_fen"),
        )
        .order_by("-pledge__campaign")
    )
    campaigns = Campaign.objects.select_related("organisation").in_bulk([row["pledge__campaign"] for row in rows])
    return [Use(campaigns[row["pledge__campaign"]], row["pledges"], row["held"], row["captured"], row["refunded"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Offer:
    """A pool that tops up a campaign's pledges, or has done so, and what it has added so far in fen."""

    pool: MatchingPool
    runs: bool
    given_fen: int


def offers_for(campaign: Campaign) -> list[Offer]:
    """The pools that fit the campaign while pledges may still become firm, and those that have added to it; the oldest first."""
    used = PoolUse.objects.filter(pool=OuterRef("pk"), scope=PoolScope.CAMPAIGN, subject_id=campaign.pk).values("fen")
    able = Q(state=PoolState.OPEN, until__gt=clock.now(), organisation__state=OrganisationState.VERIFIED)
    fits = able & Q(organisation__in=campaign.invited.all())
    rows = MatchingPool.objects.annotate(given_fen=Coalesce(Subquery(used), 0), fits=Case(When(fits, then=True), default=False))
    running = campaign.state in COLLECTING
    found = rows.filter(Q(given_fen__gt=0) | Q(fits=True)).order_by("created_at", "pk")
    offers = [Offer(pool, running and pool.fits and pool.covers(campaign.demand), pool.given_fen) for pool in found]
    return [offer for offer in offers if offer.runs or offer.given_fen]


def added_to(pledge_id: UUID) -> TopUp | None:
    """What a pool has added to one pledge, if anything."""
    return TopUp.objects.filter(pledge_id=pledge_id).select_related("pool").first()
