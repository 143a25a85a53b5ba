"""Figures and lists that need more than one room."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from ledger.app import selectors as log
from marketplace.accounts.models import Organisation
from marketplace.agreements import selectors as agreements
from marketplace.agreements.models import Agreement
from marketplace.agreements.workflow import AgreementState
from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Team
from marketplace.catalogue.workflow import AchievementState, TeamState
from marketplace.common.actor import Actor
from marketplace.demands import selectors as demands
from marketplace.demands.models import Demand
from marketplace.demands.workflow import BidState, DemandState
from marketplace.funding import selectors as funding
from marketplace.treasury.selectors import Balance, wallet_of

SIGNED = (AgreementState.SIGNED, AgreementState.ACTIVE, AgreementState.COMPLETED)
BETWEEN = (DemandState.EVALUATING, DemandState.AWARD_PUBLICITY)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the home page counts; amounts in fen."""

    open_demands: int
    open_budget_fen: int
    in_evaluation: int
    signed: int
    signed_fen: int
    active: int
    completed: int
    achievements: int
    teams: int
    ledger_height: int


def standing() -> Standing:
    """The exchange at a glance, in five queries whatever its size."""
    of_demands = _by_state(Demand.objects.all(), "budget_max_fen")
    of_agreements = _by_state(Agreement.objects.all(), "price_fen")
    return Standing(
        open_demands=of_demands[DemandState.OPEN].number,
        open_budget_fen=of_demands[DemandState.OPEN].fen,
        in_evaluation=sum(of_demands[state].number for state in BETWEEN),
        signed=sum(of_agreements[state].number for state in SIGNED),
        signed_fen=sum(of_agreements[state].fen for state in SIGNED),
        active=of_agreements[AgreementState.ACTIVE].number,
        completed=of_agreements[AgreementState.COMPLETED].number,
        achievements=Achievement.objects.filter(state=AchievementState.PUBLISHED).count(),
        teams=Team.objects.filter(state=TeamState.PUBLISHED).count(),
        ledger_height=log.height(),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are in one state, and their sum in fen."""

    number: int = 0
    fen: int = 0


def _by_state(rows: QuerySet[Any], amount: str) -> dict[str, Tally]:
    tallies = defaultdict(Tally)
    for state, number, fen in rows.order_by().values_list("state").annotate(Count("pk"), Sum(amount)):
        tallies[state] = Tally(number, fen or 0)
    return tallies


@dataclass(frozen=True, slots=True)
class Found:
    """What a search finds, by kind."""

    demands: list[Demand]
    achievements: list[Achievement]
    teams: list[Team]

    @property
    def total(self) -> int:
        return len(self.demands) + len(self.achievements) + len(self.teams)


def search(words: str, *, most: int = 10) -> Found:
    """Public demands, achievements and teams that have all the words, newest first."""
    achievements = Achievement.objects.filter(state=AchievementState.PUBLISHED, search__finds=words)
    teams = Team.objects.filter(state=TeamState.PUBLISHED, search__finds=words)
    found = demands.filtered(demands.demands_for(Actor.anonymous()), q=words)
    return Found(
        demands=list(found.order_by("-id")[:most]),
        achievements=list(achievements.select_related("organisation").defer("search").order_by("-id")[:most]),
        teams=list(teams.select_related("organisation").defer("search").order_by("-id")[:most]),
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """What one signed-in reader has before them."""

    organisation: Organisation | None
    wallet: Balance | None
    demands: list[Demand]
    bids: list[Any]
    teams: list[Team]
    campaigns: list[Any]
    pledges: list[Any]
    agreements: list[Agreement]


def desk_of(actor: Actor, organisation: Organisation | None, *, most: int = 10) -> Desk:
    """The wallet and the newest of all that a kind of organisation can have; for staff what they may read."""
    kind = actor.organisation_kind

    def newest(rows: QuerySet[Any], *kinds: str) -> list[Any]:
        return list(rows.order_by("-id")[:most]) if actor.staff or kind in kinds else []

    def own(rows: QuerySet[Any], only: str) -> list[Any]:
        return newest(rows.filter(organisation_id=actor.organisation_id), only) if kind else []

    return Desk(
        organisation=organisation,
        wallet=wallet_of(organisation.pk) if organisation else None,
        demands=own(demands.demands_for(actor), "company"),
        bids=own(demands.bids_for(actor).exclude(state=BidState.DRAFT), "university"),
        teams=own(catalogue.teams_for(actor), "university"),
        campaigns=newest(funding.campaigns_for(actor), "company", "university", "funder"),
        pledges=own(funding.pledges_for(actor), "funder"),
        agreements=newest(agreements.agreements_for(actor), "company", "university", "funder"),
    )
