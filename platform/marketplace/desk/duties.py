"""What waits for one reader: objects whose next move is theirs to make now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from marketplace.accounts.selectors import organisations
from marketplace.agreements import selectors as agreements
from marketplace.agreements.models import Agreement
from marketplace.agreements.workflow import AgreementState, MilestoneState, RevenueState
from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Expert
from marketplace.common.actor import Actor
from marketplace.common.text import bi
from marketplace.demands import selectors as demands
from marketplace.demands.models import Demand
from marketplace.demands.workflow import DemandState
from marketplace.funding import selectors as funding
from marketplace.funding.models import Campaign, Payout
from marketplace.funding.permissions import campaign_roles
from marketplace.funding.workflow import BEFORE_OPENING, CampaignState, PayoutState, PledgeState
from marketplace.workflow import registry
from marketplace.workflow.permission import may

MOST_OF_A_KIND = 8
PAGES = {
    "organisation": "/organisations/{0.pk}/",
    "achievement": "/achievements/{0.pk}/",
    "expert": "/experts/{0.pk}/",
    "demand": "/demands/{0.pk}/",
    "campaign": "/campaigns/{0.pk}/",
    "pledge": "/pledges/{0.pk}/",
    "payout": "/payouts/",
    "agreement": "/agreements/{0.pk}/",
    "milestone": "/agreements/{0.agreement_id}/",
    "revenue": "/revenue/{0.pk}/",
}
# Moves that are a duty although they are not the main way on: somebody has asked for them.
ASKED_FOR = {
    ("campaign", CampaignState.OPEN): "extend_once",
    ("pledge", PledgeState.FIRM): "agree_early_close",
    ("revenue", RevenueState.REPORTED): "answer",
    ("revenue", RevenueState.CONTESTED): "answer",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do: on what, which move, where, and by when."""

    obj: Any
    move: Any
    path: str

    @property
    def name(self) -> str:
        """What the thing is called; an expert's name stays with the person."""
        return self.obj.person.name if isinstance(self.obj, Expert) else str(self.obj)


def duties_of(actor: Actor) -> list[Duty]:
    """The main move of everything that waits for this reader, the soonest due first.

    One query for each kind of thing, however many wait: role and state decide here, and what else a
    move needs (money in the wallet, a text not yet written) is told where it is made.
    """
    waiting = _before_staff(actor) if actor.staff else _before_members(actor)
    found = [duty for row in waiting for duty in _duties(row, actor)]
    return sorted(found, key=lambda duty: (duty.obj.due_at is None, duty.obj.due_at))


def _duties(row: Any, actor: Actor) -> Iterable[Duty]:
    path = PAGES[row.machine.name].format(row)
    if isinstance(row, Demand) and row.state == DemandState.AWARDED:
        yield Duty(row, bi("募资或起草协议", "Fund it or draw up the agreement"), path)
        return
    if isinstance(row, Campaign) and not actor.staff and row.state not in BEFORE_OPENING:
        if "company" in campaign_roles(actor, row):
            yield Duty(row, bi("答复提问", "Answer its questions"), f"{path}questions/")
        return
    if isinstance(row, Payout) and not actor.staff:
        yield Duty(row, bi("登记收款账户", "Register a bank account"), "/bank-account/")
        return
    registered, asked_for = registry.of(row), ASKED_FOR.get((row.machine.name, row.state))
    for move in registered.machine.leaving(row.state):
        if (move.tone == "primary" or move.action == asked_for) and may(registered, actor, move, row):
            yield Duty(row, move.label, path)


def _before_staff(actor: Actor) -> Iterable[Any]:
    if actor.staff == "reviewer":
        yield from organisations.waiting_for_review(actor)[:MOST_OF_A_KIND]
        yield from catalogue.experts_to_verify(actor).order_by("due_at", "id")[:MOST_OF_A_KIND]
        yield from catalogue.achievements_to_verify(actor).order_by("due_at", "id")[:MOST_OF_A_KIND]
        yield from _in(demands.demands_for(actor), DemandState.SUBMITTED)
        yield from funding.campaigns_to_decide(actor)[:MOST_OF_A_KIND]
    if actor.staff == "finance":
        yield from funding.payouts_to_approve(actor)[:MOST_OF_A_KIND]
        revenue = agreements.revenue_to_decide(actor).exclude(state=RevenueState.APPROVED, approved_by=actor.person_id)
        yield from _in(revenue, RevenueState.PAID_IN, RevenueState.APPROVED)


def _before_members(actor: Actor) -> Iterable[Any]:
    """By kind of organisation, since only a company has demands, a university deliveries, and a funder pledges."""
    own = actor.organisation_id
    if own is None:
        return
    if actor.organisation_kind == "company":
        yield from _in(_waiting_demands(actor, own), DemandState.DRAFT, DemandState.CHANGES_REQUESTED, DemandState.APPROVED,
                       DemandState.EVALUATING, DemandState.AWARDED)  # fmt: skip
        yield from funding.campaigns_to_go_on_with(actor)[:MOST_OF_A_KIND]
        drawn = agreements.agreements_to_go_on_with(actor)
        yield from _in(drawn, AgreementState.NEGOTIATING, AgreementState.PENDING_SIGNATURES, AgreementState.SIGNED)
        yield from _in(agreements.milestones_for(actor), MilestoneState.UNDER_REVIEW)
        yield from _in(agreements.revenue_to_decide(actor), RevenueState.VERIFIED)
        yield from agreements.revenue_to_answer(actor)[:MOST_OF_A_KIND]
    if actor.organisation_kind == "university":
        yield from _in(agreements.agreements_to_go_on_with(actor), AgreementState.PENDING_SIGNATURES)
        yield from _in(agreements.milestones_for(actor), MilestoneState.IN_PROGRESS)
        yield from agreements.revenue_to_audit(actor)[:MOST_OF_A_KIND]
        yield from _in(funding.payouts_without_account(actor), PayoutState.REQUESTED)[:1]
    if actor.organisation_kind == "funder":
        yield from funding.pledges_to_answer(actor)[:MOST_OF_A_KIND]
        yield from _in(agreements.agreements_to_go_on_with(actor), AgreementState.PENDING_SIGNATURES)
        yield from agreements.revenue_to_audit(actor)[:MOST_OF_A_KIND]


def _waiting_demands(actor: Actor, organisation_id: UUID) -> QuerySet[Demand]:
    """The company's own, without those whose bids are still sealed and those whose agreement is under way."""
    drawn = Agreement.objects.filter(demand=OuterRef("pk")).exclude(state=AgreementState.VOID)
    own = demands.demands_for(actor).filter(organisation_id=organisation_id)
    return demands.with_all_bids_open(own).exclude(Exists(drawn), state=DemandState.AWARDED)


def _in(rows: QuerySet[Any], *states: str) -> QuerySet[Any]:
    return rows.filter(state__in=states).order_by("-id")[:MOST_OF_A_KIND]
