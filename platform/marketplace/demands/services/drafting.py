"""Write, complete and amend a demand before and while it is open."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from marketplace.common.actor import Actor
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Conflict, Forbidden, Invalid, WrongState
from marketplace.common.text import bi
from marketplace.demands.models import Demand, DemandConfidential, DemandMode
from marketplace.demands.permissions import demand_writer
from marketplace.demands.workflow import DemandState
from marketplace.workflow.performing import begin, lock_row

PUBLIC_FIELDS = frozenset(
    {
        "ref",
        "mode",
        "title_zh",
        "title_en",
        "text_zh",
        "text_en",
        "acceptance_zh",
        "acceptance_en",
        "indicators",
        "keywords",
        "industry_code",
        "region_code",
        "readiness_wanted",
        "ipr_wanted",
        "budget_min_fen",
        "budget_max_fen",
        "deadline",
    }
)
CONFIDENTIAL_FIELDS = frozenset({"details_zh", "details_en", "contact_name", "contact_phone", "contact_email"})


def demand_create(*, actor: Actor, region_code: str, fields: Mapping[str, Any]) -> Demand:
    """Begin a draft for the actor's verified company.

    Raises NotVerified, MissingScope, Forbidden for other kinds of organisation, Invalid for unknown
    codes, Conflict for a reference that the company has used.
    """
    if actor.organisation_id is None or actor.organisation_kind != "company" or not actor.roles & {"manager", "member"}:
        raise Forbidden(bi("只有企业可以发布需求。", "Only companies post demands."))
    demand_writer(actor)
    demand = Demand(organisation_id=actor.organisation_id, region_code=region_code)
    with transaction.atomic():
        _write(demand, fields)
        begin(demand, actor)
        _write_confidential(demand, fields)
    return demand


def demand_edit(*, demand: Demand, actor: Actor, fields: Mapping[str, Any]) -> Demand:
    """Change a draft, or what a reviewer sent back; WrongState once it is under review or open."""
    with transaction.atomic():
        fresh: Demand = lock_row(demand)
        if actor.organisation_id != fresh.organisation_id or not actor.roles & {"manager", "member"}:
            raise Forbidden
        demand_writer(actor)
        if fresh.state not in (DemandState.DRAFT, DemandState.CHANGES_REQUESTED):
            raise WrongState(bi("只有草稿或待修改的需求可以编辑。", "Only a draft, or what was sent back, can be edited."))
        _write(fresh, fields)
        fresh.save()
        _write_confidential(fresh, fields)
    return fresh


def write_terms(demand: Demand, fields: Mapping[str, Any]) -> None:
    """Set public fields on an unsaved or locked demand, checked against the codes and the budget's order."""
    _write(demand, fields)


def _write(demand: Demand, fields: Mapping[str, Any]) -> None:
    for name in PUBLIC_FIELDS & fields.keys():
        setattr(demand, name, fields[name])
    if demand.region_code:
        regions.check(demand.region_code)
    if demand.industry_code:
        industries.check(demand.industry_code)
    if demand.mode == DemandMode.CLAIM and demand.budget_max_fen is not None:
        demand.budget_min_fen = demand.budget_max_fen
    demand.ipr_wanted = list(dict.fromkeys(demand.ipr_wanted))
    _check_budget(demand)
    _check_ref(demand)
    if not (demand.title_zh or demand.title_en):
        text = bi("请填写标题（中文或英文）。", "Give a title, in Chinese or in English.")
        raise Invalid(text, fields={"title_zh": [text]})


def _check_budget(demand: Demand) -> None:
    low, high = demand.budget_min_fen, demand.budget_max_fen
    if (low is None) != (high is None):
        text = bi("预算的下限和上限须同时填写。", "Give both ends of the budget.")
        raise Invalid(text, fields={"budget_min_fen": [text]})
    if low is not None and high is not None and not 0 < low <= high:
        text = bi("预算须大于零，且下限不超过上限。", "The budget is positive and its ends are in order.")
        raise Invalid(text, fields={"budget_max_fen": [text]})


def _check_ref(demand: Demand) -> None:
    others = Demand.objects.filter(organisation_id=demand.organisation_id, ref=demand.ref).exclude(pk=demand.pk)
    if demand.ref and others.exists():
        text = bi("此编号已用于贵单位的另一项需求。", "Another demand of your organisation has this reference.")
        raise Conflict(text, fields={"ref": [text]})


def _write_confidential(demand: Demand, fields: Mapping[str, Any]) -> None:
    given = {name: fields[name] for name in CONFIDENTIAL_FIELDS & fields.keys()}
    if given:
        DemandConfidential.objects.update_or_create(demand=demand, defaults=given)
