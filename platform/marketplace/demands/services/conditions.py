"""Hard conditions, judged before the ranking, each with what it takes out: budget and protection, where both sides state them, and what
the organisation that asks called not useful.

The first two are made of public things alone: a demand's terms, and price and protection of what anybody may see. What is confidential
or not published is neither read nor counted. The third is applied and shown to that organisation alone.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Team
from marketplace.common.actor import Actor
from marketplace.demands.models import Demand
from marketplace.demands.services.judging import declined_demands, declined_supply
from marketplace.demands.workflow import DemandState

BUDGET, PROTECTION, DECLINED = "budget", "ipr", "declined"
NAMES = (BUDGET, PROTECTION, DECLINED)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that the seeker's side states: whether it is applied, and how many public things it takes out."""

    name: str
    applied: bool
    removed: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one seeker and the ids that the applied ones take out."""

    stated: tuple[Condition, ...] = ()
    excluded: frozenset[UUID] = field(default_factory=frozenset)


def on_supply(demand: Demand, *, corpus: str = "achievement", without: Collection[str] = (), asker: UUID | None = None) -> Conditions:
    """What a demand's budget and its wanted protection, and what the asking organisation declined, take out of the published supply.

    Those conditions `without` are only counted. An achievement without a price meets every budget; each says how it is protected, if
    only that it is not. A team has neither.
    """
    anyone = Actor.anonymous()
    rows = catalogue.teams_for(anyone) if corpus == "team" else catalogue.achievements_for(anyone)
    unfit = {} if corpus == "team" else dict(_against_supply(demand))
    return _judged(unfit | _declined(declined_supply(asker, demand, corpus=corpus)), rows, without)


def on_demands(supply: Achievement | Team, *, without: Collection[str] = (), asker: UUID | None = None) -> Conditions:
    """What supply takes out of the open demands: those that could pay less, want another protection, or were declined by the asker."""
    unfit = {} if isinstance(supply, Team) else dict(_against_demands(supply))
    return _judged(unfit | _declined(declined_demands(asker, supply)), Demand.objects.filter(state=DemandState.OPEN), without)


def unfit_among(demand: Demand, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these achievements the demand's budget and its wanted protection rule out: what `on_supply` says of all."""
    stated = [condition for _, condition in _against_supply(demand)]
    if not stated:
        return frozenset()
    return frozenset(Achievement.objects.filter(reduce(or_, stated), pk__in=ids).order_by().values_list("pk", flat=True))


def _declined(ids: frozenset[UUID]) -> dict[str, Q]:
    return {DECLINED: Q(pk__in=ids)} if ids else {}


def _against_supply(demand: Demand) -> Iterator[tuple[str, Q]]:
    if demand.budget_max_fen is not None:
        yield BUDGET, Q(price_fen__gt=demand.budget_max_fen)
    if demand.ipr_wanted:
        yield PROTECTION, ~Q(ipr_status__in=demand.ipr_wanted)


def _against_demands(achievement: Achievement) -> Iterator[tuple[str, Q]]:
    if achievement.price_fen is not None:
        yield BUDGET, Q(budget_max_fen__lt=achievement.price_fen)
    yield PROTECTION, Q(ipr_wanted__len__gt=0) & ~Q(ipr_wanted__contains=[achievement.ipr_status])


def _judged(unfit: dict[str, Q], rows: QuerySet[Demand] | QuerySet[Achievement] | QuerySet[Team], without: Collection[str]) -> Conditions:
    taken = {name: frozenset(rows.filter(condition).order_by().values_list("pk", flat=True)) for name, condition in unfit.items()}
    applied = [ids for name, ids in taken.items() if name not in without]
    stated = tuple(Condition(name, name not in without, len(ids)) for name, ids in taken.items())
    return Conditions(stated, frozenset().union(*applied))
