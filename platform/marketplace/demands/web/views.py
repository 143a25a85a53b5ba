"""The pages of demands: list, one demand with its matches, writing one, bidding."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from marketplace.accounts.selectors.organisations import region_of
from marketplace.catalogue import selectors as catalogue
from marketplace.common import clock
from marketplace.common.actor import Actor, actor_of, signed_in
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Forbidden, Invalid, NotFound
from marketplace.common.text import bi
from marketplace.demands import selectors
from marketplace.demands.models import DemandConfidential, DemandMode
from marketplace.demands.permissions import demand_roles, may_read_confidential, may_read_reference, require_company
from marketplace.demands.services import asking, bidding, drafting, suggesting
from marketplace.demands.web import matching, presenting
from marketplace.demands.web.forms import AnswerForm, BidForm, DemandForm, QuestionForm
from marketplace.demands.workflow import DEMAND, DemandState
from marketplace.web import ledger_rows
from marketplace.web.form_pages import form_page, show_refusal
from marketplace.web.navigation import localised
from marketplace.web.paging import paged
from marketplace.workflow.actions import available_actions

FORM = "demands/form.html"
PAGE = 20
QUESTIONS = 50
BID_LINKED = ("withdraw", "withdraw_late", "disqualify", "replace")
LINKED = ("amend", "approve", "request_changes", "reject", "withdraw", "claim", "select", "no_award", "uphold_objection")
SHOWN_STATES = (DemandState.OPEN, DemandState.EVALUATING, DemandState.AWARD_PUBLICITY, DemandState.IN_PROGRESS, DemandState.COMPLETED)


def demand_list(request: HttpRequest) -> HttpResponse:
    """Published demands, newest first, narrowed by words and codes."""
    asked = {name: request.GET.get(name, "")[:200] for name in ("q", "state", "mode", "region_code", "industry_code", "before")}
    rows = selectors.filtered(
        selectors.demands_for(Actor.anonymous()),
        q=asked["q"],
        state=asked["state"],
        mode=asked["mode"],
        region_code=asked["region_code"],
        industry_code=asked["industry_code"],
    ).order_by("-id")
    if _is_uuid(asked["before"]):
        rows = rows.filter(id__lt=asked["before"])
    found = list(rows[: PAGE + 1])
    more = f"?{urlencode({**asked, 'before': found[PAGE - 1].pk})}" if len(found) > PAGE else ""
    context = {
        "demands": found[:PAGE],
        "now": clock.now(),
        "query": asked["q"],
        "search_label": bi("搜索需求", "Search demands"),
        "search_hint": bi("工况、材料、指标，例如：180 ℃ 碱液 密封", "Conditions, material, indicator, e.g. seals in hot alkali"),
        "facets": _facets(asked),
        "chips": _chips(asked),
        "clear_url": request.path,
        "follow_url": _follow_url(asked),
        "next_url": more,
    }
    return render(request, "demands/list.html", context)


def demand_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One demand: what is needed, the rule, its matches with reasons, its ledger entries."""
    actor = actor_of(request)
    demand = selectors.demand_for(actor, pk)
    owns = "company" in demand_roles(actor, demand) or may_read_reference(actor, demand)
    questions, pages = paged(request, demand.questions.order_by("id"), size=QUESTIONS, anchor="questions")
    confidential = DemandConfidential.objects.filter(pk=demand.pk).first() if may_read_confidential(actor, demand) else None
    context = {
        "demand": demand,
        "obj": demand,
        "now": clock.now(),
        "confidential": confidential,
        "facts": presenting.facts(demand, clock.now()),
        "facts_line": presenting.facts_line(demand),
        "actions": available_actions(demand, actor) if not actor.is_anonymous else [],
        "base_url": localised(f"/demands/{demand.pk}/actions/"),
        "linked": LINKED,
        "may_bid": demand.mode == DemandMode.CHALLENGE and demand.state == DemandState.OPEN and "team" in demand_roles(actor, demand),
        "may_edit": demand.state in (DemandState.DRAFT, DemandState.CHANGES_REQUESTED) and "company" in demand_roles(actor, demand),
        "bids": presenting.bids(demand, actor) if not actor.is_anonymous else [],
        "bid_linked": BID_LINKED,
        "runs_it": "company" in demand_roles(actor, demand),
        "may_fund": demand.state == DemandState.AWARDED and "company" in demand_roles(actor, demand),
        "deals": presenting.deals(demand, actor),
        "questions": questions,
        **pages,
        "may_ask": actor.verified and demand.state == DemandState.OPEN and not owns,
        "near": suggesting.near_duplicates(suggesting.draft_of(demand), actor=actor) if owns and not demand.is_public else [],
        **(matching.supply_for(demand, matching.Asked.of(request)) if demand.is_public or owns else {}),
        "entries": ledger_rows.strip(DEMAND, demand.pk, sealed_too=owns),
        "all_url": ledger_rows.all_of(DEMAND, demand.pk),
    }
    return render(request, "demands/detail.html", context)


def demand_new(request: HttpRequest) -> HttpResponse:
    """Write a new demand."""
    actor = signed_in(request)
    require_company(actor)

    def save(fields: dict[str, Any]) -> str:
        made = drafting.demand_create(actor=actor, region_code=fields["region_code"], fields=fields)
        messages.success(request, bi("草稿已保存。补全后提交审核。", "The draft is saved. Complete it, then submit it for review."))
        return f"/demands/{made.pk}/"

    form = DemandForm(request.POST or None, initial={"region_code": region_of(actor)})
    return form_page(
        request,
        form,
        save,
        heading=bi("发布需求", "Publish a demand"),
        back="/demands/",
        template=FORM,
        beside=lambda: _suggested(DemandForm.draft_in(request.POST), actor),
    )


def demand_edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Complete or correct a draft."""
    actor = signed_in(request)
    demand = selectors.demand_for(actor, pk)
    if "company" not in demand_roles(actor, demand):
        raise Forbidden
    initial = {name: getattr(demand, name) for name in DemandForm.base_fields if hasattr(demand, name)}
    row = DemandConfidential.objects.filter(pk=demand.pk).first()
    form = DemandForm(request.POST or None, initial={**initial, "details_zh": row.details_zh if row else ""})

    def save(fields: dict[str, Any]) -> str:
        return f"/demands/{drafting.demand_edit(demand=demand, actor=actor, fields=fields).pk}/"

    def written() -> suggesting.Draft:
        return replace(DemandForm.draft_in(request.POST), pk=demand.pk) if request.POST else suggesting.draft_of(demand)

    return form_page(
        request,
        form,
        save,
        heading=bi("编辑需求", "Edit the demand"),
        back=f"/demands/{demand.pk}/",
        template=FORM,
        beside=lambda: _suggested(written(), actor),
    )


@require_POST
def demand_similar(request: HttpRequest) -> HttpResponse:
    """What is near to the text that is being written, as a part of the page that asks; the confidential part is never sent here."""
    actor = require_company(signed_in(request))
    with clock.one_moment():
        return render(request, "demands/similar.html", _suggested(DemandForm.draft_in(request.POST), actor))


def bid_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Write a bid; it is sealed as it arrives and its receipt is shown once."""
    actor = signed_in(request)
    demand = selectors.demand_for(actor, pk)
    teams = catalogue.teams_to_bid_with(actor)
    form = BidForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        offer = dict(form.cleaned_data)
        try:
            bid, sealed = bidding.bid_submit(demand=demand, team=offer.pop("team"), actor=actor, offer=offer)
        except Invalid as refusal:
            show_refusal(form, refusal)
        else:
            return render(request, "demands/bid_receipt.html", {"bid": bid, "sealed": sealed, "demand": demand})
    return render(request, "demands/bid_form.html", {"form": form, "demand": demand, "has_team": teams.exists()})


def question_ask(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask the poster in public."""
    actor = signed_in(request)
    demand = selectors.demand_for(actor, pk)
    here = f"/demands/{demand.pk}/"

    def save(fields: dict[str, Any]) -> str:
        asking.question_ask(demand=demand, actor=actor, text=fields["text"], about=fields.get("about"))
        messages.success(request, bi("问题已公开提出。", "The question has been asked in public."))
        return here

    named = {name: request.GET[name] for name in ("achievement", "team") if _is_uuid(request.GET.get(name, ""))}
    own = selectors.own_supply(actor, named)
    form = QuestionForm(request.POST or None, own=own, initial={"about": "-".join(next(iter(named.items()), ()))})
    return form_page(request, form, save, heading=bi("提问", "Ask a question"), back=here, submit=bi("提交", "Ask"))


def question_answer(request: HttpRequest, pk: str, question: UUID) -> HttpResponse:
    """Answer a question in public, as the poster."""
    actor = signed_in(request)
    demand = selectors.demand_for(actor, pk)
    asked = demand.questions.filter(pk=question).first()
    if asked is None or "company" not in demand_roles(actor, demand):
        raise NotFound
    here = f"/demands/{demand.pk}/"

    def save(fields: dict[str, Any]) -> str:
        asking.question_answer(question=asked, actor=actor, answer=fields["answer"])
        messages.success(request, bi("已公开答复。", "The answer is public."))
        return here

    form, heading = AnswerForm(request.POST or None), bi("答复提问", "Answer a question")
    return form_page(request, form, save, heading=heading, back=here, intro=asked.text, submit=bi("答复", "Answer"))


def _suggested(draft: suggesting.Draft, actor: Actor) -> dict[str, Any]:
    """Near duplicates and achievements for a text, for demands/similar.html."""
    near = suggesting.near_duplicates(draft, actor=actor)
    return {"draft": draft, "near": near, "there": matching.already_there(draft, actor)}


def _follow_url(asked: dict[str, str]) -> str:
    """Where what was searched for is saved; nothing where nothing was asked that can be followed."""
    wanted = {"text": asked["q"], "region_codes": asked["region_code"], "industry_codes": asked["industry_code"]}
    given = {name: value for name, value in wanted.items() if value}
    return localised(f"/interests/new/?{urlencode({'kind': 'demand', **given})}") if given else ""


def _facets(asked: dict[str, str]) -> list[dict[str, Any]]:
    def choices(name: str, values: list[tuple[str, Any]]) -> list[dict[str, Any]]:
        return [{"value": value, "label": label, "count": None, "checked": asked[name] == value} for value, label in values]

    provinces = [(code, bi(zh, en)) for code, (zh, en) in regions.PROVINCES.items()]
    return [
        {"name": "state", "label": bi("状态", "State"), "choices": choices("state", [(s.value, s.label) for s in SHOWN_STATES])},
        {"name": "mode", "label": bi("方式", "Mode"), "choices": choices("mode", list(DemandMode.choices))},
        {"name": "region_code", "label": bi("地区", "Region"), "choices": choices("region_code", provinces)},
    ]


def _chips(asked: dict[str, str]) -> list[dict[str, Any]]:
    words = {
        "state": dict(DemandState.choices).get(asked["state"]),
        "mode": dict(DemandMode.choices).get(asked["mode"]),
        "region_code": bi(*regions.PROVINCES[asked["region_code"]]) if asked["region_code"] in regions.PROVINCES else asked["region_code"],
        "industry_code": industries.name_of(asked["industry_code"]) if asked["industry_code"] else "",
    }
    return [
        {"label": label, "remove_url": f"?{urlencode({k: v for k, v in asked.items() if k not in (name, 'before') and v})}"}
        for name, label in words.items()
        if label and asked[name]
    ]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
