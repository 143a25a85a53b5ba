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

TOP = 10


def supply_for_demand(
    demand: Demand, *, corpus: str, region_code: str = "", without: Collection[str] = (), k: int = TOP
) -> Sequence[matcher.Match]:
    """Published achievements or teams ranked for a demand by its public text alone.

    Achievements that its budget or its wanted protection rule out are left out before the ranking, but for the conditions `without`.
    """
    unfit = conditions.on_supply(demand, without=without).excluded if corpus == "achievement" else frozenset()
    return supply_but(demand, unfit, corpus=corpus, region_code=region_code, k=k)


def supply_but(demand: Demand, unfit: frozenset[UUID], *, corpus: str, region_code: str = "", k: int = TOP) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already."""
    query = _query(document_of(demand))
    regions = frozenset({region_code}) if region_code else frozenset()
    return matcher.rank(corpus=corpus, query=query, filters=matcher.Filters(region_codes=regions, excluded_ids=unfit), k=k)


def demands_for_team(team: Team, *, k: int = TOP) -> Sequence[matcher.Match]:
    """Open demands ranked for a team by what it says it can do."""
    query = _query(team_document(team))
    return matcher.rank(corpus=CORPUS, query=query, k=k)


def demands_for_achievement(achievement: Achievement, *, without: Collection[str] = (), k: int = TOP) -> Sequence[matcher.Match]:
    """Open demands ranked for an achievement, without those whose budget or wanted protection rules it out."""
    return demands_but(achievement, conditions.on_demands(achievement, without=without).excluded, k=k)


def demands_but(achievement: Achievement, unfit: frozenset[UUID], *, k: int = TOP) -> Sequence[matcher.Match]:
    """The ranking without these ids, for whoever has judged the conditions already."""
    query = _query(achievement_document(achievement))
    return matcher.rank(corpus=CORPUS, query=query, filters=matcher.Filters(excluded_ids=unfit), k=k)


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
