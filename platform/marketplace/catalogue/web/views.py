"""The pages of supply: lists, one achievement or team, and writing them down."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.accounts.selectors.organisations import region_of
from marketplace.catalogue import permissions, selectors
from marketplace.catalogue.models import UNTIL_A_DAY, Achievement, Expert, Team
from marketplace.catalogue.services import drafting
from marketplace.catalogue.web import beside, listing
from marketplace.catalogue.web.forms import AchievementForm, TeamForm, stored
from marketplace.catalogue.workflow import ACHIEVEMENT, TEAM, AchievementState, TeamState
from marketplace.common import clock
from marketplace.common.actor import Actor, actor_of, signed_in
from marketplace.common.codes import industries, readiness, regions
from marketplace.common.errors import Forbidden
from marketplace.common.text import bi, pick
from marketplace.web import amounts, ledger_rows
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions

LINKED = ("amend", "suspend", "reject", "request_changes", "withdraw")
SAVE = bi("保存", "Save")
ENDED = bi("已过保护期", "Protection has ended")


@require_GET
def achievements(request: HttpRequest) -> HttpResponse:
    """Published achievements, newest first, narrowed by words and codes."""
    rows = selectors.achievements_for(Actor.anonymous())
    context = listing.page(request, rows, industry_choices=selectors.commonest_industries(rows))
    context |= {
        "search_label": bi("搜索成果", "Search solutions"),
        "search_hint": bi("技术、材料、用途，例如：钠离子 正极", "Technology, material, use, e.g. sodium cathode"),
        "new_url": localised("/achievements/new/"),
        "follow_url": listing.follow_url(request, kind="achievement"),
        "ended": {row.pk for row in context["rows"] if row.protection_has_ended(clock.now())},
    }
    return render(request, "catalogue/achievements.html", context)


@require_GET
def achievement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One achievement as the caller may see it, with what they may do with it."""
    actor = actor_of(request)
    row = selectors.found(selectors.achievements_for(actor), pk)
    context = {
        "achievement": row,
        "facts": _achievement_facts(row),
        # Where nothing protects until a day, nobody looks for the button that changes it.
        "actions": [one for one in available_actions(row, actor) if row.ipr_status in UNTIL_A_DAY or one.action != "amend"],
        "base_url": f"{request.path}actions/",
        "linked": LINKED,
        "may_edit": permissions.owns(actor, row) and row.state == AchievementState.DRAFT,
        "entries": ledger_rows.strip(ACHIEVEMENT, row.pk, sealed_too=permissions.owns(actor, row)),
        "all_url": ledger_rows.all_of(ACHIEVEMENT, row.pk),
        "sections": beside.sections(request, row, owns=permissions.owns(actor, row)),
    }
    return render(request, "catalogue/achievement.html", context)


@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    """Published teams, newest first, narrowed by words and codes."""
    context = listing.page(request, selectors.teams_for(Actor.anonymous()), industry_choices=())
    context |= {
        "search_label": bi("搜索团队", "Search teams"),
        "search_hint": bi("方向、能力、负责人", "Field, capability, investigator"),
        "new_url": localised("/teams/new/"),
        "follow_url": listing.follow_url(request, kind="team"),
    }
    return render(request, "catalogue/teams.html", context)


@require_GET
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One team as the caller may see it, with its published achievements."""
    actor = actor_of(request)
    row = selectors.found(selectors.teams_for(actor), pk)
    context = {
        "team": row,
        "facts": _team_facts(row),
        "achievements": selectors.achievements_for(Actor.anonymous()).filter(team=row).order_by("-pk")[:20],
        "actions": available_actions(row, actor),
        "base_url": f"{request.path}actions/",
        "linked": LINKED,
        "may_edit": permissions.owns(actor, row) and row.state in {TeamState.DRAFT, TeamState.PUBLISHED},
        "entries": ledger_rows.strip(TEAM, row.pk, sealed_too=permissions.owns(actor, row)),
        "all_url": ledger_rows.all_of(TEAM, row.pk),
        "sections": beside.sections(request, row, owns=permissions.owns(actor, row)),
    }
    return render(request, "catalogue/team.html", context)


def achievement_new(request: HttpRequest) -> HttpResponse:
    """Write an achievement down as a draft."""
    actor = signed_in(request)

    def save(fields: Any) -> str:
        return f"/achievements/{drafting.draft_achievement(actor=actor, fields=fields).pk}/"

    form = AchievementForm(request.POST or None, teams=_teams_of(actor), initial={"region_code": region_of(actor)})
    return form_page(request, form, save, heading=bi("登记成果", "Register a solution"), back="/achievements/", submit=SAVE)


def achievement_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an achievement's draft."""
    actor = signed_in(request)
    row = selectors.found(selectors.achievements_for(actor), pk)
    must_own(actor, row)

    def save(fields: Any) -> str:
        return f"/achievements/{drafting.edit_achievement(actor=actor, achievement=row, fields=fields).pk}/"

    form = AchievementForm(request.POST or None, initial=stored(row, AchievementForm), teams=_teams_of(actor))
    return form_page(request, form, save, heading=bi("编辑成果", "Edit the solution"), back=f"/achievements/{row.pk}/", submit=SAVE)


def team_new(request: HttpRequest) -> HttpResponse:
    """Write a team down as a draft."""
    actor = signed_in(request)

    def save(fields: Any) -> str:
        return f"/teams/{drafting.draft_team(actor=actor, fields=fields).pk}/"

    form = TeamForm(request.POST or None, initial={"region_code": region_of(actor)})
    return form_page(request, form, save, heading=bi("登记团队", "Register a team"), back="/teams/", submit=SAVE)


def team_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a team."""
    actor = signed_in(request)
    row = selectors.found(selectors.teams_for(actor), pk)
    must_own(actor, row)

    def save(fields: Any) -> str:
        return f"/teams/{drafting.edit_team(actor=actor, team=row, fields=fields).pk}/"

    form = TeamForm(request.POST or None, initial=stored(row, TeamForm))
    return form_page(request, form, save, heading=bi("编辑团队", "Edit the team"), back=f"/teams/{row.pk}/", submit=SAVE)


def must_own(actor: Actor, row: Achievement | Team | Expert) -> None:
    """Raise Forbidden for whoever may see the row and does not own it."""
    if not permissions.owns(actor, row):
        raise Forbidden


def _teams_of(actor: Actor) -> list[Team]:
    own = actor.organisation_id
    return list(selectors.teams_for(actor).filter(organisation_id=own).order_by("pk")) if own else []


def _achievement_facts(row: Achievement) -> list[dict[str, Any]]:
    level = readiness.TRL9.get(row.readiness or 0)
    return [
        {"label": bi("单位", "Organisation"), "value": row.organisation.name},
        *([{"label": bi("团队", "Team"), "value": row.team.name}] if row.team else []),
        {"label": bi("所在地区", "Region"), "value": regions.name_of(row.region_code)},
        *([{"label": bi("行业", "Industry"), "value": industries.name_of(row.industry_code)}] if row.industry_code else []),
        *([{"label": bi("技术就绪度", "Readiness"), "value": f"TRL {row.readiness}", "note": pick(*level)}] if level else []),
        {"label": bi("知识产权", "Protection"), "value": row.get_ipr_status_display()},
        *([_protected_until(row)] if row.protected_until else []),
        *([{"label": bi("意向价格", "Asking price"), "value": amounts.exact(row.price_fen)}] if row.price_fen else []),
        {"label": bi("编号", "Reference"), "value": row.ref},
    ]


def _protected_until(row: Achievement) -> dict[str, Any]:
    note = {"note": ENDED} if row.protection_has_ended(clock.now()) else {}
    return {"label": bi("保护期至", "Protected until"), "value": f"{row.protected_until:%Y-%m-%d}"} | note


def _team_facts(row: Team) -> list[dict[str, Any]]:
    return [
        {"label": bi("单位", "Organisation"), "value": row.organisation.name},
        {"label": bi("负责人", "Principal investigator"), "value": row.principal_investigator},
        {"label": bi("所在地区", "Region"), "value": regions.name_of(row.region_code)},
        *({"label": bi("行业", "Industry"), "value": industries.name_of(code)} for code in row.industry_codes),
    ]
