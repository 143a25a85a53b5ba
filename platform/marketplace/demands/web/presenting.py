"""How a demand and its matches are worded on a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from marketplace.common.actor import Actor
from marketplace.common.text import bi, is_english, pick
from marketplace.demands import selectors
from marketplace.demands.models import Demand, DemandMode
from marketplace.demands.services import ranking, suggesting
from marketplace.demands.services.conditions import BUDGET, PROTECTION, Conditions
from marketplace.demands.services.suggesting import Draft
from marketplace.demands.workflow import DemandState
from marketplace.web import amounts
from marketplace.web.navigation import localised
from marketplace.workflow.actions import available_actions

PARTS = {
    "title": bi("标题", "Title"),
    "body": bi("正文", "Text"),
    "keywords": bi("关键词", "Keywords"),
    "industry": bi("行业", "Industry"),
    "other": bi("地域与成熟度", "Region and readiness"),
}
SHOWN = 6


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


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a score."""

    label: Any
    value: float


def matches(demand: Demand, judged: Conditions) -> list[dict[str, Any]]:
    """Ranked achievements with their reasons; bars are drawn against the best match, their numbers sum to the score."""
    found = ranking.supply_but(demand, judged.excluded, corpus="achievement", k=SHOWN)
    titles = ranking.titles_of("achievement", [match.id for match in found])
    best = max((match.score for match in found), default=1.0)
    return [_shown(match, titles[match.id], best) for match in found if match.id in titles]


def chips(demand: Demand, judged: Conditions) -> list[dict[str, Any]]:
    """The conditions applied before the ranking, each with what it took out and the address without it, or with it again."""
    off = {one.name for one in judged.stated if not one.applied}
    before, figure, unit = amounts.headline(demand.budget_max_fen or 0)
    words = {
        BUDGET: pick("价格 ≤ ", "Price ≤ ") + f"{before}{figure} {unit}".strip(),
        PROTECTION: pick("知识产权：", "Protection: ") + pick("、", ", ").join(demand.protection_names),
    }
    return [
        {
            "label": words[one.name],
            "applied": one.applied,
            "removed": one.removed,
            "url": f"?{urlencode({'without': sorted(off ^ {one.name})}, doseq=True)}#matches",
        }
        for one in judged.stated
    ]


def already_there(draft: Draft) -> list[dict[str, Any]]:
    """Achievements that answer what is being written, with the words they share."""
    found = suggesting.already_there(draft)
    titles = ranking.titles_of("achievement", [match.id for match in found])
    return [_shown(match, titles[match.id], 1.0) for match in found if match.id in titles]


def _shown(match: Any, title: str, best: float) -> dict[str, Any]:
    words: dict[str, float] = {}
    for term in match.terms:
        words[term.text] = words.get(term.text, 0.0) + term.share
    own = {word: share for word, share in words.items() if len(word) > 1 and word.isascii() == is_english()}
    telling = sorted((own or words).items(), key=lambda item: -item[1])
    return {
        "title": title,
        "text": pick("相同用词：", "Shared words: ") + " · ".join(word for word, _ in telling[:SHOWN]),
        "href": localised(f"/achievements/{match.id}/"),
        "score": match.score,
        "total": best,
        "terms": _bars(match),
    }


def _bars(match: Any) -> list[Bar]:
    """At most five parts: the three texts, the industry, and the other circumstances together."""
    parts: dict[str, float] = dict.fromkeys(PARTS, 0.0)
    for term in match.terms:
        parts[term.field] += term.share
    for soft in match.soft:
        parts["industry" if soft.name == "industry" else "other"] += soft.share
    return [Bar(PARTS[name], share) for name, share in parts.items() if share > 0]
