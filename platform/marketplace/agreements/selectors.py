"""Every read of agreements, already cut down to what the caller may see."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from marketplace.agreements.models import Agreement, Milestone, Party, PartyKey, RevenueReport
from marketplace.agreements.permissions import READING_STAFF
from marketplace.agreements.workflow import AgreementState
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound


def agreements_for(actor: Actor) -> QuerySet[Agreement]:
    """The caller's own agreements; for reading staff those of their region."""
    rows = Agreement.objects.select_related("demand", "bid", "company", "university", "campaign")
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


def revenue_to_decide(actor: Actor) -> QuerySet[RevenueReport]:
    """The same without what was distributed, which nobody decides about any more."""
    return revenue_for(actor).prefetch_related(None).prefetch_related(*_known_by(actor, "agreement__"))


def keys_for(actor: Actor) -> QuerySet[PartyKey]:
    """The signing keys of the caller's organisation."""
    if actor.organisation_id is None:
        return PartyKey.objects.none()
    return PartyKey.objects.filter(organisation_id=actor.organisation_id).order_by("-id")


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
