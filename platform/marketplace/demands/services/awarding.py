"""Selecting a bid, its publicity, and the award; each other team is told why."""

from collections.abc import Mapping
from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.demands import errors
from marketplace.demands.models import Bid, Demand, DemandMode, RefusalReason
from marketplace.demands.selectors import has_sealed_bids
from marketplace.demands.services.publishing import required
from marketplace.demands.workflow import BidState, DemandState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform


def all_opened(ctx: Context[Demand]) -> None:
    """Nothing is decided while a bid is still sealed."""
    if has_sealed_bids(ctx.obj):
        raise errors.BidsNotOpened


def select(ctx: Context[Demand], *, bid: UUID, refusals: Mapping[str, Mapping[str, str]]) -> None:
    """Choose one opened bid and give every other its reason; publicity begins.

    `refusals` maps each other opened bid's id to {"reason": RefusalReason, "text": …}.
    """
    demand = ctx.obj
    opened = {row.pk: row for row in demand.bids.filter(state=BidState.OPENED)}
    chosen = opened.pop(bid, None)
    if chosen is None:
        raise errors.BidNotEligible
    _note_reasons(opened, refusals)
    demand.awarded_bid = perform("select", chosen, Actor.system())
    ctx.private["bid"] = str(chosen.pk)
    ctx.emit["bid"] = str(chosen.pk)


def no_award(ctx: Context[Demand], *, reason: str, refusals: Mapping[str, Mapping[str, str]]) -> None:
    """Award nobody, with a reason for the record and one for each team."""
    ctx.reason = required(reason)
    _note_reasons({row.pk: row for row in ctx.obj.bids.filter(state=BidState.OPENED)}, refusals)
    refuse_others(ctx.obj)


def uphold_objection(ctx: Context[Demand], *, reason: str) -> None:
    """Undo the selection: the demand is evaluated again."""
    ctx.reason = ctx.obj.review_note = required(reason)
    if ctx.obj.awarded_bid is not None:
        perform("unselect", ctx.obj.awarded_bid, Actor.system())
    ctx.obj.awarded_bid = None


def publicity_over(ctx: Context[Demand]) -> None:
    """The award stands once its publicity time has run."""
    if ctx.obj.due_at is not None and ctx.obj.due_at > ctx.now:
        raise errors.PublicityRunning


def publicity_passed(ctx: Context[Demand]) -> None:
    """Award, and tell every other team why it was not selected."""
    refuse_others(ctx.obj)


def challenge_only(ctx: Context[Demand]) -> None:
    """A challenge whose winner did not sign goes back to its company; the others have had their refusal."""
    if ctx.obj.mode != DemandMode.CHALLENGE:
        raise errors.WrongMode
    _signature_time_over(ctx)


def claim_only(ctx: Context[Demand]) -> None:
    """A claimed demand that was not signed for is open again."""
    if ctx.obj.mode != DemandMode.CLAIM:
        raise errors.WrongMode
    _signature_time_over(ctx)


def lapse_winner(ctx: Context[Demand]) -> None:
    """The selected bid lapses and the demand no longer names it."""
    if ctx.obj.awarded_bid is not None:
        perform("lapse", ctx.obj.awarded_bid, Actor.system())
    ctx.obj.awarded_bid = None


def reopen(ctx: Context[Demand]) -> None:
    """Open a claim again for as long as it was first open."""
    demand = ctx.obj
    lapse_winner(ctx)
    if demand.deadline is not None and demand.opened_at is not None:
        demand.deadline = ctx.now + (demand.deadline - demand.opened_at)
    demand.opened_at = ctx.now


def agreement_signed(ctx: Context[Demand]) -> None:
    """The winning bid has become a signed agreement."""
    if ctx.obj.awarded_bid is not None:
        perform("accept", ctx.obj.awarded_bid, Actor.system())


def refuse_others(demand: Demand) -> None:
    """Move every bid that is still only opened to `not_selected` with the reason noted for it."""
    for bid in demand.bids.filter(state=BidState.OPENED).order_by("pk"):
        perform("refuse", bid, Actor.system())


def refuse(ctx: Context[Bid]) -> None:
    """Tell the team why: the reason was noted when the company chose."""
    bid = ctx.obj
    if not bid.refusal_reason:
        bid.refusal_reason = RefusalReason.OTHER
    ctx.reason = f"{bid.refusal_reason}: {bid.refusal_text}"
    ctx.emit["reason"] = bid.refusal_reason


def _note_reasons(others: Mapping[UUID, Bid], refusals: Mapping[str, Mapping[str, str]]) -> None:
    for pk, bid in others.items():
        given = refusals.get(str(pk))
        if given is None or given.get("reason") not in RefusalReason.values:
            raise errors.ReasonMissing(fields={"refusals": [errors.ReasonMissing.title]}, bid=str(pk))
        bid.refusal_reason, bid.refusal_text = given["reason"], given.get("text", "")
        Bid.objects.filter(pk=pk).update(refusal_reason=bid.refusal_reason, refusal_text=bid.refusal_text)


def _signature_time_over(ctx: Context[Demand]) -> None:
    if ctx.obj.state == DemandState.AWARDED and ctx.obj.due_at is not None and ctx.obj.due_at > ctx.now:
        raise errors.NotPossible
