"""The moves of demands and bids as pages."""

from typing import Any, ClassVar

from marketplace.catalogue import selectors as catalogue
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.demands import selectors
from marketplace.demands.models import Bid, Demand
from marketplace.demands.web.forms import AmendForm, BidForm, NoteForm, SelectForm, TeamForm
from marketplace.demands.workflow import BID, DEMAND, BidState
from marketplace.web.acting import ActionPage, ReasonForm


class DemandAction(ActionPage):
    """Review, publish, claim, select."""

    machine = DEMAND
    forms: ClassVar = {
        "approve": NoteForm,
        "request_changes": ReasonForm,
        "reject": ReasonForm,
        "withdraw": ReasonForm,
        "uphold_objection": ReasonForm,
        "claim": TeamForm,
        "select": SelectForm,
        "no_award": ReasonForm,
        "amend": AmendForm,
    }
    promises: ClassVar = {
        "amend": bi("修订即发布新版本，旧版本的哈希仍可核验。", "This publishes a new version; the old one's hash still verifies."),
        "claim": bi(
            "领取即按一口价承接，须在期限内签署协议。", "A claim takes the task at its price; the agreement is to be signed in time."
        ),
        "select": bi("选定后进入公示；每份未中选的投标都会收到理由。", "Publicity begins; each other team receives its reason."),
    }

    def find(self, actor: Actor, pk: str) -> Demand:
        return selectors.demand_for(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/demands/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        if action == "claim":
            return {"teams": catalogue.teams_to_bid_with(actor)}
        if action == "amend":
            return {"initial": {name: getattr(obj, name) for name in AmendForm.base_fields}}
        if action == "select":
            return {"bids": list(obj.bids.filter(state=BidState.OPENED).select_related("team", "organisation").order_by("id"))}
        return {}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        if action == "select":
            given = {bid.pk: bid for bid in obj.bids.filter(state=BidState.OPENED)}
            chosen = next((pk for pk in given if str(pk) == cleaned["bid"]), None)
            refusals = {
                str(pk): {"reason": cleaned[f"reason_{pk}"], "text": cleaned[f"text_{pk}"]}
                for pk in given
                if pk != chosen and f"reason_{pk}" in cleaned
            }
            return {"bid": chosen, "refusals": refusals}
        if action == "amend":
            return {"fields": cleaned}
        if action == "no_award":
            return {**cleaned, "refusals": {str(bid.pk): {"reason": "other", "text": cleaned["reason"]} for bid in obj.bids.all()}}
        return cleaned


class BidAction(ActionPage):
    """Withdraw a bid, or take one out."""

    machine = BID
    forms: ClassVar = {"withdraw_late": ReasonForm, "disqualify": ReasonForm, "replace": BidForm}
    promises: ClassVar = {"withdraw": bi("撤回后密文即被删除。", "The sealed content is destroyed on withdrawal.")}

    def find(self, actor: Actor, pk: str) -> Bid:
        bid = selectors.bids_for(actor).filter(pk=pk).first()
        if bid is None:
            raise NotFound
        return bid

    def home(self, obj: Any) -> str:
        return f"/demands/{obj.demand_id}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"teams": catalogue.teams_to_bid_with(actor).filter(pk=obj.team_id)} if action == "replace" else {}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        if action == "replace":
            return {"offer": {name: value for name, value in cleaned.items() if name != "team"}}
        return cleaned
