"""Ranked supply for a demand, and ranked demands for supply, with reasons that sum to the score."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from marketplace.common import clock
from marketplace.common.prepared import Prepared
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora
from marketplace.demands.services.conditions import Conditions
from marketplace.demands.services.corpora import EXPERT, Supply, Thing
from marketplace.demands.services.judging import declined_demands, declined_supply
from marketplace.demands.services.narrowing import EVERYTHING, Narrowing
from matching.app import services as matcher
from matching.app.services import LEARNED, Order

TOP = 10


def supply_for_demand(
    demand: Demand,
    *,
    corpus: str,
    narrowing: Narrowing = EVERYTHING,
    without: Collection[str] = (),
    asker: UUID | None = None,
    order: Order = LEARNED,
    k: int = TOP,
) -> Sequence[matcher.Match]:
    """Published achievements, teams or experts ranked for a demand by its public text alone.

    Achievements that its budget or its wanted protection rule out, and whatever the asking organisation declined, are left out before the
    ranking, but for the conditions `without`; so is what the reader does not ask for, and what has lapsed.
    """
    declined = declined_supply(asker, demand, corpus=corpus)
    judged = conditions.on_supply(demand, corpus=corpus, narrowing=narrowing, without=without, declined=declined)
    return supply_under(judged, demand, order=order, k=k)


def supply_under(judged: Conditions, demand: Demand, *, order: Order = LEARNED, k: int = TOP) -> Sequence[matcher.Match]:
    """The ranking under conditions that were put together already; one of ten places is kept for the new and the small."""
    return _ranked(judged, demand, order=order, k=k, guaranteed=True)


def demands_for_supply(
    supply: Supply,
    *,
    narrowing: Narrowing = EVERYTHING,
    without: Collection[str] = (),
    asker: UUID | None = None,
    order: Order = LEARNED,
    k: int = TOP,
) -> Sequence[matcher.Match]:
    """Open demands ranked for supply, without those whose conditions it does not meet, that the asker declined or the reader leaves out."""
    declined = declined_demands(asker, supply)
    judged = conditions.on_demands(supply, narrowing=narrowing, without=without, declined=declined)
    return demands_under(judged, supply, order=order, k=k)


def demands_under(judged: Conditions, supply: Supply, *, order: Order = LEARNED, k: int = TOP) -> Sequence[matcher.Match]:
    """The ranking under conditions that were put together already."""
    return _ranked(judged, supply, order=order, k=k, guaranteed=False)


def _ranked(judged: Conditions, seeker: Thing, *, order: Order, k: int, guaranteed: bool) -> Sequence[matcher.Match]:
    filters = judged.narrowing.filters(judged.corpus)
    query = corpora.asked_with(seeker)
    return matcher.rank(corpus=judged.corpus, query=query, filters=filters, judge=judged, order=order, k=k, guaranteed=guaranteed)


def unmet(matches: Sequence[matcher.Match]) -> Sequence[str]:
    """What the demand asks and none of its matches mentions, the weightiest first; nothing where nothing was found."""
    if not matches:
        return ()
    first, *others = matches
    return [word for word in first.uncovered if all(word in match.uncovered for match in others)]


def things_of(corpus: str, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """What was ranked, is public now and in force, by id, in one query.

    The index follows by the outbox, so it may still find what was suspended or withdrawn a moment ago: that is not among these.
    """
    return {thing.pk: thing for thing in _in_force(corpus).all(ids, clock.now())}


def texts_of(corpus: str, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """The same for whoever needs no more than names and texts: nothing is joined but an expert's person, whose name theirs is."""
    return {thing.pk: thing for thing in _in_force_alone(corpus).all(ids, clock.now())}


@cache
def _in_force(corpus: str) -> Prepared[Thing]:
    return Prepared(lambda ids, now: _among(corpora.public(corpus), corpus, ids, now), list, datetime)


@cache
def _in_force_alone(corpus: str) -> Prepared[Thing]:
    joined = ("person",) if corpus == EXPERT else (None,)
    return Prepared(
        lambda ids, now: _among(corpora.public(corpus).select_related(None).select_related(*joined), corpus, ids, now), list, datetime
    )


def _among(rows: QuerySet[Any], corpus: str, ids: Sequence[UUID], now: datetime) -> QuerySet[Any]:
    return rows.filter(pk__among=ids).exclude(corpora.lapsed(corpus, now))
