"""Ranked supply for a demand, and ranked demands for supply, with reasons that sum to the score."""

from collections.abc import Collection, Sequence
from uuid import UUID

from marketplace.catalogue.models import Achievement, Team
from marketplace.demands.models import Demand
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
    document = document_of(demand)
    query = matcher.QueryInput(
        title=document.title,
        body=document.body,
        keywords=document.keywords,
        attributes=document.attributes,
    )
    regions = frozenset({region_code}) if region_code else frozenset()
    return matcher.rank(corpus=corpus, query=query, filters=matcher.Filters(region_codes=regions, excluded_ids=unfit), k=k)


def demands_for_team(team: Team, *, k: int = TOP) -> Sequence[matcher.Match]:
    """Open demands ranked for a team by what it says it can do."""
    query = matcher.QueryInput(
        title=f"{team.name_zh}\n{team.name_en}",
        body=f"{team.summary_zh}\n{team.summary_en}",
        keywords=[*team.capabilities_zh, *team.capabilities_en],
        attributes={"region_code": team.region_code},
    )
    return matcher.rank(corpus=CORPUS, query=query, k=k)


def demands_for_achievement(achievement: Achievement, *, without: Collection[str] = (), k: int = TOP) -> Sequence[matcher.Match]:
    """Open demands ranked for an achievement, without those whose budget or wanted protection rules it out."""
    query = matcher.QueryInput(
        title=f"{achievement.title_zh}\n{achievement.title_en}",
        body=f"{achievement.summary_zh}\n{achievement.summary_en}",
        keywords=[*achievement.keywords_zh, *achievement.keywords_en],
        attributes={
            "region_code": achievement.region_code,
            "industry_code": achievement.industry_code,
            "readiness": achievement.readiness,
        },
    )
    unfit = conditions.on_demands(achievement, without=without).excluded
    return matcher.rank(corpus=CORPUS, query=query, filters=matcher.Filters(excluded_ids=unfit), k=k)


def titles_of(corpus: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The titles of ranked objects in the reader's language, in one query."""
    if corpus == "team":
        return {row.pk: row.name for row in Team.objects.filter(pk__in=ids).defer("search")}
    model = Demand if corpus == CORPUS else Achievement
    return {row.pk: row.title for row in model.objects.filter(pk__in=ids).defer("search")}
