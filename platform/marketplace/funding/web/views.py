"""The pages of campaigns, pledges, payouts and bank accounts."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from marketplace.common import clock
from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import Forbidden
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.demands.selectors import demand_for
from marketplace.funding import pools, portfolio, progress, selectors, terms
from marketplace.funding.permissions import MONEY_ROLES, PAYING_STAFF, campaign_roles, is_invited
from marketplace.funding.services import assessing, bank_accounts, campaigning, pledging
from marketplace.funding.web import curve, presenting, talks
from marketplace.funding.web.forms import BankAccountForm, CampaignForm, PledgeForm
from marketplace.funding.workflow import CAMPAIGN, PLEDGE, SANDBOX, CampaignState
from marketplace.treasury.permissions import WALLET_ROLES
from marketplace.treasury.selectors import wallet_of
from marketplace.web import ledger_rows
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions

ROWS = 20
NEWEST = 3
CAMPAIGN_FORMS = (
    "request_changes",
    "reject",
    "approve",
    "withdraw",
    "cancel",
    "open",
    "close_early",
    "ask_early_close",
    "ask_extension",
    "extend_once",
)


def campaign_list(request: HttpRequest) -> HttpResponse:
    """Campaigns that the caller may know of, newest first."""
    actor = signed_in(request)
    page = Paginator(selectors.campaigns_for(actor), ROWS).get_page(request.GET.get("page"))
    context = {"campaigns": page.object_list, "fundable": selectors.demands_to_fund(actor)[:ROWS], "now": clock.now(), **_pages(page)}
    return render(request, "funding/campaigns.html", context)


def campaign_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One campaign: the bar, the figures, the rule, the use of funds, the caller's own pledge."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    firm, cooling = selectors.firm_and_cooling_fen(campaign)
    runs_it = bool(actor.staff) or "company" in campaign_roles(actor, campaign)
    days, now = curve.days_of(campaign), clock.now()
    is_open = campaign.state == CampaignState.OPEN and campaign.deadline > now
    funds = actor.organisation_kind == "funder"
    steps = curve.steps(days)
    spending = presenting.use_of_funds(campaign)
    context = {
        "campaign": campaign,
        "now": now,
        "confirmed": firm + campaign.captured_fen,
        "cooling": cooling,
        "failed": campaign.state in (CampaignState.RELEASING, CampaignState.FAILED_CLOSED),
        "figures": presenting.figures(campaign, funders=days[-1].funders if days else 0, now=now),
        "badges": presenting.badges(campaign),
        "facts": presenting.facts(campaign),
        "rule": presenting.rule(campaign),
        "matching": [presenting.matching(offer) for offer in pools.offers_for(campaign)],
        "curve": curve.picture(campaign, steps),
        "days": steps,
        "least_funders": curve.LEAST_FUNDERS,
        "offer": presenting.offer(campaign),
        "use_of_funds": spending,
        "planned": sum(row["fen"] for row in spending),
        "statement": terms.schema_of(campaign.terms).statement if campaign.terms else "",
        "milestones": presenting.milestones(campaign),
        "updates": campaign.updates.order_by("-posted_at", "-id")[:NEWEST] if campaign.opened_at else [],
        "questions": campaign.questions.order_by("-asked_at", "-id")[:NEWEST] if campaign.opened_at else [],
        "opened": campaign.opened_at is not None,
        "posts": talks.may_post(actor, campaign),
        "answers": "company" in campaign_roles(actor, campaign),
        "asks": talks.may_ask(actor, campaign) if funds else False,
        "pledges": selectors.pledges_for(actor).filter(campaign=campaign)[:ROWS] if funds else [],
        "unsuitable": is_open and funds and not assessing.is_suitable(actor.organisation_id),
        "may_pledge": is_open and funds and bool(actor.roles & MONEY_ROLES) and is_invited(actor, campaign),
        "may_edit": campaign.state == CampaignState.DRAFT and "company" in campaign_roles(actor, campaign),
        "asks_for_time": runs_it and campaign.extension_reason and not campaign.extended_from,
        "invited": campaign.invited.order_by("name_zh", "id") if runs_it else [],
        "actions": available_actions(campaign, actor),
        "linked": CAMPAIGN_FORMS,
        "base_url": localised(f"/campaigns/{campaign.pk}/actions/"),
        "entries": ledger_rows.strip(CAMPAIGN, campaign.pk, sealed_too=True),
        "all_url": ledger_rows.all_of(CAMPAIGN, campaign.pk),
        "demand_url": localised(f"/demands/{campaign.demand_id}/"),
    }
    return render(request, "funding/campaign.html", context)


def campaign_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Propose a campaign for one's own awarded demand."""
    actor = signed_in(request)
    demand = demand_for(actor, pk)
    form = CampaignForm(request.POST or None, initial={"title_zh": demand.title_zh, "title_en": demand.title_en, "max_funders": 20})

    def save(fields: dict[str, Any]) -> str:
        invited = [row.pk for row in fields.pop("invited")]
        made = campaigning.campaign_create(demand=demand, actor=actor, fields=fields, invited=invited)
        return f"/campaigns/{made.pk}/"

    return form_page(request, form, save, heading=bi("发起募资", "Propose a campaign"), back=f"/demands/{demand.pk}/")


def campaign_edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Change a draft."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    if "company" not in campaign_roles(actor, campaign):
        raise Forbidden
    initial = {name: getattr(campaign, name) for name in campaigning.FIELDS}
    form = CampaignForm(request.POST or None, initial={**initial, "invited": campaign.invited.all()})

    def save(fields: dict[str, Any]) -> str:
        invited = [row.pk for row in fields.pop("invited")]
        campaigning.campaign_edit(campaign=campaign, actor=actor, fields=fields, invited=invited)
        return f"/campaigns/{campaign.pk}/"

    return form_page(request, form, save, heading=bi("编辑募资项目", "Edit the campaign"), back=f"/campaigns/{campaign.pk}/")


def pledge_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Say how much; the next page shows the risk statement and confirms."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    available = wallet_of(actor.organisation_id).available_fen if actor.organisation_id and actor.roles & WALLET_ROLES else None
    form = PledgeForm(request.POST or None, campaign=campaign, available_fen=available, initial={"key": uuid7()})

    def save(fields: dict[str, Any]) -> str:
        pledge = pledging.pledge_begin(campaign=campaign, actor=actor, fen=fields["fen"], id=fields["key"])
        return f"/pledges/{pledge.pk}/actions/confirm/"

    return form_page(
        request,
        form,
        save,
        heading=bi("认筹", "Pledge"),
        back=f"/campaigns/{campaign.pk}/",
        intro=campaign.title,
        submit=bi("下一步", "Next"),
        beside=lambda: {"promise": presenting.rule(campaign), "note": presenting.COOLING_OFF},
    )


def pledge_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One pledge of one's own: the receipt, its ledger entries, and the way back while cooling off."""
    actor = signed_in(request)
    pledge = selectors.pledge_for(actor, pk)
    standing = progress.standings([pledge], portfolio.revenue_shares([pledge.pk]))[pledge.pk]
    context = {
        "pledge": pledge,
        "facts": presenting.pledge_facts(pledge, pools.added_to(pledge.pk), standing),
        "available": wallet_of(pledge.organisation_id).available_fen if actor.roles & WALLET_ROLES and not actor.staff else None,
        "campaign_url": localised(f"/campaigns/{pledge.campaign_id}/"),
        "actions": available_actions(pledge, actor),
        "linked": ("confirm", "cancel", "agree_early_close"),
        "base_url": localised(f"/pledges/{pledge.pk}/actions/"),
        "entries": ledger_rows.strip(PLEDGE, pledge.pk, sealed_too=True),
        "all_url": ledger_rows.all_of(PLEDGE, pledge.pk),
    }
    return render(request, "funding/pledge.html", context)


def payout_list(request: HttpRequest) -> HttpResponse:
    """Payouts to one's organisation; for finance officers those to approve."""
    actor = signed_in(request)
    page = Paginator(selectors.payouts_for(actor), ROWS).get_page(request.GET.get("page"))
    rows = [(payout, presenting.offers(payout, actor)) for payout in page.object_list]
    context = {
        "rows": rows,
        "askable": selectors.askable(page.object_list, actor),
        "sandbox": settings.PAYMENT_GATEWAY == SANDBOX,
        "for_staff": actor.staff in PAYING_STAFF,
        "unverified": selectors.bank_accounts_for(actor).filter(verified_at=None)[:ROWS] if actor.staff == "finance" else [],
        "account_url": localised("/bank-account/") if actor.roles & MONEY_ROLES else "",
        **_pages(page),
    }
    return render(request, "funding/payouts.html", context)


def bank_account(request: HttpRequest) -> HttpResponse:
    """Register or replace where one's organisation is paid."""
    actor = signed_in(request)
    if not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("收款账户由单位管理员或财务维护。", "Bank accounts are kept by an organisation's managers or finance people."))
    current = selectors.bank_accounts_for(actor).filter(replaced_at=None).first()
    known = bi(f"现用账户：{current}", f"In use: {current}") if current else ""

    def save(fields: dict[str, Any]) -> str:
        bank_accounts.bank_account_set(actor=actor, **fields)
        messages.success(
            request, bi("收款账户已登记，冻结期满后用于划付。", "The account is registered; payouts go to it once its freeze is over.")
        )
        return "/payouts/"

    form = BankAccountForm(request.POST or None)
    return form_page(
        request, form, save, heading=bi("收款账户", "Bank account"), back="/payouts/", intro=known, submit=bi("登记", "Register")
    )


@login_required
@require_POST
def bank_account_verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that an account is its organisation's own, as a finance officer who has asked there."""
    account = bank_accounts.bank_account_verify(actor=actor_of(request), account_id=pk)
    messages.success(request, bi(f"已核验：{account.organisation.name}", f"Verified: {account.organisation.name}"))
    return redirect("payouts")


def _pages(page: Any) -> dict[str, Any]:
    return {
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
