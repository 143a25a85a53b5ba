"""Hard conditions, judged before the ranking, each with what it takes out: budget, protection and its end, where both sides state them,
what the organisation that asks called not useful, and what the reader asks for (narrowing.py).

The first three are made of public things alone: a demand's terms, and price and protection of what anybody may see. What is confidential
or not published is neither read nor counted. The fourth is applied and shown to that organisation alone.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.timezone import localtime

from marketplace.catalogue.models import UNTIL_A_DAY, Achievement, IprStatus
from marketplace.common import clock
from marketplace.demands.models import Demand
from marketplace.demands.services import corpora
from marketplace.demands.services.corpora import ACHIEVEMENT, Supply
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import EVERYTHING, Narrowing

NAMES = BUDGET, PROTECTION, EXPIRY, DECLINED = "budget", "ipr", "expiry", "declined"
NOTHING: frozenset[UUID] = frozenset()


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


def on_supply(
    demand: Demand,
    *,
    corpus: str = ACHIEVEMENT,
    narrowing: Narrowing = EVERYTHING,
    without: Collection[str] = (),
    declined: frozenset[UUID] = NOTHING,
) -> Conditions:
    """What a demand's budget and its wanted protection, the asking organisation and the reader take out of the published supply.

    Those conditions `without` are only counted; what the reader asks for is always applied, and so is that nothing has lapsed. An
    achievement without a price meets every budget; each says how it is protected, if only that it is not, and what names no end of that has
    none. Teams and experts have neither.
    """
    now = clock.now()
    unfit = dict(_against_supply(demand, now)) if corpus == ACHIEVEMENT else {}
    return _judged(unfit | _declined(declined), corpus, narrowing, without, now)


def on_demands(
    supply: Supply, *, narrowing: Narrowing = EVERYTHING, without: Collection[str] = (), declined: frozenset[UUID] = NOTHING
) -> Conditions:
    """What supply and its reader take out of the open demands: those that could pay less, want another protection, were declined, …"""
    now = clock.now()
    unfit = dict(_against_demands(supply, now)) if isinstance(supply, Achievement) else {}
    return _judged(unfit | _declined(declined), CORPUS, narrowing, without, now)


def unfit_among(demand: Demand, ids: Collection[UUID] | None, *, corpus: str = ACHIEVEMENT) -> frozenset[UUID]:
    """Which of these (None: of all) have lapsed, or are ruled out by the demand's budget or protection, as `on_supply` tells of all."""
    now = clock.now()
    unfit = dict(_against_supply(demand, now)) if corpus == ACHIEVEMENT else {}
    wrong = reduce(or_, unfit.values(), corpora.lapsed(corpus, now))
    among = Q() if ids is None else Q(pk__in=ids)
    return frozenset(corpora.public(corpus).filter(wrong, among).order_by().values_list("pk", flat=True))


def _declined(ids: frozenset[UUID]) -> dict[str, Q]:
    return {DECLINED: Q(pk__in=ids)} if ids else {}


def _against_supply(demand: Demand, now: datetime) -> Iterator[tuple[str, Q]]:
    """What ended protects no more: whom nothing would do as well takes it as that, and whoever wants what can end wants it in force."""
    if demand.budget_max_fen is not None:
        yield BUDGET, Q(price_fen__gt=demand.budget_max_fen)
    wanted, ended = demand.ipr_wanted, Q(protected_until__lt=localtime(now).date())
    if IprStatus.NONE in wanted:
        yield PROTECTION, ~(Q(ipr_status__in=wanted) | ended)
    elif wanted:
        yield PROTECTION, ~Q(ipr_status__in=wanted)
        if not frozenset(UNTIL_A_DAY).isdisjoint(wanted):
            yield EXPIRY, ended


def _against_demands(achievement: Achievement, now: datetime) -> Iterator[tuple[str, Q]]:
    if achievement.price_fen is not None:
        yield BUDGET, Q(budget_max_fen__lt=achievement.price_fen)
    ended = achievement.protection_has_ended(now)
    held = [achievement.ipr_status, IprStatus.NONE] if ended else [achievement.ipr_status]
    yield PROTECTION, Q(ipr_wanted__len__gt=0) & ~Q(ipr_wanted__overlap=held)
    if ended:
        yield EXPIRY, Q(ipr_wanted__overlap=sorted(UNTIL_A_DAY)) & ~Q(ipr_wanted__contains=[IprStatus.NONE])


def _judged(unfit: dict[str, Q], corpus: str, narrowing: Narrowing, without: Collection[str], now: datetime) -> Conditions:
    """Read what any condition takes out by one statement; what has lapsed is left out whatever else it is, and counted for none."""
    public, lapsed = corpora.public(corpus), corpora.lapsed(corpus, now)
    beside = narrowing.beside(corpus)
    wrong = {"lapsed": lapsed, **unfit, **beside}
    told = {f"is_{name}": ExpressionWrapper(condition, BooleanField()) for name, condition in wrong.items()}
    found = list(public.filter(reduce(or_, wrong.values())).order_by().annotate(**told).values_list("pk", *told))
    taken = {name: frozenset(pk for pk, *faults in found if faults[place]) for place, name in enumerate(wrong)}
    gone = taken["lapsed"]
    stated = [Condition(name, name not in without, len(taken[name] - gone)) for name in unfit]
    counts = narrowing.removed(public.exclude(lapsed), corpus) if narrowing != EVERYTHING else {}
    stated += [Condition(name, applied=True, removed=number) for name, number in counts.items()]
    return Conditions(tuple(stated), gone.union(*(taken[name] for name in (*unfit, *beside) if name not in without)))
