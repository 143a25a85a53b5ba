"""The moves of campaigns, pledges and payouts as pages."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from marketplace.common.actor import Actor, actor_of
from marketplace.common.text import bi
from marketplace.funding import selectors
from marketplace.funding.models import Campaign, Payout, Pledge
from marketplace.funding.services.asking_anew import ask_anew
from marketplace.funding.web import presenting
from marketplace.funding.web.forms import AcceptanceForm, ExtensionForm, ExtensionGrantForm, NoteForm
from marketplace.funding.workflow import CAMPAIGN, PAYOUT, PLEDGE
from marketplace.web.acting import ActionPage, ReasonForm
from marketplace.web.navigation import localised


class CampaignAction(ActionPage):
    """Review, open, close early, call off."""

    machine = CAMPAIGN
    forms: ClassVar = {
        "request_changes": ReasonForm,
        "reject": ReasonForm,
        "approve": NoteForm,
        "withdraw": ReasonForm,
        "cancel": ReasonForm,
        "ask_extension": ExtensionForm,
        "extend_once": ExtensionGrantForm,
    }
    promises: ClassVar = {
        "ask_extension": bi("只能延期一次，须经审核人同意。", "Once only, and a reviewer must agree."),
        "extend_once": bi("截止时间改为申请的时间，不能再次延期。", "The deadline becomes the one asked for, and is not moved again."),
        "open": bi("开放后受邀机构即可认筹，条款不再更改。", "Once open, invited institutions may pledge, and the terms no longer change."),
        "ask_early_close": bi(
            "未同意的认筹机构收到通知，各自决定；只征询一次。",
            "Every funder that has not agreed is told, and decides for itself. Once only.",
        ),
        "close_early": bi(
            "截止后不再接受认筹，随即清算；未满额时须经全部认筹机构同意。",
            "No more pledges are taken, and clearing begins; unless the campaign is full, every funder has to agree.",
        ),
        "cancel": bi("取消后全部冻结款项解冻。", "Every hold is released."),
    }

    def find(self, actor: Actor, pk: str) -> Campaign:
        return selectors.campaign_for(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/campaigns/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"campaign": obj} if action == "extend_once" else {}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        return {"until": cleaned["until"]} if action == "extend_once" else cleaned

    def facts(self, action: str, obj: Any) -> list[dict[str, Any]]:
        """Before money moves or returns: what is pledged, and what it has to reach."""
        return presenting.at_the_end(obj) if action in ("ask_early_close", "close_early", "cancel") else []


class PledgeAction(ActionPage):
    """Confirm, with the risk statement; take back while cooling off."""

    machine = PLEDGE
    forms: ClassVar = {"confirm": AcceptanceForm}
    promises: ClassVar = {
        "confirm": bi(
            "确认后款项在钱包内冻结，不划走；冷静期内可无理由撤回。",
            "The amount is held in your wallet and does not leave it; while cooling off you may withdraw without a reason.",
        ),
        "cancel": bi("撤回后款项立即解冻。", "The hold is released at once."),
        "agree_early_close": bi(
            "全部认筹机构同意后，需求方可在截止时间前结束募资并划转；同意后不能收回。",
            "Once every funder agrees, the company may close before the deadline and the money is captured; consent is not taken back.",
        ),
    }

    def find(self, actor: Actor, pk: str) -> Pledge:
        return selectors.pledge_for(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/pledges/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"campaign": obj.campaign}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        # All boxes are ticked, or the form would not be valid; the version and the hash are those of the wordings that it showed.
        return {
            "risk_version": obj.campaign.risk_version,
            "terms_sha256": cleaned["terms_sha256"],
            "suitable": cleaned["suitable"],
        }

    def facts(self, action: str, obj: Any) -> list[dict[str, Any]]:
        """Before a pledge is confirmed: what it is for, in words, and the hash of these terms."""
        return presenting.to_be_accepted(obj) if action == "confirm" else []


@login_required
@require_POST
def payout_ask_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask again for a payout that was rejected."""
    ask_anew(actor=actor_of(request), payout_id=pk)
    messages.success(request, str(bi("已重新申请，等两位财务员审批。", "Asked for again: two finance officers have to approve it.")))
    return HttpResponseRedirect(localised("/payouts/"))


class PayoutAction(ActionPage):
    """Approve, refuse, and book the bank's refusal."""

    machine = PAYOUT
    forms: ClassVar = {"reject": ReasonForm, "report_refusal": ReasonForm}
    promises: ClassVar = {
        "approve_1": bi("初审与复核须为不同人员。", "The second approval is by another person."),
        "report_refusal": bi("另一位财务员确认后，款项才重新成为应付。", "It is payable again once another officer agrees."),
        "bank_error": bi("确认后重新成为应付，须重新申请并经两人审批。", "It is payable again, and asked for and approved anew."),
        "approve_2": bi("复核后即发往银行（收款账户冻结期满后）。", "The payment goes to the bank once the account's freeze is over."),
    }

    def find(self, actor: Actor, pk: str) -> Payout:
        return selectors.payout_for(actor, pk)

    def home(self, obj: Any) -> str:
        return "/payouts/"
