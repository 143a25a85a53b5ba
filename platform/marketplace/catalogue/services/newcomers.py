"""Who is new or small: institutions for which one of ten places is kept where they come close."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.workflow import AchievementState
from marketplace.common import clock
from marketplace.common.prepared import Prepared

SUPPLY: dict[str, type[Achievement] | type[Team] | type[Expert]] = {"achievement": Achievement, "team": Team, "expert": Expert}
NEW_DAYS = 180
SMALL = 5


def new_or_small(ids: Sequence[UUID], *, corpus: str) -> frozenset[UUID]:
    """Which of these achievements, teams or experts are of an institution that is new (180 days) or small (five published at most).

    One query, which looks at these alone.
    """
    return frozenset(pk for (pk,) in _of_new_or_small(corpus).all(ids, _newer_than()))


@cache
def _of_new_or_small(corpus: str) -> Prepared[tuple[UUID]]:
    def write(ids: list[UUID], since: datetime) -> Any:
        rows = SUPPLY[corpus].objects.filter(pk__among=ids)
        return rows.filter(_new("organisation__", since) | _small("organisation")).order_by().values_list("pk")

    return Prepared(write, list, datetime)


def new_and_small(organisations: Iterable[UUID]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Which of these institutions are new, and which are small."""
    rows = Organisation.objects.filter(pk__in=list(organisations)).order_by()
    new, small = (frozenset(rows.filter(one).values_list("pk", flat=True)) for one in (_new("", _newer_than()), _small("pk")))
    return new, small


def _newer_than() -> datetime:
    return clock.now() - timedelta(days=NEW_DAYS)


def _new(path: str, since: datetime) -> Q:
    return Q(**{f"{path}verified_at__gt": since})


def _small(path: str) -> Q:
    """There is no sixth published achievement: however many there are, six are looked at."""
    published = Achievement.objects.filter(organisation=OuterRef(path), state=AchievementState.PUBLISHED)
    return ~Q(Exists(published.order_by()[SMALL : SMALL + 1]))
