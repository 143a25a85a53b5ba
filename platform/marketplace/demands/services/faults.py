"""Why something public does not fit one who seeks: each reason as a question whose sentence is the same for all values."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localtime

from marketplace.catalogue.models import UNTIL_A_DAY, Achievement, IprStatus
from marketplace.demands.models import Demand

NAMES = BUDGET, PROTECTION, EXPIRY, DECLINED = "budget", "ipr", "expiry", "declined"


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason by its name; `written` makes the condition of values and may not look at them.

    `stretches` say the same in pieces, each of which an index finds, and no two of which hold the same row: so what it takes out is
    counted without looking at what it leaves. None where the condition itself is one.
    """

    name: str
    written: Callable[..., Q]
    values: tuple[Any, ...] = ()
    stretches: tuple[Q, ...] | None = None

    @property
    def condition(self) -> Q:
        """What it takes out."""
        return self.written(*self.values)

    @property
    def pieces(self) -> tuple[Q, ...]:
        """The same in pieces that share no row."""
        return (self.condition,) if self.stretches is None else self.stretches


def against_supply(demand: Demand, now: datetime) -> Iterator[Fault]:
    """What ended protects no more: whom nothing would do as well takes it as that, and whoever wants what can end wants it in force."""
    if demand.budget_max_fen is not None:
        yield Fault(BUDGET, _dearer_than, (demand.budget_max_fen,))
    wanted, today = list(demand.ipr_wanted), localtime(now).date()
    # The database knows no other protection than these, and that only what lasts until a day names one.
    other = Q(ipr_status__among=sorted({str(status) for status in IprStatus} - {*wanted}))
    if IprStatus.NONE in wanted:
        still = (other & Q(protected_until__isnull=True), other & Q(protected_until__gte=today))
        yield Fault(PROTECTION, _neither_free_nor_held_as, (wanted, today), still)
    elif wanted:
        yield Fault(PROTECTION, _not_held_as, (wanted,), (other,))
        if not frozenset(UNTIL_A_DAY).isdisjoint(wanted):
            yield Fault(EXPIRY, _ended_before, (today,), (Q(ipr_status__among=list(map(str, UNTIL_A_DAY))) & _ended_before(today),))


def against_demands(achievement: Achievement, now: datetime) -> Iterator[Fault]:
    """A demand that could pay less, that wants another protection, or wants it in force where it has ended."""
    if achievement.price_fen is not None:
        yield Fault(BUDGET, _pays_less_than, (achievement.price_fen,))
    ended = achievement.protection_has_ended(now)
    held = [achievement.ipr_status, IprStatus.NONE] if ended else [achievement.ipr_status]
    yield Fault(PROTECTION, _wants_other_than, ([str(status) for status in held],))
    if ended:
        yield Fault(EXPIRY, _wants_in_force)


def declined(ids: Collection[UUID]) -> Iterator[Fault]:
    """What the asking organisation called not useful, where it did."""
    if ids:
        yield Fault(DECLINED, _one_of, (sorted(ids),))


def _dearer_than(fen: int) -> Q:
    return Q(price_fen__gt=fen)


def _neither_free_nor_held_as(wanted: list[str], today: date) -> Q:
    return ~(Q(ipr_status__among=wanted) | Q(protected_until__lt=today))


def _not_held_as(wanted: list[str]) -> Q:
    return ~Q(ipr_status__among=wanted)


def _ended_before(today: date) -> Q:
    return Q(protected_until__lt=today)


def _pays_less_than(fen: int) -> Q:
    return Q(budget_max_fen__lt=fen)


def _wants_other_than(held: list[str]) -> Q:
    return Q(ipr_wanted__len__gt=0) & ~Q(ipr_wanted__among=held)


def _wants_in_force() -> Q:
    return Q(ipr_wanted__overlap=sorted(UNTIL_A_DAY)) & ~Q(ipr_wanted__contains=[IprStatus.NONE])


def _one_of(ids: list[UUID]) -> Q:
    return Q(pk__among=ids)
