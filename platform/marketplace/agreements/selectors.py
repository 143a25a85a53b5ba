"""Every read of agreements, already cut down to what the caller may see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from marketplace.accounts.models import Organisation
from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.accounts.workflow import OrganisationState
from marketplace.agreements.models import Agreement, Distribution, Milestone, Party, PartyKey, RevenueQuestion, RevenueReport, RevenueReview
from marketplace.agreements.permissions import READING_STAFF, line_visible
from marketplace.agreements.workflow import REVENUE, AgreementState, RevenueState
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.workflow.models import Change


@dataclass(frozen=True, slots=True)
class Objection:
    """What one party said against a report: contested (`contest`) by an auditor, or taken back (`withdraw`) by the company."""

    action: str
    organisation: Organisation
    reason: str
    at: datetime


def agreements_for(actor: Actor) -> QuerySet[Agreement]:
    """The caller's own agreements; for reading staff those of their region."""
    rows = Agreement.objects.select_related("demand", "bid", "company", "university", "campaign", "region_body")
    if actor.is_system:
        return rows
    return rows.filter(_seen_by(actor))


def agreement_for(actor: Actor, agreement_id: UUID | str) -> Agreement:
    """One agreement with its parties, or NotFound where there is none that the caller may know of."""
    parties = Prefetch("parties", Party.objects.select_related("organisation", "key"))
    found = agreements_for(actor).prefetch_related(parties).filter(pk=agreement_id).first()
    if found is None:
        raise NotFound
    return found


def agreements_to_go_on_with(actor: Actor) -> QuerySet[Agreement]:
    """The caller's own agreements, without those that wait only for the signatures of others."""
    if actor.organisation_id is None:
        return Agreement.objects.none()
    signed = Party.objects.filter(agreement=OuterRef("pk"), organisation_id=actor.organisation_id).exclude(signature="")
    return agreements_for(actor).prefetch_related(*_known_by(actor)).exclude(Exists(signed), state=AgreementState.PENDING_SIGNATURES)


def milestones_for(actor: Actor) -> QuerySet[Milestone]:
    """Milestones of the agreements that the caller may see."""
    rows = Milestone.objects.select_related("agreement__demand", "agreement__campaign", "deliverable")
    return rows.filter(_seen_by(actor, "agreement__"))


def revenue_for(actor: Actor) -> QuerySet[RevenueReport]:
    """Revenue reports of the agreements that the caller may see."""
    rows = RevenueReport.objects.select_related("agreement__demand", "agreement__campaign", "evidence")
    return rows.filter(_seen_by(actor, "agreement__")).prefetch_related("distributions")


def revenue_one(actor: Actor, report_id: UUID | str) -> RevenueReport:
    """One report, or NotFound where there is none that the caller may know of."""
    found = revenue_for(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def revenue_to_audit(actor: Actor) -> QuerySet[RevenueReport]:
    """Reports that the caller's organisation has not found right yet, and those that it contests itself."""
    if actor.organisation_id is None:
        return RevenueReport.objects.none()
    own = RevenueReview.objects.filter(report=OuterRef("pk"), organisation_id=actor.organisation_id)
    waiting = Q(state=RevenueState.REPORTED) & ~Exists(own)
    own_contest = Q(state=RevenueState.CONTESTED, contested_by_id=actor.organisation_id)
    return revenue_to_decide(actor).filter(waiting | own_contest).order_by("-id")


def revenue_to_answer(actor: Actor) -> QuerySet[RevenueReport]:
    """The company's reports with a question that waits for its answer."""
    waiting = RevenueQuestion.objects.filter(report=OuterRef("pk"), answered_at=None)
    under_audit = (RevenueState.REPORTED, RevenueState.CONTESTED)
    return revenue_to_decide(actor).filter(Exists(waiting), state__in=under_audit).order_by("-id")


def objections(report: RevenueReport) -> list[Objection]:
    """Why it was contested, each time, and why it was withdrawn, oldest first."""
    said = Change.objects.filter(machine=REVENUE.name, object_id=report.pk, action__in=("contest", "withdraw")).order_by("at", "id")
    rows = list(said)
    who = Organisation.objects.in_bulk({row.organisation_id for row in rows})
    return [Objection(row.action, who[row.organisation_id], row.reason, row.at) for row in rows if row.organisation_id in who]


def lines_for(actor: Actor, agreement: Agreement) -> list[Distribution]:
    """Every line of the agreement's reports that the caller may see, oldest report first."""
    rows = Distribution.objects.filter(report__agreement=agreement).select_related("report", "organisation")
    return [line for line in rows.order_by("report__period_from", "report_id", "number") if line_visible(actor, line)]


def revenue_to_decide(actor: Actor) -> QuerySet[RevenueReport]:
    """The reports that the caller may see, without the lines of those divided: whoever decides does not need them."""
    return revenue_for(actor).prefetch_related(None).prefetch_related(*_known_by(actor, "agreement__"))


def regional_bodies() -> QuerySet[Organisation]:
    """The organisations that may receive a region's share: verified service providers."""
    return Organisation.objects.filter(kind=OrganisationKind.SERVICE, state=OrganisationState.VERIFIED).order_by("name_zh", "name_en")


def keys_for(actor: Actor) -> QuerySet[PartyKey]:
    """The signing keys of the caller's organisation, the last one added first."""
    if actor.organisation_id is None:
        return PartyKey.objects.none()
    return PartyKey.objects.filter(organisation_id=actor.organisation_id).order_by("-added_at", "-id")


def _known_by(actor: Actor, prefix: str = "") -> list[str]:
    """What shows the caller's role in an agreement: the agreement itself names all but the funders."""
    return [f"{prefix}parties"] if actor.organisation_kind == "funder" else []


def _seen_by(actor: Actor, prefix: str = "") -> Q:
    """Parties by membership; a subquery rather than a join, so that no row appears twice."""
    if actor.staff in READING_STAFF:
        region = actor.staff_region or ""
        return Q(**{f"{prefix}demand__region_code__startswith": region})
    if actor.organisation_id is None:
        return Q(pk__in=[])
    own = Agreement.objects.filter(parties__organisation_id=actor.organisation_id)
    return Q(**{f"{prefix}pk__in": own.values("pk")})
