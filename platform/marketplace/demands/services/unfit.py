"""The conditions of many demands on what each of them found, judged by two statements and one for the clock, however many they are."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.timezone import localtime

from marketplace.catalogue.models import UNTIL_A_DAY, IprStatus
from marketplace.common import clock
from marketplace.demands.models import Demand
from marketplace.demands.services import corpora
from marketplace.demands.services.corpora import ACHIEVEMENT


class _Asked(NamedTuple):
    """What a demand states."""

    budget_max_fen: int | None
    wanted: frozenset[str]


class _Offered(NamedTuple):
    """What an achievement states, and whether its time ran out."""

    lapsed: bool
    price_fen: int | None = None
    ipr_status: str = ""
    protected_until: date | None = None


def unfit(found: Mapping[UUID, Collection[UUID]], *, corpus: str) -> dict[UUID, frozenset[UUID]]:
    """Return of what each demand found what has lapsed or is ruled out by its budget or protection: what
    `conditions.on_supply` tells of each demand alone. What is not public is told of none; a demand that is gone rules nothing out.
    """
    now = clock.now()
    day = localtime(now).date()
    offered = _offered(corpus, {id_ for ids in found.values() for id_ in ids}, now)
    demands = Demand.objects.filter(pk__in=list(found)).values_list("pk", "budget_max_fen", "ipr_wanted")
    asked = {pk: _Asked(budget, frozenset(wanted)) for pk, budget, wanted in demands}
    return {
        pk: frozenset(id_ for id_ in found[pk] if id_ in offered and _is_unfit(one, offered[id_], corpus, day)) for pk, one in asked.items()
    }


def _offered(corpus: str, ids: Collection[UUID], now: datetime) -> dict[UUID, _Offered]:
    lapsed = ExpressionWrapper(corpora.lapsed(corpus, now), BooleanField())
    rows = corpora.public(corpus).filter(pk__in=ids).order_by().annotate(has_lapsed=lapsed)
    stated = ("price_fen", "ipr_status", "protected_until") if corpus == ACHIEVEMENT else ()
    return {pk: _Offered(bool(gone), *rest) for pk, gone, *rest in rows.values_list("pk", "has_lapsed", *stated)}


def _is_unfit(asked: _Asked, offered: _Offered, corpus: str, day: date) -> bool:
    """Whether one is ruled out: what ended protects no more, and whom nothing would do as well takes it as that."""
    if offered.lapsed or corpus != ACHIEVEMENT:
        return offered.lapsed
    if asked.budget_max_fen is not None and offered.price_fen is not None and offered.price_fen > asked.budget_max_fen:
        return True
    if not asked.wanted:
        return False
    ended = offered.protected_until is not None and offered.protected_until < day
    fits = offered.ipr_status in asked.wanted
    if IprStatus.NONE in asked.wanted:
        return not (fits or ended)
    return not fits or (ended and not frozenset(UNTIL_A_DAY).isdisjoint(asked.wanted))
