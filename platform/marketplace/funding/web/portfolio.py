"""An institution's pledges, what they paid and what came back: a page, and two files."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from marketplace.common import clock
from marketplace.common.actor import signed_in
from marketplace.common.errors import NotFound
from marketplace.common.money import yuan
from marketplace.common.text import bi, pick
from marketplace.funding import portfolio as money
from marketplace.funding.progress import Standing, standings
from marketplace.web import amounts, charts
from marketplace.web.csv_files import csv_file, safe_cell, yuan_cell

ROWS = 20


def portfolio(request: HttpRequest) -> HttpResponse:
    """Sums, cash flow by quarter, and every pledge."""
    mine = money.institution_of(signed_in(request))
    flows = money.flows_of(mine)
    page = Paginator(money.pledges_of(mine), ROWS).get_page(request.GET.get("page"))
    shares = money.revenue_shares([pledge.pk for pledge in page.object_list])
    standing = standings(page.object_list, shares)
    context = {
        "now": clock.now(),
        "figures": _figures(money.totals_of(mine)),
        "flows": flows,
        "picture": _picture(flows) if flows else "",
        "pledges": [(pledge, shares.get(pledge.pk), standing[pledge.pk]) for pledge in page.object_list],
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "files": [
            (reverse("portfolio-file", args=["pledges"]), bi("认筹明细 CSV", "Pledges as CSV")),
            (reverse("portfolio-file", args=["cash-flow"]), bi("现金流 CSV", "Cash flow as CSV")),
        ],
    }
    return render(request, "funding/portfolio.html", context)


def portfolio_file(request: HttpRequest, what: str) -> HttpResponse:
    """The pledges or the cash flow as CSV with full amounts in yuan; NotFound for any other name."""
    mine = money.institution_of(signed_in(request))
    if what == "pledges":
        rows = _pledge_rows(mine)
    elif what == "cash-flow":
        rows = _flow_rows(mine)
    else:
        raise NotFound
    return csv_file(what, rows)


def _figures(totals: money.Totals) -> list[dict[str, Any]]:
    def cell(label: Any, fen: int, tone: str = "") -> dict[str, Any]:
        before, figure, unit = amounts.headline(fen)
        return {"label": label, "value": f"{before}{figure}", "unit": unit, "tone": tone}

    return [
        {**cell(bi("累计划转", "Paid in"), totals.paid_fen), "note": bi(f"{totals.pledged} 笔认筹", f"{totals.pledged} pledges")},
        {**cell(bi("冻结中", "Held"), totals.held_fen), "note": bi("待项目结果", "until the outcome")},
        cell(bi("已退款", "Returned"), totals.returned_fen),
        cell(bi("收入分成", "Revenue shares"), totals.revenue_fen, "accent"),
    ]


def _picture(flows: list[money.Flow]) -> Any:
    data = [(flow.label, flow.paid_fen, flow.back_fen, f"−{_bare(flow.paid_fen)}", f"+{_bare(flow.back_fen)}") for flow in flows]
    paid, back = yuan(sum(flow.paid_fen for flow in flows)), yuan(sum(flow.back_fen for flow in flows))
    return charts.flows(
        data=data,
        title=pick("现金流", "Cash flow"),
        desc=pick(f"划转 {paid} 元，回流 {back} 元", f"CNY {paid} paid in, CNY {back} come back"),
    )


def _bare(fen: int) -> str:
    """Ten thousands of yuan, without idle zeros: the unit stands above the picture, and the table below has every fen."""
    places = 2 if fen < 10 * amounts.WAN else 1
    return f"{fen / amounts.WAN:,.{places}f}".rstrip("0").rstrip(".")


def _pledge_rows(mine: UUID) -> list[list[str]]:
    head = [
        pick("编号", "Number"),
        pick("项目", "Campaign"),
        pick("需求方", "Company"),
        pick("状态", "State"),
        pick("确认时间", "Confirmed"),
        pick("认筹（元）", "Pledged (CNY)"),
        pick("划转（元）", "Captured (CNY)"),
        pick("退款（元）", "Returned (CNY)"),
        pick("收入分成（元）", "Revenue shares (CNY)"),
        pick("距上限（元）", "Left under the cap (CNY)"),
        pick("已放款里程碑", "Milestones released"),
        pick("里程碑数", "Milestones in all"),
        pick("下一步", "Next step"),
        pick("下一步时限", "Next step by"),
    ]
    pledges = list(money.pledges_of(mine))
    shares = money.revenue_shares([pledge.pk for pledge in pledges])
    none = money.RevenueShare(received_fen=0, cap_fen=0)
    standing = standings(pledges, shares)
    told = [(pledge, shares.get(pledge.pk, none)) for pledge in pledges]
    rows = [
        [
            str(pledge.pk),
            safe_cell(pledge.campaign.title),
            safe_cell(pledge.campaign.organisation.name),
            str(pledge.state_label),
            pledge.accepted_at.isoformat(timespec="seconds") if pledge.accepted_at else "",
            *(yuan_cell(fen) for fen in (pledge.fen, pledge.captured_fen, pledge.refunded_fen, share.received_fen, share.remaining_fen)),
            *_standing_cells(standing[pledge.pk]),
        ]
        for pledge, share in told
    ]
    return [head, *rows]


def _standing_cells(standing: Standing) -> list[str]:
    work, step = standing.work, standing.next
    by = step.due_at.isoformat(timespec="seconds") if step and step.due_at else ""
    counts = [str(work.released), str(len(work.weights))] if work else ["", ""]
    return [*counts, step.label if step else "", by]


def _flow_rows(mine: UUID) -> list[list[str]]:
    head = [pick("季度", "Quarter"), pick("划转（元）", "Paid in (CNY)"), pick("退款（元）", "Returned (CNY)")]
    rows = [
        [f"{flow.year}Q{flow.quarter}", *(yuan_cell(fen) for fen in (flow.paid_fen, flow.returned_fen, flow.revenue_fen))]
        for flow in money.flows_of(mine)
    ]
    return [[*head, pick("收入分成（元）", "Revenue shares (CNY)")], *rows]
