"""The pages of matching pools: the owner's list, one pool with what became of its money, and how one is opened."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock
from marketplace.common.actor import Actor, signed_in
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Forbidden
from marketplace.common.ids import uuid7
from marketplace.common.money import yuan
from marketplace.common.text import bi, pick
from marketplace.funding import pools
from marketplace.funding.models import MatchingPool
from marketplace.funding.permissions import MONEY_ROLES
from marketplace.funding.pool_workflow import POOL
from marketplace.funding.services.pools import pool_open
from marketplace.funding.web.pool_forms import PoolForm, PoolMoneyForm
from marketplace.funding.web.presenting import hundredths
from marketplace.web import amounts, ledger_rows
from marketplace.web.acting import ActionPage
from marketplace.web.csv_files import csv_file, safe_cell, yuan_cell
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions

ROWS = 20


def pool_list(request: HttpRequest) -> HttpResponse:
    """One's own pools, newest first, each with what is promised and what is left."""
    actor = signed_in(request)
    page = Paginator(pools.pools_for(actor), ROWS).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    purses = pools.purses_of(shown)
    context = {
        "rows": [(pool, purses[pool.pk]) for pool in shown],
        "new_url": localised("/pools/new/") if _may_open(actor) else "",
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "funding/pools.html", context)


def pool_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One pool: its money, its rule, and each campaign that it has added to."""
    actor = signed_in(request)
    pool = pools.pool_for(actor, pk)
    purse = pools.purses_of([pool])[pool.pk]
    context = {
        "pool": pool,
        "now": clock.now(),
        "figures": _figures(purse),
        "facts": _facts(pool),
        "uses": pools.uses_of(pool),
        "file_url": reverse("pool-file", args=[pool.pk]),
        "actions": available_actions(pool, actor),
        "linked": ("add_money", "close"),
        "base_url": localised(f"/pools/{pool.pk}/actions/"),
        "entries": ledger_rows.strip(POOL, pool.pk, sealed_too=True),
        "all_url": ledger_rows.all_of(POOL, pool.pk),
    }
    return render(request, "funding/pool.html", context)


def pool_file(request: HttpRequest, pk: str) -> HttpResponse:
    """What the pool has added, campaign by campaign, as CSV with full amounts in yuan."""
    pool = pools.pool_for(signed_in(request), pk)
    head = [
        pick("项目", "Campaign"),
        pick("编号", "Number"),
        pick("需求方", "Company"),
        pick("状态", "State"),
        pick("认筹笔数", "Pledges"),
        pick("已承诺（元）", "Promised (CNY)"),
        pick("已划转（元）", "Paid (CNY)"),
        pick("已退回（元）", "Returned (CNY)"),
    ]
    rows: list[list[object]] = [[*head]]
    for use in pools.uses_of(pool):
        campaign, fens = use.campaign, (use.held_fen, use.captured_fen, use.refunded_fen)
        who = [safe_cell(campaign.title), str(campaign.pk), safe_cell(campaign.organisation.name), str(campaign.state_label)]
        rows.append([*who, use.pledges, *map(yuan_cell, fens)])
    return csv_file(f"pool-{pool.pk}", rows)


def pool_new(request: HttpRequest) -> HttpResponse:
    """Write the rule and say how much; the pool is open at once."""
    actor = signed_in(request)
    if not _may_open(actor):
        raise Forbidden(bi("由金融融资机构的管理员或财务设立。", "Opened by the managers and finance people of financial institutions."))
    form = PoolForm(request.POST or None, initial={"key": uuid7()})

    def save(fields: dict[str, Any]) -> str:
        key, fen = fields.pop("key"), fields.pop("fen")
        return f"/pools/{pool_open(actor=actor, terms=fields, fen=fen, id=key).pk}/"

    return form_page(
        request,
        form,
        save,
        heading=bi("设立引导基金", "Open a matching pool"),
        back="/pools/",
        intro=bi(
            "资金从钱包转入；贵单位受邀的项目在范围之内时，每笔确认的认筹自动获得配套。条款设立后不再更改。",
            "The money comes from your wallet. Where a campaign that has invited you is within the pool's purpose, each confirmed pledge "
            "is topped up by itself. The terms do not change afterwards.",
        ),
        submit=bi("设立并转入资金", "Open it and move the money"),
    )


class PoolAction(ActionPage):
    """Add money, or end the pool."""

    machine = POOL
    forms: ClassVar = {"add_money": PoolMoneyForm}
    promises: ClassVar = {
        "add_money": bi("资金从钱包转入。", "The money comes from your wallet."),
        "close": bi(
            "未承诺的资金立即退回钱包；已承诺的随认筹划转，认筹解冻时退回。",
            "What is not promised returns at once; what is promised follows its pledges, or returns when they are released.",
        ),
    }

    def find(self, actor: Actor, pk: str) -> MatchingPool:
        return pools.pool_for(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/pools/{obj.pk}/"


def _may_open(actor: Actor) -> bool:
    return actor.organisation_kind == OrganisationKind.FUNDER and not actor.staff and bool(actor.roles & MONEY_ROLES)


def _figures(purse: pools.Purse) -> list[dict[str, Any]]:
    def cell(label: Any, fen: int, note: Any, tone: str = "") -> dict[str, Any]:
        before, figure, unit = amounts.headline(fen)
        return {"label": label, "value": f"{before}{figure}", "unit": unit, "note": note, "tone": tone}

    return [
        cell(bi("可配套", "Left"), purse.left_fen, bi("尚未承诺", "not promised yet"), "accent"),
        cell(bi("已承诺", "Promised"), purse.committed_fen, bi("待项目结果", "until the outcome")),
        cell(bi("已划转", "Paid"), purse.paid_fen, bi("与认筹一同，未退回", "with the pledges, not returned")),
        cell(bi("资金合计", "In all"), purse.given_fen, bi("以上三项之和", "the three together")),
    ]


def _facts(pool: MatchingPool) -> list[dict[str, Any]]:
    places = [pick(*regions.PROVINCES[code]) if code in regions.PROVINCES else regions.name_of(code) for code in pool.regions]
    fields = [industries.name_of(code) for code in pool.industries]
    return [
        {"label": bi("配套比例", "Ratio"), "value": f"{hundredths(pool.ratio_bp)} %"},
        {"label": bi("单笔至多", "Most per pledge"), "value": f"¥{yuan(pool.pledge_cap_fen)}"},
        {"label": bi("单个项目至多", "Most per campaign"), "value": f"¥{yuan(pool.campaign_cap_fen)}"},
        {"label": bi("单家机构至多", "Most per funder"), "value": f"¥{yuan(pool.funder_cap_fen)}"},
        {"label": bi("地区", "Regions"), "value": pick("、", ", ").join(places) or pick("不限", "All")},
        {"label": bi("行业", "Industries"), "value": pick("、", ", ").join(fields) or pick("不限", "All")},
        {"label": bi("截止", "Until"), "value": pool.until},
    ]
