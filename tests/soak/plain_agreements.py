"""What an agreement and its later revenue are to a child: who has signed, what it is to cost, and who has had how much."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marketplace.common.errors import WrongState
from tests.soak.model import DAY, PlainCampaign, PlainPledge, Reasons, shared

SIGNATURES, FUNDING, AUDIT = 14 * DAY, 60 * DAY, 7 * DAY
MILLION = 1_000_000


@dataclass(eq=False)
class PlainReport:
    """One year's revenue; `reviewed` are the parties that found it right, `contested_by` is the one that does not.

    `objections` are how often one was raised.
    """

    row: Any
    agreement: "PlainAgreement"
    year: int
    shared: int
    costs: int
    until: int
    state: str = "reported"
    reviewed: set[str] = field(default_factory=set)
    contested_by: str = ""
    objections: int = 0
    approved_by: int | None = None


@dataclass(eq=False)
class PlainAgreement:
    """Parties go by the names of their wallets. What was paid so far of later revenue: `costs`, `received` by pledge, `rest` by share."""

    row: Any
    campaign: PlainCampaign
    parties: tuple[str, ...]
    company_fen: int
    campaign_fen: int
    costs_cap: int
    inventor_ppm: int
    years: int
    state: str = "negotiating"
    signed: set[str] = field(default_factory=set)
    fund_by: int = 0
    milestone: Any = None
    is_delivered: bool = False
    reports: list[PlainReport] = field(default_factory=list)
    evidenced: int = 0
    costs: int = 0
    received: dict[UUID, int] = field(default_factory=dict)
    rest: dict[str, int] = field(default_factory=dict)

    @property
    def company(self) -> str:
        return self.parties[0]

    @property
    def team(self) -> str:
        return self.parties[1]

    @property
    def escrow(self) -> str:
        return self.campaign.agreement

    @property
    def revenue(self) -> str:
        return f"revenue {self.campaign.number}"

    @property
    def is_over(self) -> bool:
        """Ended, and nothing more to be reported or divided."""
        done = [report for report in self.reports if report.state == "distributed"]
        return self.state in ("terminated", "void") or (self.state == "completed" and len(done) >= self.years and not self.waiting)

    @property
    def waiting(self) -> list[PlainReport]:
        return [report for report in self.reports if report.state not in ("distributed", "rejected")]

    def is_state(self, *states: str) -> Reasons:
        return set() if self.state in states else {WrongState}

    @property
    def told(self) -> set[int]:
        """The years that are reported."""
        return {report.year for report in self.reports if report.state != "rejected"}

    def divide(self, report: PlainReport) -> "Division":
        """Costs that were shown and not had yet, then each pledge up to its cap by what it still lacks, then the shares of what is left."""
        self.evidenced += report.costs
        costs = min(report.shared, min(self.costs_cap, self.evidenced) - self.costs)
        lacks = {str(one.row.pk): self._lacks(one) for one in self._paying}
        funders = min(report.shared - costs, sum(lacks.values()))
        parts = shared(funders, lacks)
        self.costs += costs
        by_pledge = {one: parts[str(one.row.pk)] for one in self._paying}
        for one, fen in by_pledge.items():
            self.received[one.row.pk] = self.received.get(one.row.pk, 0) + fen
        return Division(costs, by_pledge, self._divide_the_rest(report.shared - costs - funders))

    @property
    def _paying(self) -> list[PlainPledge]:
        return self.campaign.those("captured", "partially_refunded", "settled")

    def _lacks(self, one: PlainPledge) -> int:
        return one.fen * self.campaign.cap_bp // 10_000 - self.received.get(one.row.pk, 0)

    def _divide_the_rest(self, fen: int) -> dict[str, int]:
        """Over all years together the inventors are at most a fen off what they are owed, and the institution has what they have not."""
        before = sum(self.rest.values())
        owed = (before + fen) * self.inventor_ppm - self.rest.get("inventor", 0) * MILLION
        whole, part = divmod(max(0, owed), MILLION)
        # One fen is left over where neither share is whole: it is whose remainder is greater, the inventors' when both are a half.
        inventor = min(fen, whole + (1 if part * 2 >= MILLION and part else 0))
        parts = {"inventor": inventor, "unit": fen - inventor}
        for share, paid in parts.items():
            self.rest[share] = self.rest.get(share, 0) + paid
        return parts


@dataclass(frozen=True, slots=True)
class Division:
    costs: int
    pledges: dict[PlainPledge, int]
    rest: dict[str, int]
