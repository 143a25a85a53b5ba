"""While a demand is written: demands that say nearly the same, and achievements that are there already."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol
from uuid import UUID

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.demands import selectors
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions
from marketplace.demands.services.conditions import Conditions
from marketplace.demands.services.corpora import ACHIEVEMENT
from marketplace.demands.services.indexing import CORPUS, document_of
from marketplace.demands.services.judging import declined_supply
from marketplace.demands.workflow import DemandState
from matching.app import services as matcher

CANDIDATES, OWN, MOST = 10, 30, 3
# Of all pairs of neighbouring characters so large a part in common: worth a look, and nearly the same.
NEAR, SAME = 0.35, 0.7
# So many characters of each text are compared: what a demand is about stands at its beginning.
COMPARED = 4_000
# Fewer pairs say nothing: two short titles are soon alike.
LEAST_PAIRS = 5
# A whole demand asks for much that no single answer mentions: less than this is single characters in common.
LEAST_SCORE = 0.05
ENDED = (DemandState.REJECTED, DemandState.WITHDRAWN)


class Written(Protocol):
    """The texts that are compared, of a stored demand or of one being written."""

    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def text_zh(self) -> str: ...
    @property
    def text_en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been written so far; the confidential part is not asked for."""

    title_zh: str = ""
    title_en: str = ""
    text_zh: str = ""
    text_en: str = ""
    pk: UUID | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is enough to compare."""
        return len(self.title_zh + self.title_en + self.text_zh + self.text_en) > LEAST_PAIRS


@dataclass(frozen=True, slots=True)
class Near:
    """A demand that the writer may see, and how alike it is (0 to 1)."""

    demand: Demand
    likeness: float

    @property
    def is_same(self) -> bool:
        """Whether it says nearly the same."""
        return self.likeness >= SAME


def draft_of(demand: Demand) -> Draft:
    """A stored demand's public texts as a draft."""
    return Draft(demand.title_zh, demand.title_en, demand.text_zh, demand.text_en, demand.pk)


def near_duplicates(draft: Draft, *, actor: Actor) -> list[Near]:
    """At most three demands that say nearly the same, the most alike first: open ones, and the writer's organisation's own.

    What is no longer public, or past its deadline, is left out before the candidates are chosen and takes nobody's place.
    """
    if not draft.says_something:
        return []
    open_now = Conditions(CORPUS, clock.now())
    found = matcher.rank(corpus=CORPUS, query=_query(draft), filters=_but(draft), judge=open_now, k=CANDIDATES, reasons="none")
    visible = selectors.demands_for(actor)
    rows = {row.pk: row for row in visible.filter(pk__in=[match.id for match in found])}
    if actor.organisation_id is not None:
        own = visible.filter(organisation_id=actor.organisation_id).exclude(state__in=ENDED).order_by("-id")
        rows |= {row.pk: row for row in own[:OWN]}
    written = _sides(draft)
    near = [Near(row, _alike(written, _sides(row))) for row in rows.values() if row.pk != draft.pk]
    return sorted((one for one in near if one.likeness >= NEAR), key=lambda one: (-one.likeness, one.demand.pk))[:MOST]


def already_there(draft: Draft, *, actor: Actor) -> Sequence[matcher.Match]:
    """At most three achievements, published and in force, that answer what has been written.

    Of a draft that the writer's organisation has stored, its budget, its wanted protection and what was declined for it hold before the
    ranking, as they hold for its matches.
    """
    if not draft.says_something:
        return []
    found = matcher.rank(corpus=ACHIEVEMENT, query=_query(draft), judge=_conditions_of(draft, actor), k=MOST, reasons="shares")
    return [match for match in found if match.score >= LEAST_SCORE]


def likeness(one: Written, other: Written) -> float:
    """How alike two texts are, by titles or as a whole, in the language in which more: Dice's coefficient of their pairs of characters."""
    return _alike(_sides(one), _sides(other))


def _sides(of: Written) -> list[Counter[str]]:
    """The pairs of each title and of each language's whole."""
    return [_pairs(text) for text in (of.title_zh, of.title_en, of.title_zh + of.text_zh, of.title_en + of.text_en)]


def _alike(one: list[Counter[str]], other: list[Counter[str]]) -> float:
    return max(map(_dice, one, other))


def _pairs(text: str) -> Counter[str]:
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text[:COMPARED]).lower()))[:COMPARED]
    return Counter(map("".join, pairwise(plain)))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    smaller = min(one.total(), other.total())
    return 2 * (one & other).total() / (one.total() + other.total()) if smaller >= LEAST_PAIRS else 0.0


def _conditions_of(draft: Draft, actor: Actor) -> Conditions:
    if draft.pk is not None and actor.organisation_id is not None:
        stored = selectors.demands_for(actor).filter(pk=draft.pk, organisation_id=actor.organisation_id).first()
        if stored is not None:
            return conditions.on_supply(stored, declined=declined_supply(actor.organisation_id, stored, corpus=ACHIEVEMENT))
    return Conditions(ACHIEVEMENT, clock.now())


def _query(draft: Draft) -> matcher.QueryInput:
    written = document_of(Demand(title_zh=draft.title_zh, title_en=draft.title_en, text_zh=draft.text_zh, text_en=draft.text_en))
    return matcher.QueryInput(title=written.title, body=written.body)


def _but(draft: Draft) -> matcher.Filters:
    return matcher.Filters(excluded_ids=frozenset({draft.pk}) if draft.pk else frozenset())
