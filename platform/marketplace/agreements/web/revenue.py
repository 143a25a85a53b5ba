"""The pages of later revenue: a report with its evidence, questions and lines, and all lines as a file."""

from typing import Any, ClassVar

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.accounts.models import Organisation
from marketplace.agreements import selectors
from marketplace.agreements.models import Distribution, RevenueReport, Tier
from marketplace.agreements.permissions import line_visible, may_read_body
from marketplace.agreements.services import auditing, reporting, sharing
from marketplace.agreements.services.rewards import reward_hint
from marketplace.agreements.web.forms import AnswerForm, AskForm, RevenueForm
from marketplace.agreements.web.tiers import tiers_standing
from marketplace.agreements.workflow import REVENUE, RevenueState
from marketplace.common import files
from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.models import StoredFile
from marketplace.common.text import bi, pick
from marketplace.web import amounts, ledger_rows
from marketplace.web.acting import ActionPage, ReasonForm
from marketplace.web.csv_files import csv_file, safe_cell, yuan_cell
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions

LINKED = ("ask", "answer", "contest", "withdraw", "pay_in", "distribute")


def revenue_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One report: amounts, the audit, how it was divided or would be now, and its ledger entries."""
    actor = signed_in(request)
    report = selectors.revenue_one(actor, pk)
    agreement = report.agreement
    offers, done = available_actions(report, actor), report.state == RevenueState.DISTRIBUTED
    lines = list(report.distributions.select_related("organisation")) if done else _foreseen(report)
    context = {
        "report": report,
        "agreement": agreement,
        "facts_line": [f"{report.period_from} – {report.period_to}"],
        "figures": _figures(report),
        "done": done,
        "lines": _rows(actor, lines),
        "tiers": tiers_standing(agreement),
        "reward_hint": reward_hint(agreement),
        "questions": report.questions.select_related("organisation"),
        "reviews": report.reviews.select_related("organisation").order_by("id"),
        "objections": selectors.objections(report),
        "may_read": may_read_body(actor, agreement),
        "auditing": report.state == RevenueState.REPORTED,
        "actions": [offer for offer in offers if offer.action not in ("report", "answer")],
        "may_answer": any(offer.action == "answer" and offer.allowed for offer in offers),
        "base_url": localised(f"/revenue/{report.pk}/actions/"),
        "linked": LINKED,
        "agreement_url": localised(f"/agreements/{agreement.pk}/"),
        "entries": ledger_rows.strip(REVENUE, report.pk, sealed_too=True, newest=8),
        "all_url": ledger_rows.all_of(REVENUE, report.pk),
    }
    return render(request, "agreements/revenue.html", context)


def revenue_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Report a period's revenue."""
    actor = signed_in(request)
    agreement = selectors.agreement_for(actor, pk)

    def save(fields: dict[str, Any]) -> str:
        upload = fields.pop("evidence")

        def evidence() -> StoredFile:
            return files.store(
                owner_id=agreement.company_id,
                name=upload.name,
                stream=upload,
                content_type=upload.content_type or "application/octet-stream",
                purpose="revenue_evidence",
            )

        return f"/revenue/{reporting.revenue_report(agreement=agreement, actor=actor, evidence=evidence, **fields).pk}/"

    form = RevenueForm(request.POST or None, request.FILES or None, with_costs=bool(agreement.costs_cap_fen))
    back = f"/agreements/{agreement.pk}/"
    return form_page(request, form, save, heading=bi("申报收益", "Report revenue"), back=back, submit=bi("申报", "Report"))


def evidence_file(request: HttpRequest, pk: str) -> FileResponse:
    """Download the evidence, as a party."""
    actor = signed_in(request)
    report = selectors.revenue_one(actor, pk)
    if not may_read_body(actor, report.agreement):
        raise NotFound
    return FileResponse(
        files.open_file(report.evidence), as_attachment=True, filename=report.evidence.name, content_type="application/octet-stream"
    )


def lines_file(request: HttpRequest, pk: str) -> HttpResponse:
    """Every line of all the agreement's reports that the reader may see, as CSV with full amounts in yuan."""
    actor = signed_in(request)
    agreement = selectors.agreement_for(actor, pk)
    head = [
        pick("期间自", "Period from"),
        pick("期间至", "Period to"),
        pick("申报编号", "Report"),
        pick("层级", "Tier"),
        pick("身份", "As"),
        pick("单位", "Organisation"),
        pick("认筹编号", "Pledge"),
        pick("金额（元）", "Amount (CNY)"),
    ]
    return csv_file("revenue", [head, *(_row(line) for line in selectors.lines_for(actor, agreement))])


def _rows(actor: Actor, lines: list[Distribution]) -> list[dict[str, Any]]:
    """The lines that the reader may see, in order, and in their place what is the other funders' as one sum."""
    rows = [
        {"name": line.organisation.name, "role": line.role_label, "tier": line.tier_label, "pledge": line.pledge_id, "fen": line.fen}
        for line in lines
        if line_visible(actor, line)
    ]
    unseen = sum(line.fen for line in lines if not line_visible(actor, line))
    if unseen:
        own = any(row["tier"] == Tier.FUNDERS.label for row in rows)
        name = bi("其他出资方", "Other funders") if own else bi("出资方", "Funders")
        note = bi("各笔仅其出资方可见", "each pledge's part is its funder's own")
        place = sum(1 for line in lines if line.tier < Tier.REST and line_visible(actor, line))
        rows.insert(place, {"name": name, "role": note, "tier": Tier.FUNDERS.label, "pledge": None, "fen": unseen})
    return rows


def _row(line: Distribution) -> list[str]:
    report = line.report
    return [
        report.period_from.isoformat(),
        report.period_to.isoformat(),
        str(report.pk),
        str(line.tier),
        str(line.role_label),
        safe_cell(line.organisation.name),
        str(line.pledge_id or ""),
        yuan_cell(line.fen),
    ]


def _foreseen(report: RevenueReport) -> list[Distribution]:
    """What the report would come to now; nothing once it has been withdrawn."""
    if report.state == RevenueState.REJECTED:
        return []
    lines = sharing.lines_of(report)
    known = Organisation.objects.in_bulk({line.organisation_id for line in lines})
    for line in lines:
        line.organisation = known[line.organisation_id]
    return lines


def _figures(report: RevenueReport) -> list[dict[str, Any]]:
    def cell(label: Any, fen: int, tone: str = "") -> dict[str, Any]:
        before, figure, unit = amounts.headline(fen)
        return {"label": label, "value": f"{before}{figure}", "unit": unit, "note": amounts.exact(fen), "tone": tone}

    return [
        cell(bi("收入", "Revenue"), report.revenue_fen),
        cell(bi("有凭证的成本", "Evidenced costs"), report.costs_fen),
        cell(bi("可分配金额", "To be shared"), report.shared_fen, "accent"),
    ]


class RevenueAction(ActionPage):
    """Find right, ask, answer, contest, settle, pay in, approve, divide."""

    machine = REVENUE
    forms: ClassVar = {"ask": AskForm, "answer": AnswerForm, "contest": ReasonForm, "withdraw": ReasonForm}
    promises: ClassVar = {
        "ask": bi("企业答复之前审查不会结束；每次一个提问。", "The audit lasts until the company has answered; one question at a time."),
        "contest": bi("在贵单位确认异议解决之前不缴入、不分配。", "Nothing is paid in or divided until you say that it is settled."),
        "pay_in": bi("可分配金额将从企业钱包转入收益专户。", "The amount to be shared moves from the company's wallet."),
        "distribute": bi("依次分配，精确到分；复核人与初审人须不同。", "Divided by tiers, exact to the fen; two people decide."),
    }

    def find(self, actor: Actor, pk: str) -> RevenueReport:
        return selectors.revenue_one(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/revenue/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"waiting": obj.questions.filter(answered_at=None).select_related("organisation")} if action == "answer" else {}

    def performed(self, action: str, changed: Any) -> None:
        if action in auditing.MAY_END_IT:
            auditing.conclude_if_all_agree(changed)
