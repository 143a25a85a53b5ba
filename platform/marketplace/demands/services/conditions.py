"""Budget and protection as hard conditions, where both sides state them: judged before the ranking, each with what it takes out.

Everything here is public: a demand's terms, and price and protection of what anybody may see. What is confidential or not
published is neither read nor counted.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement
from marketplace.common.actor import Actor
from marketplace.demands.models import Demand
from marketplace.demands.workflow import DemandState

BUDGET, PROTECTION = "budget", "ipr"
NAMES = (BUDGET, PROTECTION)


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


def on_supply(demand: Demand, *, without: Collection[str] = ()) -> Conditions:
    """What a demand's budget and its wanted protection take out of the published achievements; those `without` are only counted.

    An achievement without a price meets every budget; each says how it is protected, if only that it is not.
    """
    return _judged(dict(_against_supply(demand)), catalogue.achievements_for(Actor.anonymous()), without)


def on_demands(achievement: Achievement, *, without: Collection[str] = ()) -> Conditions:
    """What an achievement's price and protection take out of the open demands: those that could pay less or want another protection."""
    return _judged(dict(_against_demands(achievement)), Demand.objects.filter(state=DemandState.OPEN), without)


def _against_supply(demand: Demand) -> Iterator[tuple[str, Q]]:
    if demand.budget_max_fen is not None:
        yield BUDGET, Q(price_fen__gt=demand.budget_max_fen)
    if demand.ipr_wanted:
        yield PROTECTION, ~Q(ipr_status__in=demand.ipr_wanted)


def _against_demands(achievement: Achievement) -> Iterator[tuple[str, Q]]:
    if achievement.price_fen is not None:
        yield BUDGET, Q(budget_max_fen__lt=achievement.price_fen)
    yield PROTECTION, Q(ipr_wanted__len__gt=0) & ~Q(ipr_wanted__contains=[achievement.ipr_status])


def _judged(unfit: dict[str, Q], rows: QuerySet[Demand] | QuerySet[Achievement], without: Collection[str]) -> Conditions:
    taken = {name: frozenset(rows.filter(condition).order_by().values_list("pk", flat=True)) for name, condition in unfit.items()}
    applied = [ids for name, ids in taken.items() if name not in without]
    stated = tuple(Condition(name, name not in without, len(ids)) for name, ids in taken.items())
    return Conditions(stated, frozenset().union(*applied))
