"""A campaign's money after the outcome: captured, released, refunded or settled, resumable.

Capture and release work in batches through the bulk door, each a transaction of its own; whatever
stops the process, the sweeper or `closing` goes on with what is left. The accounts of a batch are locked
in id order, so that two campaigns with the same funders do not wait for each other in a circle.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.common.money import split
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge, TopUp
from marketplace.funding.services import matching
from marketplace.funding.workflow import HOLDING, WITH_CAPTURED_MONEY, CampaignState, PledgeState
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts, transferring
from marketplace.workflow.bulk import move_many
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform

BATCH = 500


def capture_next(ctx: Context[Campaign]) -> None:
    """Capture the next batch of firm pledges."""
    move_many("capture", list(_pledges(ctx.obj, PledgeState.FIRM)[:BATCH]))
    read_totals(ctx.obj)


def nothing_left_to_capture(ctx: Context[Campaign]) -> None:
    """A campaign is captured when each of its pledges is."""
    if _pledges(ctx.obj, PledgeState.FIRM).exists():
        raise errors.WorkLeft


def capture(ctx: Context[Campaign]) -> None:
    """Commit to what came in."""
    ctx.private["captured_fen"] = ctx.obj.captured_fen


def release_next(ctx: Context[Campaign]) -> None:
    """Release the next batch of holds; what was captured already goes back in full."""
    held = list(_pledges(ctx.obj, *HOLDING)[:BATCH])
    move_many("release", held)
    captured = list(_pledges(ctx.obj, PledgeState.CAPTURED)[: BATCH - len(held)])
    top_ups = matching.top_ups_of(captured)
    for pledge in _locked(ctx.obj, captured, top_ups):
        added = top_ups[pledge.pk].captured_fen if pledge.pk in top_ups else 0
        perform("refund_all", pledge, Actor.system(), fen=pledge.captured_fen, matched_fen=added)
    read_totals(ctx.obj)


def nothing_left_to_release(ctx: Context[Campaign]) -> None:
    """A campaign ends without success only when every fen is back with its funder."""
    if _pledges(ctx.obj, *HOLDING, *WITH_CAPTURED_MONEY).exists():
        raise errors.WorkLeft


def refund(*, campaign: Campaign, fen: int) -> Campaign:
    """Return `fen` of the campaign's escrow to its pledges pro rata and end the campaign.

    For an agreement that has just put its unreleased part back into the campaign's escrow. Largest
    remainder, ties by id. Raises EscrowDiffers when the escrow holds another amount.
    """
    return perform("refund_done", campaign, Actor.system(), fen=fen)


def refund_done(ctx: Context[Campaign], *, fen: int | None = None) -> None:
    """Share everything in the escrow among the captured pledges and their top-ups by what each had paid in."""
    campaign = ctx.obj
    total = balance(accounts.campaign_escrow(campaign.pk)).posted_fen
    if fen is not None and fen != total:
        raise errors.EscrowDiffers
    pledges = list(_pledges(campaign, *WITH_CAPTURED_MONEY))
    top_ups = matching.top_ups_of(pledges)
    added = {f"{pledge}/top-up": row.captured_fen for pledge, row in top_ups.items()}
    parts = split(total, [*((str(pledge.pk), pledge.captured_fen) for pledge in pledges), *added.items()])
    for pledge in _locked(campaign, pledges, top_ups):
        part, matched = parts[str(pledge.pk)], parts.get(f"{pledge.pk}/top-up", 0)
        if part == pledge.captured_fen:
            perform("refund_all", pledge, Actor.system(), fen=part, matched_fen=matched)
            continue
        if part or matched:
            perform("refund_part", pledge, Actor.system(), fen=part, matched_fen=matched)
        perform("settle", pledge, Actor.system())
    ctx.private["refunded_fen"] = total


def complete(ctx: Context[Campaign]) -> None:
    """The agreement is fulfilled: every pledge is settled."""
    while pledges := list(_pledges(ctx.obj, *WITH_CAPTURED_MONEY)[:BATCH]):
        move_many("settle", pledges)


def capture_pledges(changes: Sequence[Context[Pledge]]) -> None:
    """Post the holds of one campaign's pledges: their money is in its escrow."""
    for ctx in changes:
        _campaign_is(ctx, CampaignState.SUCCESSFUL)
    top_ups = matching.top_ups_of(ctx.obj for ctx in changes)
    transferring.post_each(holds=[*_holds(changes), *matching.holds_of(changes, top_ups)])
    for ctx in changes:
        ctx.money, ctx.obj.captured_fen = True, ctx.obj.fen
        ctx.private.update(campaign=str(ctx.obj.campaign_id), fen=ctx.obj.fen)
    if top_ups:
        matching.captured(changes, top_ups)
    total = sum(ctx.obj.fen for ctx in changes)
    campaign = Campaign.objects.filter(pk=changes[0].obj.campaign_id)
    campaign.update(held_fen=F("held_fen") - total, captured_fen=F("captured_fen") + total)


def capture_pledge(ctx: Context[Pledge]) -> None:
    """One alone."""
    capture_pledges([ctx])


def release_pledges(changes: Sequence[Context[Pledge]]) -> None:
    """Void the holds of one campaign's pledges and take them off its total."""
    top_ups = matching.top_ups_of(ctx.obj for ctx in changes)
    pools = matching.locked(row.pool_id for row in top_ups.values())
    holds = [*_holds(changes), *matching.holds_of(changes, top_ups)]
    matching.lock_ways_back(holds, pools)
    transferring.void_each(holds=holds)
    for ctx in changes:
        ctx.money = True
        ctx.private.update(campaign=str(ctx.obj.campaign_id), fen=ctx.obj.fen)
    if top_ups:
        matching.released(changes, top_ups, pools)
    total = sum(ctx.obj.fen for ctx in changes)
    Campaign.objects.filter(pk=changes[0].obj.campaign_id).update(held_fen=F("held_fen") - total)


def release_pledge(ctx: Context[Pledge]) -> None:
    """One alone; also what the funder's own withdrawal does."""
    release_pledges([ctx])


def refund_pledge(ctx: Context[Pledge], *, fen: int, matched_fen: int = 0) -> None:
    """Pay so many fen from the campaign's escrow back into the funder's wallet, and its top-up's part to the pool's owner."""
    pledge = ctx.obj
    _campaign_is(ctx, CampaignState.REFUNDING, CampaignState.CANCELLING)
    escrow, wallet = accounts.campaign_escrow(pledge.campaign_id), accounts.wallet(pledge.organisation_id)
    if fen:
        transferring.transfer(group=ctx.group, source=escrow, target=wallet, fen=fen, code="pledge.refund")
    if matched_fen:
        matching.refund(ctx, fen=matched_fen)
    ctx.money = bool(fen or matched_fen)
    pledge.refunded_fen += fen
    ctx.private.update(campaign=str(pledge.campaign_id), fen=fen)


def may_be_released(ctx: Context[Pledge]) -> None:
    """Holds are released only when their campaign has failed or is called off."""
    _campaign_is(ctx, CampaignState.RELEASING, CampaignState.CANCELLING)


def _campaign_is(ctx: Context[Pledge], *states: CampaignState) -> None:
    if ctx.obj.campaign.state not in states:
        raise WrongState(state=ctx.obj.campaign.state)


def _pledges(campaign: Campaign, *states: PledgeState) -> QuerySet[Pledge]:
    return campaign.pledges.filter(state__in=states).order_by("pk")


def _locked(campaign: Campaign, pledges: Sequence[Pledge], top_ups: Mapping[UUID, TopUp]) -> Sequence[Pledge]:
    """The same pledges, the accounts of all who get something back locked in id order."""
    if pledges:
        owners = {*(pledge.organisation_id for pledge in pledges), *(row.pool.organisation_id for row in top_ups.values())}
        transferring.lock([accounts.campaign_escrow(campaign.pk), *(accounts.wallet(owner) for owner in owners)])
    return pledges


def _holds(changes: Sequence[Context[Pledge]]) -> list[tuple[UUID, Transfer]]:
    """Each pledge's hold with the change that resolves it; the database keeps one on every confirmed pledge."""
    found = Transfer.objects.in_bulk([ctx.obj.hold_id for ctx in changes])
    return [(ctx.group, found[ctx.obj.hold_id]) for ctx in changes if ctx.obj.hold_id is not None]


def read_totals(campaign: Campaign) -> None:
    """The pledges changed the totals in the database; what is saved next must not undo that."""
    campaign.refresh_from_db(fields=["held_fen", "captured_fen", "matched_fen"])
