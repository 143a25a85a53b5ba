"""The pages of agreements: list, one agreement with its signatures, money and ledger entries."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from marketplace.agreements import selectors
from marketplace.agreements.models import Agreement
from marketplace.agreements.permissions import agreement_roles, may_read_body
from marketplace.agreements.services import drawing, keys
from marketplace.agreements.services.document import in_order
from marketplace.agreements.services.rewards import reward_hint
from marketplace.agreements.web import picturing
from marketplace.agreements.web.forms import DrawForm
from marketplace.agreements.web.tiers import tiers_of
from marketplace.agreements.workflow import AGREEMENT, AgreementState, MilestoneState
from marketplace.common import clock, files
from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import Forbidden, NotFound
from marketplace.common.text import bi, pick
from marketplace.demands.permissions import demand_roles
from marketplace.demands.selectors import demand_for
from marketplace.funding.models import Campaign
from marketplace.funding.workflow import CampaignState
from marketplace.web import amounts, ledger_rows
from marketplace.web.csv_files import csv_file, yuan_cell
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.web.paging import paged
from marketplace.workflow.actions import available_actions

AGREEMENT_LINKED = ("revise", "sign", "reopen", "abandon", "terminate", "conditions_met")
MILESTONE_LINKED = ("submit", "accept", "request_revision")
PAGE = 50


def agreement_list(request: HttpRequest) -> HttpResponse:
    """The agreements of the reader's organisation."""
    actor = signed_in(request)
    rows, pages = paged(request, selectors.agreements_for(actor).order_by("-id"), size=PAGE)
    return render(request, "agreements/list.html", {"agreements": rows, **pages})


def agreement_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One agreement: who signed, what is in escrow, what is delivered, what is on the ledger."""
    actor = signed_in(request)
    agreement = selectors.agreement_for(actor, pk)
    milestones = list(agreement.milestones.select_related("deliverable").order_by("ordinal"))
    escrow = picturing.steps(agreement, milestones)
    reports = list(agreement.revenue_reports.order_by("period_from", "id"))
    roles = agreement_roles(actor, agreement)
    context = {
        "agreement": agreement,
        "now": clock.now(),
        "facts_line": [agreement.contract_name, f"v{agreement.version}", agreement.company.name, agreement.university.name],
        "parties": in_order(agreement.parties.all()),
        "figures": _figures(agreement, milestones),
        "milestones": [
            {
                "row": m,
                "actions": available_actions(m, actor),
                "base_url": localised(f"/milestones/{m.pk}/actions/"),
            }
            for m in milestones
        ],
        "bar": _bar(milestones),
        "escrow": picturing.escrow(escrow),
        "escrow_steps": escrow,
        "tiers": tiers_of(agreement),
        "reward_hint": reward_hint(agreement),
        "reports": reports,
        "actions": available_actions(agreement, actor),
        "base_url": localised(f"/agreements/{agreement.pk}/actions/"),
        "linked": AGREEMENT_LINKED,
        "milestone_linked": MILESTONE_LINKED,
        "document": agreement.document if may_read_body(actor, agreement) else "",
        "may_report": "company" in roles and agreement.state in (AgreementState.ACTIVE, AgreementState.COMPLETED),
        "needs_key": "signatory" in roles and agreement.state == AgreementState.PENDING_SIGNATURES and not _has_key(actor),
        "entries": ledger_rows.strip(AGREEMENT, agreement.pk, sealed_too=True, newest=8),
        "all_url": ledger_rows.all_of(AGREEMENT, agreement.pk),
    }
    return render(request, "agreements/detail.html", context)


def escrow_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The steps of the agreement's escrow as CSV with full amounts in yuan, for whoever reads the agreement."""
    agreement = selectors.agreement_for(signed_in(request), pk)
    head = [pick("步骤", "Step"), pick("金额（元）", "Amount (CNY)")]
    found = picturing.steps(agreement, list(agreement.milestones.order_by("ordinal")))
    return csv_file("escrow", [head, *([step.label, yuan_cell(step.fen)] for step in found)])


def agreement_new(request: HttpRequest, demand: str) -> HttpResponse:
    """Draw up the agreement for an awarded demand."""
    actor = signed_in(request)
    row = demand_for(actor, demand)
    if "company" not in demand_roles(actor, row):
        raise Forbidden
    campaigns = Campaign.objects.filter(demand=row, state=CampaignState.FUNDED).order_by("id")

    def save(terms: dict[str, Any]) -> str:
        made = drawing.agreement_draw(demand=row, campaign=terms.pop("campaign"), actor=actor, terms=terms)
        return f"/agreements/{made.pk}/"

    form, heading = DrawForm(request.POST or None, campaigns=campaigns), bi("起草协议", "Draw up the agreement")
    return form_page(request, form, save, heading=heading, back=f"/demands/{row.pk}/", submit=bi("起草", "Draw up"))


def key_keep(request: HttpRequest, pk: str) -> HttpResponse:
    """Have the platform make and keep a signing key for the reader's organisation; labelled so ever after."""
    actor = signed_in(request)
    agreement = selectors.agreement_for(actor, pk)
    if request.method != "POST":
        raise NotFound
    keys.key_register(actor=actor)
    messages.success(request, bi("平台已代管一枚签署密钥，可以签署。", "The platform now keeps a signing key for you: you can sign."))
    return HttpResponseRedirect(localised(f"/agreements/{agreement.pk}/"))


def deliverable(request: HttpRequest, pk: str) -> FileResponse:
    """Download what was delivered, as a party."""
    actor = signed_in(request)
    milestone = selectors.milestones_for(actor).filter(pk=pk).first()
    if milestone is None or milestone.deliverable is None or not may_read_body(actor, milestone.agreement):
        raise NotFound
    return FileResponse(
        files.open_file(milestone.deliverable),
        as_attachment=True,
        filename=milestone.deliverable.name,
        content_type="application/octet-stream",
    )


def _has_key(actor: Actor) -> bool:
    return actor.organisation_id is not None and keys.usable_key(actor.organisation_id, None) is not None


def _figures(agreement: Agreement, milestones: list[Any]) -> list[dict[str, Any]]:
    released = sum(m.fen for m in milestones if m.state == MilestoneState.RELEASED)
    in_escrow = agreement.price_fen - released if agreement.state == AgreementState.ACTIVE else 0
    return [
        {"label": bi("总价款", "Price"), **_amount(agreement.price_fen)},
        {"label": bi("托管中", "In escrow"), **_amount(in_escrow), "tone": "accent"},
        {"label": bi("已放款", "Released"), **_amount(released)},
        {"label": bi("里程碑", "Milestones"), "value": len(milestones), "unit": ""},
    ]


def _amount(fen: int) -> dict[str, Any]:
    before, figure, unit = amounts.headline(fen)
    return {"value": f"{before}{figure}", "unit": unit, "note": amounts.exact(fen)}


def _bar(milestones: list[Any]) -> dict[str, Any]:
    return {
        "shares": [m.fen for m in milestones],
        "done": [1 if m.state == MilestoneState.RELEASED else 0 for m in milestones],
    }
