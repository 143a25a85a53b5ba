"""Hard conditions, which hold before the ranking: budget, protection and its end, where both sides state them, what the organisation that
asks called not useful, and what the reader asks for (narrowing.py).

The first three are made of public things alone: a demand's terms, and price and protection of what anybody may see. What is confidential
or not published is neither read nor counted. The fourth is applied and shown to that organisation alone.

Of a large corpus most may be ruled out, so nobody reads who is: the matcher asks of the best it found which of them fit, and goes on until
it has enough.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache, reduce
from itertools import chain, islice
from operator import or_
from typing import Any
from uuid import UUID

from marketplace.catalogue.models import Achievement
from marketplace.common import clock
from marketplace.common.prepared import Prepared
from marketplace.demands.models import Demand
from marketplace.demands.services import corpora, counting, faults
from marketplace.demands.services.corpora import ACHIEVEMENT, Supply
from marketplace.demands.services.faults import BUDGET, DECLINED, EXPIRY, NAMES, PROTECTION, Fault
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import EVERYTHING, Narrowing

__all__ = [
    "BUDGET", "DECLINED", "EXPIRY", "NAMES", "NOTHING", "PROTECTION", "Condition", "Conditions", "on_demands", "on_supply",
]  # fmt: skip
NOTHING: frozenset[UUID] = frozenset()
_QUESTIONS = 500


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that the seeker's side states: whether it is applied; it takes out so many public things, or `more` than these."""

    name: str
    applied: bool
    removed: int
    more: bool = False


@dataclass(frozen=True)
class Conditions:
    """The conditions of one seeker on a corpus, at a time; those `without` are only counted.

    What the reader asks for is always applied, and so is that a thing is public and has not lapsed.
    """

    corpus: str
    now: datetime
    against: tuple[Fault, ...] = ()
    narrowing: Narrowing = EVERYTHING
    without: Collection[str] = field(default_factory=frozenset)

    def among(self, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Which of these meet all that the matcher does not judge itself: one statement, which looks at these alone."""
        wrong = (*self._applied, *self.narrowing.unknown_to_the_matcher(self.corpus))
        return _fitting(self.corpus, self.now, wrong, ids)

    def few(self, most: int) -> frozenset[UUID] | None:
        """All that meet every condition, None where they are more than so many."""
        wrong = [fault.condition for fault in (*self._applied, *self.narrowing.faults(self.corpus))]
        rows = corpora.public(self.corpus).exclude(reduce(or_, wrong, corpora.lapsed(self.corpus, self.now)))
        found = frozenset(rows.order_by().values_list("pk", flat=True)[: most + 1])
        return found if len(found) <= most else None

    @cached_property
    def stated(self) -> tuple[Condition, ...]:
        """Each condition and what it alone takes out, counted up to a thousand by one statement; what has lapsed is counted for none."""
        asked = (*self.against, *self.narrowing.faults(self.corpus))
        found = counting.taken_out(self.corpus, self.now, asked) if asked else ()
        return tuple(
            Condition(fault.name, fault.name not in self.without, min(number, counting.MOST), number > counting.MOST)
            for fault, number in zip(asked, found, strict=True)
        )

    @property
    def _applied(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.against if fault.name not in self.without)


def on_supply(
    demand: Demand,
    *,
    corpus: str = ACHIEVEMENT,
    narrowing: Narrowing = EVERYTHING,
    without: Collection[str] = (),
    declined: Collection[UUID] = NOTHING,
) -> Conditions:
    """What a demand's budget and its wanted protection, the asking organisation and the reader ask of the published supply.

    An achievement without a price meets every budget; each says how it is protected, if only that it is not, and what names no end of that
    has none. Teams and experts have neither.
    """
    now = clock.now()
    against = faults.against_supply(demand, now) if corpus == ACHIEVEMENT else ()
    return Conditions(corpus, now, (*against, *faults.declined(declined)), narrowing, without)


def on_demands(
    supply: Supply, *, narrowing: Narrowing = EVERYTHING, without: Collection[str] = (), declined: Collection[UUID] = NOTHING
) -> Conditions:
    """What supply and its reader ask of the open demands: that they could pay it, want no other protection, were not declined, …"""
    now = clock.now()
    against = faults.against_demands(supply, now) if isinstance(supply, Achievement) else ()
    return Conditions(CORPUS, now, (*against, *faults.declined(declined)), narrowing, without)


def _fitting(corpus: str, now: datetime, wrong: Sequence[Fault], ids: Sequence[UUID]) -> frozenset[UUID]:
    shape = tuple((fault.written, tuple(map(type, fault.values))) for fault in wrong)
    values = chain.from_iterable(fault.values for fault in wrong)
    return frozenset(pk for (pk,) in _question(corpus, shape).all(ids, now, *values))


@lru_cache(_QUESTIONS)
def _question(corpus: str, shape: tuple[tuple[Any, tuple[type, ...]], ...]) -> Prepared[tuple[UUID]]:
    """The question which of some ids fit: one sentence for each set of reasons, whatever their values."""

    def write(ids: list[UUID], now: datetime, *values: Any) -> Any:
        left = iter(values)
        wrong = [written(*islice(left, len(kinds))) for written, kinds in shape]
        rows = corpora.public(corpus).filter(pk__among=ids).exclude(reduce(or_, wrong, corpora.lapsed(corpus, now)))
        return rows.order_by().values_list("pk")

    return Prepared(write, list, datetime, *chain.from_iterable(kinds for _, kinds in shape))
