"""Ranked supply for a demand, and ranked demands for supply, with reasons that sum to the score."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Team
from marketplace.catalogue.services.indexing import achievement_document, team_document
from marketplace.common.actor import Actor
from marketplace.demands.models import Demand
from marketplace.demands.selectors import demands_for
from marketplace.demands.services import conditions
from marketplace.demands.services.indexing import CORPUS, document_of
from matching.app import services as matcher
from matching.app.services import LEARNED, Order

TOP = 10


def supply_for_demand(
    demand: Demand,
    *,
    corpus: str,
    region_code: str = "",
    without: Collection[str] = (),
    asker: UUID | None = None,
    order: Order = LEARNED,
    k: int = TOP,
) -> Sequence[matcher.Match]:
    """Published achievements or teams ranked for a demand by its public text alone.

    Achievements that its budget or its wanted protection rule out, and whatever the asking organisation declined, are left out before the
    ranking, but for the conditions `without`.
    """
    unfit = conditions.on_supply(demand, corpus=corpus, without=without, asker=asker).excluded
    return supply_but(demand, unfit, corpus=corpus, region_code=region_code, order=order, k=k)


def supply_but(
    demand: Demand, unfit: frozenset[UUID], *, corpus: str, region_code: str = "", order: Order = LEARNED, k: int = TOP
) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already; one of ten places is kept for the new and the small."""
    query = _query(document_of(demand))
    regions = frozenset({region_code}) if region_code else frozenset()
    filters = matcher.Filters(region_codes=regions, excluded_ids=unfit)
    return matcher.rank(corpus=corpus, query=query, filters=filters, order=order, k=k, guaranteed=True)


def demands_for_supply(
    supply: Achievement | Team, *, without: Collection[str] = (), asker: UUID | None = None, order: Order = LEARNED, k: int = TOP
) -> Sequence[matcher.Match]:
    """Open demands ranked for an achievement or a team, without those whose conditions it does not meet or that the asker declined."""
    return demands_but(supply, conditions.on_demands(supply, without=without, asker=asker).excluded, order=order, k=k)


def demands_but(supply: Achievement | Team, unfit: frozenset[UUID], *, order: Order = LEARNED, k: int = TOP) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already."""
    query = _query(team_document(supply) if isinstance(supply, Team) else achievement_document(supply))
    return matcher.rank(corpus=CORPUS, query=query, filters=matcher.Filters(excluded_ids=unfit), order=order, k=k)


def unmet(matches: Sequence[matcher.Match]) -> Sequence[str]:
    """What the demand asks and none of its matches mentions, the weightiest first; nothing where nothing was found."""
    if not matches:
        return ()
    first, *others = matches
    return [word for word in first.uncovered if all(word in match.uncovered for match in others)]


def things_of(corpus: str, ids: Sequence[UUID]) -> Mapping[UUID, Demand | Achievement | Team]:
    """What was ranked and is public now, by id, in one query.

    The index follows by the outbox, so it may still find what was suspended or withdrawn a moment ago: that is not among these.
    """
    anyone = Actor.anonymous()
    if corpus == CORPUS:
        return demands_for(anyone).in_bulk(ids)
    return catalogue.teams_for(anyone).in_bulk(ids) if corpus == "team" else catalogue.achievements_for(anyone).in_bulk(ids)


def title_of(thing: Demand | Achievement | Team) -> str:
    """The name of what was ranked, in the reader's language."""
    return thing.name if isinstance(thing, Team) else thing.title


def _query(document: matcher.DocumentInput) -> matcher.QueryInput:
    """A thing asked for in the very words by which it is found."""
    return matcher.QueryInput(title=document.title, body=document.body, keywords=document.keywords, attributes=document.attributes)
