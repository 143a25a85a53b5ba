"""How matches are worded on a page: the score in its parts, the words it rests on in both texts, and what nothing mentions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from marketplace.catalogue.models import Achievement
from marketplace.catalogue.web.beside import Section
from marketplace.common.actor import Actor, actor_of
from marketplace.common.text import bi, is_english, pick
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora, ranking, suggesting
from marketplace.demands.services.conditions import BUDGET, DECLINED, EXPIRY, PROTECTION, Conditions
from marketplace.demands.services.corpora import ACHIEVEMENT, EXPERT, SUPPLY, TEAM, Supply, Thing
from marketplace.demands.services.highlighting import Stretch, layout_of, placed
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import EVERYTHING, Narrowing
from marketplace.demands.services.narrowing import NAMES as NARROWING
from marketplace.demands.services.suggesting import Draft
from marketplace.demands.web.judging import Words
from marketplace.demands.web.marking import all_of, best_of, marks_of
from marketplace.demands.web.narrowing import asked_in, fields_of, labels_of, query_of
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
# A place of ten is kept for the new and the small, the last: a page that showed fewer would never show it.
PLACES = 10
WORDS = 5
NOT_MENTIONED = 8
# What would be written as 0.000 is no match, and no part of one.
LEAST_SHOWN = 0.0005
HOMES = {ACHIEVEMENT: "achievements", TEAM: "teams", EXPERT: "experts", CORPUS: "demands"}
HEADINGS = {
    ACHIEVEMENT: bi("匹配的成果", "Matching solutions"),
    TEAM: bi("匹配的团队", "Matching teams"),
    EXPERT: bi("匹配的专家", "Matching experts"),
    CORPUS: bi("匹配的需求", "Matching demands"),
}
NONE_FITS = {
    ACHIEVEMENT: bi("暂时没有与之相符的公开成果。", "No published solution fits at the moment."),
    TEAM: bi("暂时没有与之相符的公开团队。", "No published team fits at the moment."),
    EXPERT: bi("暂时没有与之相符的在库专家。", "No listed expert fits at the moment."),
    CORPUS: bi("暂时没有与之相符的公开需求。", "No open demand fits at the moment."),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a score, and its place among all parts, which gives it its colour on every page."""

    label: Any
    value: float
    place: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks on a page of matches: of which kind, where and how ready; and what is set aside: conditions, what was learned."""

    actor: Actor
    without: Sequence[str] = ()
    neutral: bool = False
    kind: str = ACHIEVEMENT
    narrowing: Narrowing = EVERYTHING

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """What the address says."""
        kind = request.GET.get("kind", ACHIEVEMENT)
        return cls(
            actor_of(request),
            request.GET.getlist("without"),
            request.GET.get("order") == NEUTRAL,
            kind if kind in SUPPLY else ACHIEVEMENT,
            asked_in(request.GET),
        )

    @property
    def order(self) -> Order:
        return NEUTRAL if self.neutral else LEARNED

    def url(self, *, without: Collection[str], neutral: bool, but: str = "") -> str:
        """The same page with these set aside, and without one of the reader's own conditions."""
        kind = {} if self.kind == ACHIEVEMENT else {"kind": self.kind}
        order = {"order": NEUTRAL} if neutral else {}
        return f"?{urlencode({'without': sorted(without)} | order | kind | query_of(self.narrowing, but=but), doseq=True)}#matches"


def supply_for(demand: Demand, asked: Asked) -> dict[str, Any]:
    """A demand's section: ranked supply of the kind asked for, the conditions applied before, and what none of it mentions."""
    said = Words(asked.actor, demand, of=asked.kind)
    corpus, narrowing = asked.kind, asked.narrowing
    judged = conditions.on_supply(demand, corpus=corpus, narrowing=narrowing, without=asked.without, declined=said.declined_ids)
    found = _told(ranking.supply_under(judged, demand, order=asked.order, k=PLACES))
    words = {
        BUDGET: pick("价格 ≤ ", "Price ≤ ") + _wan(demand.budget_max_fen),
        PROTECTION: pick("知识产权：", "Protection: ") + pick("、", ", ").join(demand.protection_names),
        EXPIRY: pick("仍在保护期内", "Protection still in force"),
    }
    rows: dict[str, Any] = {"matches": _rows(demand, corpus, found, said), "unmet": ranking.unmet(found)[:NOT_MENTIONED]}
    rows |= {"spread": any(later.score > former.score for former, later in pairwise(found))}
    return rows | _set_aside(judged, words, said, asked, corpus=corpus)


def demands_for(supply: Supply, asked: Asked) -> dict[str, Any]:
    """The section of an achievement, a team or an expert: ranked open demands, and the conditions applied before."""
    said = Words(asked.actor, supply, of=CORPUS)
    judged = conditions.on_demands(supply, narrowing=asked.narrowing, without=asked.without, declined=said.declined_ids)
    words = {}
    if isinstance(supply, Achievement):
        words = {
            BUDGET: pick("预算 ≥ ", "Budget ≥ ") + _wan(supply.price_fen),
            PROTECTION: pick("知识产权：", "Protection: ") + str(supply.get_ipr_status_display()),
            EXPIRY: pick("已过保护期", "Protection has ended"),
        }
    found = _told(ranking.demands_under(judged, supply, order=asked.order, k=SHOWN))
    return {"matches": _rows(supply, CORPUS, found, said)} | _set_aside(judged, words, said, asked, corpus=CORPUS)


def _told(found: Sequence[Match]) -> Sequence[Match]:
    return [match for match in found if match.score >= LEAST_SHOWN]


def section(request: HttpRequest, supply: Supply) -> Section:
    """The matches on a page of supply, for its owner."""
    return Section("demands/supply_matches.html", demands_for(supply, Asked.of(request)))


def _set_aside(judged: Conditions, words: dict[str, str], said: Words, asked: Asked, *, corpus: str) -> dict[str, Any]:
    """What is left out of the ranking or of its order, each with the address that changes it."""
    off = {one.name for one in judged.stated if not one.applied}
    own = {DECLINED: pick("本单位标为无用", "Called not useful here")} | labels_of(asked.narrowing, corpus)
    return {
        "heading": HEADINGS[corpus],
        "nothing": _nothing(judged, corpus),
        "narrow": fields_of(asked.narrowing, corpus),
        "kept": [("without", name) for name in sorted(off)] + ([("order", NEUTRAL)] if asked.neutral else []),
        "conditions": _chips(judged, words | own, asked),
        "declined": said.declined,
        "neutral": asked.neutral,
        "order_url": asked.url(without=off, neutral=not asked.neutral),
    }


def _nothing(judged: Conditions, corpus: str) -> Any:
    """What is said where nothing is found: a condition is named as the way out only if it leaves something out."""
    if any(one.applied and one.removed for one in judged.stated):
        return bi(
            "没有符合条件的匹配；去掉有排除的条件可以看到更多。", "Nothing meets the conditions: take away one that leaves something out."
        )
    return NONE_FITS[corpus]


def already_there(draft: Draft, actor: Actor) -> list[dict[str, Any]]:
    """Achievements that answer what is being written, with the words they share."""
    found = suggesting.already_there(draft, actor=actor)
    things = ranking.things_of("achievement", [match.id for match in found])
    return [
        {
            "title": corpora.title_of(things[match.id]),
            "text": _shared_words(match),
            "href": _home("achievement", match.id),
            "score": match.score,
        }
        for match in found
        if match.id in things
    ]


def _changed(name: str, off: set[str], asked: Asked) -> str:
    """The page without a condition, or with it again; what the reader asked for is asked no more."""
    mine = name in NARROWING
    return asked.url(without=off if mine else off ^ {name}, neutral=asked.neutral, but=name if mine else "")


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
            "removed": f"{one.removed:,}",
            "more": one.more,
            "url": _changed(one.name, off, asked),
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
        "title": corpora.title_of(thing),
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
    """The words that gave most, in whatever language, and what the others gave together."""
    shares: dict[str, float] = {}
    sides: dict[str, set[str]] = {}
    for stretch in found:
        shares[stretch.text] = shares.get(stretch.text, 0.0) + stretch.share
        sides.setdefault(stretch.text, set()).update(place.field[-3:] for place in stretch.places)
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    telling = [(word, share) for word, share in ordered if share >= LEAST_SHOWN]
    told = [(word, share) for word, share in telling if len(word) > 1][:WORDS] or telling[:WORDS]
    return {
        "told": [{"text": word[:40], "share": share, "lang": _lang(word, sides[word])} for word, share in told],
        "most": max((share for _, share in told), default=1.0),
        "others": len(shares) - len(told),
        "rest": sum(shares.values()) - sum(share for _, share in told),
    }


def _lang(word: str, sides: Collection[str]) -> str:
    """Chinese texts are full of Latin letters (SiC, NaOH): where one holds the word, it is read to a Chinese reader as theirs."""
    return "zh-Hans" if not word.isascii() or ("_zh" in sides and not is_english()) else "en"


def _shared_words(match: Match) -> str:
    words: dict[str, float] = {}
    for term in match.terms:
        words[term.text] = words.get(term.text, 0.0) + term.share
    telling = sorted(words.items(), key=lambda item: -item[1])
    telling = [(word, share) for word, share in telling if len(word) > 1] or telling
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
    return [Bar(PARTS[name], share, place) for place, (name, share) in enumerate(parts.items(), start=1) if share >= LEAST_SHOWN]
