"""Ranked supply for a demand, and ranked demands for supply, with reasons that sum to the score."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from marketplace.common import clock
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora
from marketplace.demands.services.corpora import Supply, Thing
from marketplace.demands.services.indexing import CORPUS
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
    unfit = conditions.on_supply(demand, corpus=corpus, narrowing=narrowing, without=without, declined=declined).excluded
    return supply_but(demand, unfit, corpus=corpus, narrowing=narrowing, order=order, k=k)


def supply_but(
    demand: Demand, unfit: frozenset[UUID], *, corpus: str, narrowing: Narrowing = EVERYTHING, order: Order = LEARNED, k: int = TOP
) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already; one of ten places is kept for the new and the small."""
    filters = narrowing.filters(corpus, unfit)
    return matcher.rank(corpus=corpus, query=corpora.asked_with(demand), filters=filters, order=order, k=k, guaranteed=True)


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
    unfit = conditions.on_demands(supply, narrowing=narrowing, without=without, declined=declined).excluded
    return demands_but(supply, unfit, narrowing=narrowing, order=order, k=k)


def demands_but(
    supply: Supply, unfit: frozenset[UUID], *, narrowing: Narrowing = EVERYTHING, order: Order = LEARNED, k: int = TOP
) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already."""
    filters = narrowing.filters(CORPUS, unfit)
    return matcher.rank(corpus=CORPUS, query=corpora.asked_with(supply), filters=filters, order=order, k=k)


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
    return corpora.public(corpus).exclude(corpora.lapsed(corpus, clock.now())).in_bulk(ids)
