"""The pages on which a company writes its campaign's terms and use of funds, and the files of a campaign."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from marketplace.common.actor import signed_in
from marketplace.common.errors import Conflict, Forbidden, Invalid, WrongState
from marketplace.common.text import bi, pick
from marketplace.funding import selectors
from marketplace.funding.models import MOST_LINES, Campaign
from marketplace.funding.permissions import campaign_roles
from marketplace.funding.services import campaigning
from marketplace.funding.terms import PRESENT, Instrument
from marketplace.funding.web import curve, presenting
from marketplace.funding.web.offer_forms import TermsForm, UseOfFundsForm, compact
from marketplace.funding.workflow import CampaignState
from marketplace.web.csv_files import csv_file, safe_cell, yuan_cell
from marketplace.web.form_pages import show_refusal
from marketplace.web.navigation import localised

FEWEST_ROWS, SPARE_ROWS = 5, 2


def campaign_terms(request: HttpRequest, pk: str) -> HttpResponse:
    """Choose an instrument by a link, and write its terms."""
    campaign, actor = _own_draft(request, pk)
    chosen = request.GET.get("instrument") or campaign.instrument or Instrument.REVENUE_SHARE.value
    schema = PRESENT.get(chosen) or PRESENT[Instrument.REVENUE_SHARE.value]
    written = campaign.terms if campaign.instrument == schema.instrument else {}
    form = TermsForm(request.POST or None, schema=schema, written=written)
    if request.method == "POST" and form.is_valid():
        given = {name.removeprefix("terms."): value for name, value in form.cleaned_data.items()}
        try:
            fields = {"terms": {"instrument": schema.instrument.value, **given}}
            campaigning.campaign_edit(campaign=campaign, actor=actor, fields=fields)
            return redirect(localised(f"/campaigns/{campaign.pk}/"))
        except (Invalid, Conflict) as refusal:
            show_refusal(form, refusal)
    context = {
        "form": form,
        "heading": bi("出资方式与条款", "Instrument and terms"),
        "intro": campaign.title,
        "statement": schema.statement,
        "instruments": [(one.value, one.label, one == schema.instrument) for one in Instrument],
        "submit_label": bi("保存条款", "Save the terms"),
        "back_url": localised(f"/campaigns/{campaign.pk}/"),
    }
    return render(request, "funding/terms.html", context, status=422 if form.errors else 200)


def campaign_use_of_funds(request: HttpRequest, pk: str) -> HttpResponse:
    """Write line by line what the optimum is spent on; lines left empty are none."""
    campaign, actor = _own_draft(request, pk)
    lines = list(campaign.use_of_funds.order_by("ordinal"))
    rows = min(max(len(lines) + SPARE_ROWS, FEWEST_ROWS), MOST_LINES)
    initial = {f"use_of_funds.{place}.{name}": getattr(line, name) for place, line in enumerate(lines) for name in UseOfFundsForm.NAMES}
    sent = compact(request.POST, MOST_LINES) if request.method == "POST" else None
    # The page that was sent may have had more places than there are now.
    rows = max(rows, len(sent or ()) // len(UseOfFundsForm.NAMES))
    form = UseOfFundsForm(sent, rows=rows, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            campaigning.campaign_edit(campaign=campaign, actor=actor, fields={"use_of_funds": form.lines()})
            # More lines than there were places for: the page comes again with new ones.
            again = "more" in request.POST
            return redirect(localised(f"/campaigns/{campaign.pk}/{'use-of-funds/' if again else ''}"))
        except (Invalid, Conflict) as refusal:
            show_refusal(form, refusal)
    context = {
        "form": form,
        "places": form.places(),
        "campaign": campaign,
        "planned": sum(line.fen for line in lines),
        "may_grow": rows < MOST_LINES,
        "back_url": localised(f"/campaigns/{campaign.pk}/"),
    }
    return render(request, "funding/use_of_funds.html", context, status=422 if form.errors else 200)


def use_of_funds_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The use of funds as CSV with full amounts in yuan, for whoever sees the campaign."""
    campaign = selectors.campaign_for(signed_in(request), pk)
    names = (("序号", "No."), ("类别", "Category"), ("用途", "Purpose"), ("占比（%）", "Share (%)"), ("金额（元）", "CNY"))
    head = [pick(zh, en) for zh, en in names]
    return csv_file("use-of-funds", [head, *map(_row, presenting.use_of_funds(campaign))])


def curve_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The curve's steps as CSV, for whoever sees the campaign: what its page shows and no day more."""
    campaign = selectors.campaign_for(signed_in(request), pk)
    head = [pick("日期", "Day"), pick("累计认筹（元）", "Pledged in all (CNY)")]
    steps = curve.steps(curve.days_of(campaign))
    return csv_file("pledged", [head, *([one.day.isoformat(), yuan_cell(one.fen)] for one in steps)])


def _row(line: dict[str, Any]) -> list[Any]:
    return [line["ordinal"], line["category"], safe_cell(line["title"]), line["percent"], yuan_cell(line["fen"])]


def _own_draft(request: HttpRequest, pk: str) -> tuple[Campaign, Any]:
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    if "company" not in campaign_roles(actor, campaign):
        raise Forbidden
    if campaign.state != CampaignState.DRAFT:
        raise WrongState(bi("只有草稿可以编辑。", "Only a draft can be edited."))
    return campaign, actor
