"""Opening: after the deadline the opener, and nobody else, turns ciphertext into offers."""

import structlog

from marketplace.common.actor import Actor
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import sealing
from marketplace.demands.workflow import BidState, DemandState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform

log = structlog.get_logger(__name__)


def open_due_bids() -> int:
    """Open every sealed bid whose demand has closed; returns how many were opened.

    Runs only in the opener's process, which alone can unwrap a demand's key. A bid whose content
    does not match its commitment is disqualified, with that reason on record.
    """
    demands = Demand.objects.filter(state=DemandState.EVALUATING, bids__state=BidState.SEALED)
    return sum(_open_bids_of(demand) for demand in demands.distinct().order_by("pk"))


def _open_bids_of(demand: Demand) -> int:
    try:
        private_key = sealing.unwrap_demand_key(demand.pk, bytes(demand.bid_wrapped_key or b""))
    except sealing.CannotOpen:
        # One demand whose key was changed must not keep all others from being opened.
        log.exception("demand_key_cannot_be_unwrapped", demand=str(demand.pk))
        return 0
    opened = 0
    for bid in demand.bids.filter(state=BidState.SEALED).order_by("pk"):
        try:
            body, salt = sealing.unseal(private_key, bid.pk, bytes(bid.sealed or b""))
            matches = sealing.commitment(body, salt) == bid.commitment
        except sealing.CannotOpen:
            matches = False
        if matches:
            perform("reveal", bid, Actor.system(), body=body, salt=salt)
            opened += 1
        else:
            log.error("bid_does_not_match_its_commitment", bid=str(bid.pk))
            perform("reveal_mismatch", bid, Actor.system())
    return opened


def reveal(ctx: Context[Bid], *, body: dict[str, object], salt: str) -> None:
    """Fill the plain columns from the opened body; the ciphertext has done its service."""
    bid = ctx.obj
    bid.price_fen = int(str(body["price_fen"]))
    bid.plan_zh, bid.plan_en = str(body["plan_zh"]), str(body["plan_en"])
    bid.milestones = body["milestones"]
    bid.salt = salt
    bid.sealed = None
    ctx.private["bid_commitment"] = bid.commitment


def reveal_mismatch(ctx: Context[Bid]) -> None:
    """What does not match its commitment takes no part."""
    ctx.obj.sealed = None
    ctx.obj.refusal_text = ctx.reason = "reveal does not match the commitment"
