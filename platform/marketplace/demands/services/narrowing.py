"""What a reader asks of what is ranked: its region, its industry and its readiness, each with what it takes out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from django.db.models import Q

from marketplace.common.codes import industries, regions
from marketplace.demands.services.corpora import ACHIEVEMENT
from marketplace.demands.services.faults import Fault
from marketplace.demands.services.indexing import CORPUS
from matching.app import services as matcher

REGION, INDUSTRY, READINESS = NAMES = ("region", "industry", "readiness")
WITH_ONE_INDUSTRY = (ACHIEVEMENT, CORPUS)
_CODES, _STRETCHES = 10**6, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Any of the regions (GB/T 2260 codes or their first digits), any of the industries, and a readiness.

    Readiness is the least that an achievement has, the most that a demand wants; teams and experts have none, and none is asked of them.
    """

    region_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    readiness: int | None = None

    def unknown_to_the_matcher(self, corpus: str) -> tuple[Fault, ...]:
        """The reasons that the matcher does not know: of several industries it knows the first, and no upper level."""
        known = {REGION} | ({INDUSTRY} if corpus in WITH_ONE_INDUSTRY else set()) | ({READINESS} if corpus == ACHIEVEMENT else set())
        return tuple(fault for fault in self.faults(corpus) if fault.name not in known)

    def filters(self, corpus: str) -> matcher.Filters:
        """The matcher's own conditions, applied before it ranks."""
        # A prefix that no region has must find nothing, where an empty set would set no condition.
        named = frozenset(code for code in regions.REGIONS if code.startswith(self.region_codes)) if self.region_codes else frozenset()
        return matcher.Filters(
            region_codes=named or frozenset(self.region_codes),
            industry_codes=frozenset(self.industry_codes) if corpus in WITH_ONE_INDUSTRY else frozenset(),
            least_readiness=(self.readiness or 0) if corpus == ACHIEVEMENT else 0,
        )

    def unfit(self, corpus: str) -> dict[str, Q]:
        """What each condition alone takes out, by its name."""
        return {fault.name: fault.condition for fault in self.faults(corpus)}

    def faults(self, corpus: str) -> Iterator[Fault]:
        """What each condition alone takes out."""
        if self.region_codes:
            # Only achievements have an index of regions: elsewhere each piece would read the whole table again.
            yield Fault(REGION, _elsewhere, self.region_codes, _around(self.region_codes) if corpus == ACHIEVEMENT else None)
        if self.industry_codes and corpus == ACHIEVEMENT:
            others = Q(industry_code__among=sorted({"", *industries.DIVISIONS} - {*self.industry_codes}))
            yield Fault(INDUSTRY, _of_another, (list(self.industry_codes),), (others,))
        elif self.industry_codes:
            yield Fault(INDUSTRY, _of_another if corpus == CORPUS else _of_none_of, (list(self.industry_codes),))
        if self.readiness and corpus == ACHIEVEMENT:
            unready = (Q(readiness__lt=self.readiness), Q(readiness__isnull=True))
            yield Fault(READINESS, _less_ready_than, (self.readiness,), unready)
        if self.readiness and corpus == CORPUS:
            yield Fault(READINESS, _wants_more_than(self.readiness))


def _elsewhere(*codes: str) -> Q:
    fits = Q()
    for code in codes:
        fits |= Q(region_code__startswith=code)
    return ~fits


def _around(codes: tuple[str, ...]) -> tuple[Q, ...] | None:
    """The codes between those that begin so, which are six digits: None where there would be more than _STRETCHES."""
    free, stretches = 0, list[Q]()
    for first, last in sorted((int(code.ljust(6, "0")), int(code.ljust(6, "9"))) for code in codes):
        if free < first:
            stretches.append(Q(region_code__gte=f"{free:06}", region_code__lt=f"{first:06}"))
        free = max(free, last + 1)
    if free < _CODES:
        stretches.append(Q(region_code__gte=f"{free:06}"))
    return tuple(stretches) if len(stretches) <= _STRETCHES else None


def _of_another(codes: list[str]) -> Q:
    return ~Q(industry_code__in=codes)


def _of_none_of(codes: list[str]) -> Q:
    return ~Q(industry_codes__among=codes)


def _less_ready_than(level: int) -> Q:
    return ~Q(readiness__gte=level)


@cache
def _wants_more_than(level: int) -> Callable[[], Q]:
    # The level stands in the sentence itself: there are nine, and the column takes no number as large as a stand-in.
    return lambda: Q(readiness_wanted__gt=level)


EVERYTHING = Narrowing()
