"""What a reader asks of what is ranked: its region, its industry and its readiness, each with what it takes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from marketplace.common.codes import regions
from marketplace.demands.services.corpora import ACHIEVEMENT
from marketplace.demands.services.indexing import CORPUS
from matching.app import services as matcher

REGION, INDUSTRY, READINESS = NAMES = ("region", "industry", "readiness")
WITH_ONE_INDUSTRY = (ACHIEVEMENT, CORPUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Any of the regions (GB/T 2260 codes or their first digits), any of the industries, and a readiness.

    Readiness is the least that an achievement has, the most that a demand wants; teams and experts have none, and none is asked of them.
    """

    region_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    readiness: int | None = None

    def removed(self, rows: QuerySet[Any], corpus: str) -> dict[str, int]:
        """How many of the rows each condition alone takes out, by one statement."""
        unfit = self.unfit(corpus)
        if not unfit:
            return {}
        return rows.order_by().aggregate(**{name: Count("pk", filter=condition) for name, condition in unfit.items()})

    def beside(self, corpus: str) -> dict[str, Q]:
        """What it takes out by conditions that the matcher does not have: of several industries it knows the first, and no upper level."""
        known = {REGION} | ({INDUSTRY} if corpus in WITH_ONE_INDUSTRY else set()) | ({READINESS} if corpus == ACHIEVEMENT else set())
        return {name: condition for name, condition in self.unfit(corpus).items() if name not in known}

    def filters(self, corpus: str, excluded: frozenset[UUID]) -> matcher.Filters:
        """The matcher's own conditions, applied before it ranks, and the ids that are left out beside."""
        # A prefix that no region has must find nothing, where an empty set would set no condition.
        named = frozenset(code for code in regions.REGIONS if code.startswith(self.region_codes)) if self.region_codes else frozenset()
        return matcher.Filters(
            region_codes=named or frozenset(self.region_codes),
            industry_codes=frozenset(self.industry_codes) if corpus in WITH_ONE_INDUSTRY else frozenset(),
            least_readiness=(self.readiness or 0) if corpus == ACHIEVEMENT else 0,
            excluded_ids=excluded,
        )

    def unfit(self, corpus: str) -> dict[str, Q]:
        """What each condition alone takes out, by its name."""
        return dict(self._unfit(corpus))

    def _unfit(self, corpus: str) -> Iterator[tuple[str, Q]]:
        if self.region_codes:
            fits = Q()
            for code in self.region_codes:
                fits |= Q(region_code__startswith=code)
            yield REGION, ~fits
        if self.industry_codes:
            codes = list(self.industry_codes)
            yield INDUSTRY, ~(Q(industry_code__in=codes) if corpus in WITH_ONE_INDUSTRY else Q(industry_codes__overlap=codes))
        if self.readiness and corpus == ACHIEVEMENT:
            yield READINESS, ~Q(readiness__gte=self.readiness)
        if self.readiness and corpus == CORPUS:
            yield READINESS, Q(readiness_wanted__gt=self.readiness)


EVERYTHING = Narrowing()
