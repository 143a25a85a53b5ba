"""How a demand and its matches are worded on a page."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from marketplace.common.text import bi
from marketplace.demands.models import Demand, DemandMode
from marketplace.demands.services import ranking
from marketplace.web.navigation import localised

FIELD_WORDS = {"title": bi("标题", "Title"), "body": bi("正文", "Text"), "keywords": bi("关键词", "Keywords")}
SOFT_WORDS = {"industry": bi("行业", "Industry"), "region": bi("地域", "Region"), "readiness": bi("成熟度", "Readiness")}
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
    if demand.mode == DemandMode.CHALLENGE:
        rows.append({"label": bi("标书", "Bids"), "value": bi("密封，开标时公布数量", "Sealed; counted at opening")})
    if demand.readiness_wanted:
        rows.append({"label": bi("成熟度", "Readiness"), "value": f"TRL {demand.readiness_wanted}"})
    rows.append({"label": bi("方式", "Mode"), "value": DemandMode(demand.mode).label})
    rows.append({"label": bi("版本", "Version"), "value": f"v{demand.version}"})
    return rows


def matches(demand: Demand) -> list[dict[str, Any]]:
    """Ranked achievements with their reasons: shares by field and circumstance, at most five, summing to the score."""
    found = ranking.supply_for_demand(demand, corpus="achievement", k=SHOWN)
    titles = ranking.titles_of("achievement", [match.id for match in found])
    return [_shown(match, titles[match.id]) for match in found if match.id in titles]


def _shown(match: Any, title: str) -> dict[str, Any]:
    by_field: dict[str, float] = {}
    for term in match.terms:
        by_field[term.field] = by_field.get(term.field, 0.0) + term.share
    bars = [{"label": FIELD_WORDS.get(name, name), "value": share} for name, share in sorted(by_field.items(), key=lambda i: -i[1])]
    soft = sorted(match.soft, key=lambda each: -each.share)
    bars += [{"label": SOFT_WORDS.get(each.name, each.name), "value": each.share} for each in soft if each.share > 0]
    words = sorted({term.text: term.share for term in match.terms}.items(), key=lambda item: -item[1])[:SHOWN]
    return {
        "title": title,
        "text": bi("相同用词：", "Shared words: ") + " · ".join(word for word, _ in words),
        "href": localised(f"/achievements/{match.id}/"),
        "score": match.score,
        "terms": bars[:5],
    }
