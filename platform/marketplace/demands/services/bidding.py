"""Bids: sealed at submission, replaced or withdrawn before the deadline; and first-come claims."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from marketplace.accounts.selectors.organisations import affiliated
from marketplace.catalogue.models import Team
from marketplace.catalogue.workflow import TeamState
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, NotFound, Unauthenticated
from marketplace.common.text import bi
from marketplace.demands import errors
from marketplace.demands.models import Bid, Demand, DemandMode
from marketplace.demands.models.bids import ACTIVE
from marketplace.demands.permissions import demand_writer
from marketplace.demands.services import sealing
from marketplace.demands.services.publishing import required
from marketplace.demands.workflow import DemandState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform

WHOLE_BASIS_POINTS = 10_000


def bid_submit(*, demand: Demand, team: Team, actor: Actor, offer: Mapping[str, Any]) -> tuple[Bid, sealing.Sealed]:
    """Seal a team's offer for a demand and submit it: nothing readable is ever stored before opening.

    `offer` holds price_fen, plan_zh and/or plan_en, and milestones. The second value is the
    bidder's own receipt (salt and commitment), shown once. Raises DeadlinePassed, WrongMode,
    OwnDemand, AffiliatedBidder, TeamNotQualified, AlreadyBid, Invalid.
    """
    if actor.is_anonymous:
        raise Unauthenticated
    with transaction.atomic():
        locked: Demand = lock_row(demand)
        _must_be_fit(locked, team, actor)
        if locked.mode != DemandMode.CHALLENGE:
            raise errors.WrongMode(bi("该需求为一口价，请直接领取。", "This demand has a fixed price: claim it."))
        _must_be_open(locked)
        if Bid.objects.filter(demand=locked, team=team, state__in=ACTIVE).exists():
            raise errors.AlreadyBid
        bid = begin(Bid(demand=locked, team=team, organisation_id=team.organisation_id), actor)
        sealed = sealing.seal(bytes(locked.bid_public_key or b""), bid.pk, checked_offer(offer))
        return perform("commit", bid, actor, sealed=sealed), sealed


def commit(ctx: Context[Bid], *, sealed: sealing.Sealed) -> None:
    """Keep the ciphertext and put the commitment on record."""
    _must_be_open(ctx.obj.demand)
    ctx.obj.sealed = sealed.ciphertext
    ctx.obj.commitment = sealed.commitment
    ctx.private["bid_commitment"] = sealed.commitment


def replace(ctx: Context[Bid], *, offer: Mapping[str, Any]) -> None:
    """Seal another offer in place of the first, before the deadline."""
    demand = ctx.obj.demand
    sealed = sealing.seal(bytes(demand.bid_public_key or b""), ctx.obj.pk, checked_offer(offer))
    commit(ctx, sealed=sealed)


def before_deadline(ctx: Context[Bid]) -> None:
    """A sealed bid changes only while the demand is open."""
    if ctx.obj.demand.deadline is None or ctx.now >= ctx.obj.demand.deadline:
        raise errors.DeadlinePassed


def withdraw(ctx: Context[Bid]) -> None:
    """Before the deadline a bid goes freely; what was sealed is destroyed."""
    ctx.obj.sealed = None


def withdraw_late(ctx: Context[Bid], *, reason: str) -> None:
    """After opening a bid goes only with a reason."""
    ctx.reason = required(reason)


def disqualify(ctx: Context[Bid], *, reason: str) -> None:
    """A reviewer takes an opened bid out, for conflict of interest or a false statement."""
    ctx.reason = ctx.obj.refusal_text = required(reason)


def can_claim(ctx: Context[Demand]) -> None:
    """Only a fixed-price demand before its deadline, and never one's own."""
    if ctx.obj.mode != DemandMode.CLAIM:
        raise errors.WrongMode(bi("该需求须密封投标。", "This demand takes sealed bids."))
    if ctx.obj.deadline is None or ctx.now >= ctx.obj.deadline:
        raise errors.DeadlinePassed


def claim(ctx: Context[Demand], *, team: Team, plan_zh: str = "", plan_en: str = "") -> None:
    """The first qualified team takes the demand at its price; the row lock decides who is first."""
    demand = ctx.obj
    _must_be_fit(demand, team, ctx.actor)
    bid = Bid(
        demand=demand,
        team=team,
        organisation_id=team.organisation_id,
        price_fen=demand.budget_max_fen,
        plan_zh=plan_zh,
        plan_en=plan_en,
        milestones=[{"title_zh": "交付与验收", "title_en": "Delivery and acceptance", "days": 90, "share_bp": WHOLE_BASIS_POINTS}],
    )
    begin(bid, ctx.actor)
    demand.awarded_bid = perform("claim", bid, Actor.system())
    ctx.private["team"] = str(team.pk)
    ctx.emit["bid"] = str(bid.pk)


def checked_offer(offer: Mapping[str, Any]) -> dict[str, Any]:
    """The offer in its sealed form, or Invalid: a positive price, a plan, shares summing to 100 %."""
    price, milestones = offer.get("price_fen"), list(offer.get("milestones") or ())
    fields: dict[str, list[Any]] = {}
    if not isinstance(price, int) or price <= 0:
        fields["price_fen"] = [bi("报价须大于零。", "The price is positive.")]
    if not (offer.get("plan_zh") or offer.get("plan_en")):
        fields["plan_zh"] = [bi("请填写方案。", "Give the plan.")]
    if message := _milestone_fault(milestones):
        fields["milestones"] = [message]
    if fields:
        raise Invalid(next(iter(fields.values()))[0], fields=fields)
    return {
        "price_fen": price,
        "plan_zh": str(offer.get("plan_zh", "")),
        "plan_en": str(offer.get("plan_en", "")),
        "milestones": [
            {
                "title_zh": str(m.get("title_zh", "")),
                "title_en": str(m.get("title_en", "")),
                "days": int(m["days"]),
                "share_bp": int(m["share_bp"]),
            }
            for m in milestones
        ],
    }


def _milestone_fault(milestones: Sequence[Mapping[str, Any]]) -> Any:
    if not 1 <= len(milestones) <= 20:
        return bi("请给出 1 至 20 个里程碑。", "Give 1 to 20 milestones.")
    if any(not (m.get("title_zh") or m.get("title_en")) for m in milestones):
        return bi("每个里程碑须有标题。", "Each milestone needs a title.")
    if any(int(m.get("days", 0)) <= 0 or int(m.get("share_bp", 0)) <= 0 for m in milestones):
        return bi("里程碑的天数和比例须大于零。", "Days and shares are positive.")
    if sum(int(m["share_bp"]) for m in milestones) != WHOLE_BASIS_POINTS:
        return bi("各里程碑比例之和须为 100%。", "The milestones' shares sum to 100 %.")
    return None


def _must_be_open(demand: Demand) -> None:
    late = demand.deadline is None or clock.now() >= demand.deadline
    if late or demand.state != DemandState.OPEN:
        raise errors.DeadlinePassed


def _must_be_fit(demand: Demand, team: Team, actor: Actor) -> None:
    """A verified university's own published team, neither the poster nor affiliated with it."""
    if not demand.is_public:
        raise NotFound
    if actor.organisation_id == demand.organisation_id:
        raise errors.OwnDemand
    if actor.organisation_kind != "university" or not actor.roles & {"manager", "member"}:
        raise Forbidden(bi("只有高校院所的团队可以投标或领取。", "Bids and claims are for teams of universities and institutes."))
    demand_writer(actor)
    if team.organisation_id != actor.organisation_id or team.state != TeamState.PUBLISHED:
        raise errors.TeamNotQualified
    if affiliated(demand.organisation_id, team.organisation_id):
        raise errors.AffiliatedBidder
