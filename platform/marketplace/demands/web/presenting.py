"""How a demand is worded on a page."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from marketplace.common.actor import Actor
from marketplace.common.text import bi, pick
from marketplace.demands import selectors
from marketplace.demands.models import Demand, DemandMode
from marketplace.demands.workflow import DemandState
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions


def facts_line(demand: Demand) -> list[Any]:
    """One line under the title."""
    return [demand.organisation.name, demand.region_name, demand.industry_name]


def facts(demand: Demand, now: datetime) -> list[dict[str, Any]]:
    """The rows of the action box."""
    rows: list[dict[str, Any]] = []
    if demand.deadline:
        clock = render_to_string("demands/clock.html", {"demand": demand, "now": now})
        rows.append({"label": bi("截止", "Deadline"), "value": mark_safe(clock)})  # noqa: S308 - our own template, escaped
    if demand.mode == DemandMode.CHALLENGE and demand.state == DemandState.OPEN:
        rows.append({"label": bi("标书", "Bids"), "value": bi("密封，开标时公布数量", "Sealed; counted at opening")})
    if demand.readiness_wanted:
        rows.append({"label": bi("成熟度", "Readiness"), "value": f"TRL {demand.readiness_wanted}"})
    if demand.ipr_wanted:
        rows.append({"label": bi("知识产权", "Protection"), "value": pick("、", ", ").join(demand.protection_names)})
    rows.append({"label": bi("方式", "Mode"), "value": DemandMode(demand.mode).label})
    rows.append({"label": bi("版本", "Version"), "value": f"v{demand.version}"})
    return rows


def bids(demand: Demand, actor: Actor) -> list[dict[str, Any]]:
    """The bids that the reader may see, cheapest first, each with its plan once opened and what may be done with it."""
    rows = selectors.bids_for(actor).filter(demand=demand).order_by("price_fen", "id")
    return [
        {"row": row, "actions": available_actions(row, actor), "base_url": localised(f"/bids/{row.pk}/actions/")}
        for row in rows.select_related("team", "organisation", "demand")
    ]


def deals(demand: Demand, actor: Actor) -> list[dict[str, Any]]:
    """The way to the agreements and campaigns of a demand, for its two sides; their own pages decide what is shown."""
    winner = demand.awarded_bid.organisation_id if demand.awarded_bid else None
    if actor.organisation_id is None or actor.organisation_id not in {demand.organisation_id, winner}:
        return []
    found: list[tuple[str, Any, Any]] = [("/agreements/", bi("协议", "Agreement"), row) for row in demand.agreements.order_by("-id")]
    found += [("/campaigns/", bi("募资项目", "Campaign"), row) for row in demand.campaigns.order_by("-id")]
    return [{"href": localised(f"{room}{row.pk}/"), "label": label, "obj": row} for room, label, row in found]
