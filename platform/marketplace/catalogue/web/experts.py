"""The pages of the register of experts: the list, one expert, and putting a member on it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Person
from marketplace.accounts.selectors.organisations import region_of
from marketplace.catalogue import permissions, selectors
from marketplace.catalogue.models import Expert
from marketplace.catalogue.services import drafting
from marketplace.catalogue.web import beside, listing
from marketplace.catalogue.web.forms import ExpertForm, NewExpertForm, stored
from marketplace.catalogue.web.views import LINKED, SAVE, must_own
from marketplace.catalogue.workflow import EXPERT, ExpertState
from marketplace.common.actor import Actor, actor_of, signed_in
from marketplace.common.codes import industries
from marketplace.common.text import bi
from marketplace.web import ledger_rows
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions


@require_GET
def experts(request: HttpRequest) -> HttpResponse:
    """The experts on the register, newest first, narrowed by words and codes."""
    context = listing.page(request, selectors.experts_for(Actor.anonymous()), industry_choices=())
    context |= {
        "search_label": bi("搜索专家", "Search experts"),
        "search_hint": bi("姓名、专长，例如：电化学", "Name or field, e.g. electrochemistry"),
        "new_url": localised("/experts/new/"),
        "follow_url": listing.follow_url(request, kind="expert") if _by_field(request) else "",
    }
    return render(request, "catalogue/experts.html", context)


@require_GET
def expert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One expert as the caller may see them; they themselves and their organisation see the demands that fit."""
    actor = actor_of(request)
    row = selectors.found(selectors.experts_for(actor), pk)
    owns = permissions.owns(actor, row)
    context = {
        "expert": row,
        "facts": _facts(row),
        "actions": available_actions(row, actor),
        "base_url": f"{request.path}actions/",
        "linked": LINKED,
        "may_edit": owns and row.state == ExpertState.DRAFT,
        "entries": ledger_rows.strip(EXPERT, row.pk, sealed_too=owns),
        "all_url": ledger_rows.all_of(EXPERT, row.pk),
        "sections": beside.sections(request, row, owns=owns or actor.person_id == row.person_id),
    }
    return render(request, "catalogue/expert.html", context)


def expert_new(request: HttpRequest) -> HttpResponse:
    """Write a member of one's organisation down as an expert."""
    actor = signed_in(request)

    def save(fields: Any) -> str:
        return f"/experts/{drafting.draft_expert(actor=actor, person_id=UUID(fields.pop('person')), fields=fields).pk}/"

    form = NewExpertForm(request.POST or None, members=_members_of(actor), initial={"region_code": region_of(actor)})
    return form_page(request, form, save, heading=bi("推荐专家", "Put an expert on the register"), back="/experts/", submit=SAVE)


def expert_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an expert's draft."""
    actor = signed_in(request)
    row = selectors.found(selectors.experts_for(actor), pk)
    must_own(actor, row)

    def save(fields: Any) -> str:
        return f"/experts/{drafting.edit_expert(actor=actor, expert=row, fields=fields).pk}/"

    form = ExpertForm(request.POST or None, initial=stored(row, ExpertForm))
    return form_page(request, form, save, heading=bi("编辑专家资料", "Edit the expert"), back=f"/experts/{row.pk}/", submit=SAVE)


def _by_field(request: HttpRequest) -> bool:
    """Whether what was searched for may be followed: those whom it finds by name alone would be named by it, and never be brought."""
    words = listing.asked_of(request)["q"].replace("\0", " ").strip()
    found = selectors.filtered(selectors.experts_for(Actor.anonymous()), q=words)
    return not words or found.filter(search__finds=words).exists() or not found.exists()


def _members_of(actor: Actor) -> list[Person]:
    own = actor.organisation_id
    return list(Person.objects.filter(memberships__organisation_id=own).order_by("name", "pk")) if own else []


def _facts(row: Expert) -> list[dict[str, Any]]:
    return [
        {"label": bi("单位", "Organisation"), "value": row.organisation.name},
        {"label": bi("所在地区", "Region"), "value": row.region_name},
        *({"label": bi("行业", "Industry"), "value": industries.name_of(code)} for code in row.industry_codes),
    ]
