"""Which rule stands behind which move of a demand and a bid."""

from marketplace.demands import permissions
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import awarding, bidding, indexing, opening, publishing
from marketplace.demands.workflow import BID, DEMAND
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    registry.register(
        DEMAND,
        model=Demand,
        roles_of=permissions.demand_roles,
        visible=permissions.demand_visible,
        public=lambda demand: demand.is_public,
        guards={
            "submit": publishing.must_be_complete,
            "resubmit": publishing.must_be_complete,
            "publish": publishing.deadline_must_lie_ahead,
            "withdraw": publishing.no_sealed_bids,
            "close": publishing.can_close,
            "extend_once": publishing.can_extend,
            "expire": publishing.can_expire,
            "claim": bidding.can_claim,
            "select": awarding.all_opened,
            "no_award": awarding.all_opened,
            "publicity_passed": awarding.publicity_over,
            "winner_lapsed": awarding.challenge_only,
            "reopen": awarding.claim_only,
        },
        effects={
            "request_changes": publishing.review,
            "reject": publishing.review,
            "approve": publishing.approve,
            "publish": publishing.publish,
            "amend": publishing.amend,
            "withdraw": publishing.withdraw,
            "extend_once": publishing.extend_once,
            "claim": bidding.claim,
            "select": awarding.select,
            "no_award": awarding.no_award,
            "uphold_objection": awarding.uphold_objection,
            "publicity_passed": awarding.publicity_passed,
            "winner_lapsed": awarding.lapse_winner,
            "reopen": awarding.reopen,
            "agreement_signed": awarding.agreement_signed,
        },
    )
    registry.register(
        BID,
        model=Bid,
        roles_of=permissions.bid_roles,
        visible=permissions.bid_visible,
        public=lambda bid: False,
        guards={"commit": bidding.before_deadline, "replace": bidding.before_deadline, "withdraw": bidding.before_deadline},
        effects={
            "commit": bidding.commit,
            "replace": bidding.replace,
            "withdraw": bidding.withdraw,
            "withdraw_late": bidding.withdraw_late,
            "disqualify": bidding.disqualify,
            "reveal": opening.reveal,
            "reveal_mismatch": opening.reveal_mismatch,
            "refuse": awarding.refuse,
        },
        # The demand's row decides between a bid and the closing of bids.
        locks={action: lambda bid: [Demand(pk=bid.demand_id)] for action in ("commit", "replace", "withdraw")},
    )
    indexing.register()
