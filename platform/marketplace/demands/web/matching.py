"""How matches are worded on a page: the score in its parts, the words it rests on in both texts, and what nothing mentions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from marketplace.catalogue.models import Achievement, Team
from marketplace.catalogue.web.beside import Section
from marketplace.common.actor import Actor, actor_of
from marketplace.common.text import bi, is_english, pick
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, ranking, suggesting
from marketplace.demands.services.conditions import BUDGET, DECLINED, PROTECTION, Conditions
from marketplace.demands.services.highlighting import Stretch, layout_of, placed
from marketplace.demands.services.suggesting import Draft
from marketplace.demands.web.judging import Words
from marketplace.demands.web.marking import all_of, best_of, marks_of
from marketplace.web import amounts
from marketplace.web.navigation import localised
from matching.app.services import LEARNED, NEUTRAL, Match, Order

PARTS = {
    "title": bi("标题", "Title"),
    "body": bi("正文", "Text"),
    "keywords": bi("关键词", "Keywords"),
    "industry": bi("行业", "Industry"),
    "other": bi("地域与成熟度", "Region and readiness"),
}
SHOWN = 6
WORDS = 5
NOT_MENTIONED = 8
HOMES = {"achievement": "achievements", "team": "teams", "demand": "demands"}

Thing = Demand | Achievement | Team


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a score."""

    label: Any
    value: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader set aside on a page of matches: conditions, and what was learned."""

    actor: Actor
    without: Sequence[str] = ()
    neutral: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """What the address says."""
        return cls(actor_of(request), request.GET.getlist("without"), request.GET.get("order") == NEUTRAL)

    @property
    def order(self) -> Order:
        return NEUTRAL if self.neutral else LEARNED

    def url(self, *, without: Collection[str], neutral: bool) -> str:
        """The same page with these set aside."""
        return f"?{urlencode({'without': sorted(without)} | ({'order': NEUTRAL} if neutral else {}), doseq=True)}#matches"


def supply_for(demand: Demand, asked: Asked) -> dict[str, Any]:
    """A demand's section: ranked achievements, the conditions applied before, and what none of them mentions."""
    judged = conditions.on_supply(demand, without=asked.without, asker=asked.actor.organisation_id)
    found = ranking.supply_but(demand, judged.excluded, corpus="achievement", order=asked.order, k=SHOWN)
    words = {
        BUDGET: pick("价格 ≤ ", "Price ≤ ") + _wan(demand.budget_max_fen),
        PROTECTION: pick("知识产权：", "Protection: ") + pick("、", ", ").join(demand.protection_names),
    }
    said = Words(asked.actor, demand)
    rows = {"matches": _rows(demand, "achievement", found, said), "unmet": ranking.unmet(found)[:NOT_MENTIONED]}
    return rows | _set_aside(judged, words, said, asked)


def demands_for(supply: Achievement | Team, asked: Asked) -> dict[str, Any]:
    """The section of an achievement or a team: ranked open demands, and the conditions applied before."""
    judged = conditions.on_demands(supply, without=asked.without, asker=asked.actor.organisation_id)
    words = {}
    if isinstance(supply, Achievement):
        words = {
            BUDGET: pick("预算 ≥ ", "Budget ≥ ") + _wan(supply.price_fen),
            PROTECTION: pick("知识产权：", "Protection: ") + str(supply.get_ipr_status_display()),
        }
    found, said = ranking.demands_but(supply, judged.excluded, order=asked.order, k=SHOWN), Words(asked.actor, supply)
    return {"matches": _rows(supply, "demand", found, said)} | _set_aside(judged, words, said, asked)


def section(request: HttpRequest, supply: Achievement | Team) -> Section:
    """The matches on a page of supply, for its owner."""
    return Section("demands/supply_matches.html", demands_for(supply, Asked.of(request)))


def _set_aside(judged: Conditions, words: dict[str, str], said: Words, asked: Asked) -> dict[str, Any]:
    """What is left out of the ranking or of its order, each with the address that changes it."""
    off = {one.name for one in judged.stated if not one.applied}
    return {
        "conditions": _chips(judged, words | {DECLINED: pick("本单位标为无用", "Called not useful here")}, asked),
        "declined": said.declined,
        "neutral": asked.neutral,
        "order_url": asked.url(without=off, neutral=not asked.neutral),
    }


def already_there(draft: Draft) -> list[dict[str, Any]]:
    """Achievements that answer what is being written, with the words they share."""
    found = suggesting.already_there(draft)
    things = ranking.things_of("achievement", [match.id for match in found])
    return [
        {
            "title": ranking.title_of(things[match.id]),
            "text": _shared_words(match),
            "href": _home("achievement", match.id),
            "score": match.score,
        }
        for match in found
        if match.id in things
    ]


def _wan(fen: int | None) -> str:
    before, figure, unit = amounts.headline(fen or 0)
    return f"{before}{figure} {unit}".strip()


def _chips(judged: Conditions, words: Mapping[str, str], asked: Asked) -> list[dict[str, Any]]:
    """The conditions applied before the ranking, each with what it took out and the address without it, or with it again."""
    off = {one.name for one in judged.stated if not one.applied}
    return [
        {
            "label": words[one.name],
            "applied": one.applied,
            "removed": one.removed,
            "url": asked.url(without=off ^ {one.name}, neutral=asked.neutral),
        }
        for one in judged.stated
    ]


def _rows(seeker: Thing, corpus: str, found: Sequence[Match], said: Words) -> list[dict[str, Any]]:
    """Matches with their reasons; bars are drawn against the best match, their numbers sum to the score."""
    things = ranking.things_of(corpus, [match.id for match in found])
    best = max((match.score for match in found), default=1.0)
    return [
        _row(seeker, corpus, things[match.id], match, best) | {"judge": said.form_for(things[match.id])}
        for match in found
        if match.id in things
    ]


def _row(seeker: Thing, corpus: str, thing: Thing, match: Match, best: float) -> dict[str, Any]:
    theirs, ours = layout_of(thing), layout_of(seeker)
    found, asked = placed(match.terms, theirs), placed(match.asked, ours)
    marks = marks_of(found)
    return {
        "title": ranking.title_of(thing),
        "excerpt": best_of(theirs, marks),
        "href": _home(corpus, match.id),
        "score": match.score,
        "lifted": match.lifted,
        "total": best,
        "terms": _bars(match),
        "why": {
            "words": _words(found),
            "found": list(all_of(theirs, marks)),
            "asked": list(all_of(ours, marks_of(asked))),
            "uncovered": match.uncovered[:NOT_MENTIONED],
            "seeks": corpus != "demand",
        },
    }


def _words(found: Sequence[Stretch]) -> dict[str, Any]:
    """The words that gave most, and what the others gave together."""
    shares: dict[str, float] = {}
    for stretch in found:
        shares[stretch.text] = shares.get(stretch.text, 0.0) + stretch.share
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    told = [(word, share) for word, share in ordered if len(word) > 1][:WORDS] or ordered[:WORDS]
    return {
        "told": [{"text": word[:40], "share": share} for word, share in told],
        "most": max((share for _, share in told), default=1.0),
        "others": len(shares) - len(told),
        "rest": sum(shares.values()) - sum(share for _, share in told),
    }


def _shared_words(match: Match) -> str:
    words: dict[str, float] = {}
    for term in match.terms:
        words[term.text] = words.get(term.text, 0.0) + term.share
    own = {word: share for word, share in words.items() if len(word) > 1 and word.isascii() == is_english()}
    telling = sorted((own or words).items(), key=lambda item: -item[1])
    return pick("相同用词：", "Shared words: ") + " · ".join(word for word, _ in telling[:SHOWN])


def _home(corpus: str, pk: UUID) -> str:
    return localised(f"/{HOMES[corpus]}/{pk}/")


def _bars(match: Match) -> list[Bar]:
    """At most five parts: the three texts, the industry, and the other circumstances together."""
    parts: dict[str, float] = dict.fromkeys(PARTS, 0.0)
    for term in match.terms:
        parts[term.field] += term.share
    for soft in match.soft:
        parts["industry" if soft.name == "industry" else "other"] += soft.share
    return [Bar(PARTS[name], share) for name, share in parts.items() if share > 0]
