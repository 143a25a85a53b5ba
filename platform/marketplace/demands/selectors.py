"""Every read of demands and bids, already cut down to what the caller may see."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Team
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.prepared import Prepared
from marketplace.common.text import storable
from marketplace.demands.models import Bid, Demand, MatchJudgement
from marketplace.demands.permissions import READING_STAFF
from marketplace.demands.workflow import BidState, DemandState

MOST_OFFERED = 50


def demands_for(actor: Actor) -> QuerySet[Demand]:
    """Published demands, the caller's own, and for staff those of their region."""
    rows = Demand.objects.select_related("organisation", "awarded_bid").defer("search")
    if actor.is_system:
        return rows
    published = Q(opened_at__isnull=False)
    if actor.staff in READING_STAFF:
        prefix = actor.staff_region or ""
        return rows.filter(published | Q(region_code__startswith=prefix))
    if actor.organisation_id:
        return rows.filter(published | Q(organisation_id=actor.organisation_id))
    return rows.filter(published)


def _known_to(demand_id: UUID, organisation_id: UUID | None = None) -> QuerySet[Demand]:
    rows = demands_for(replace(Actor.anonymous(), organisation_id=organisation_id))
    return rows.filter(pk=demand_id).annotate(read_at=clock.Reading())


_known_to_all = Prepared(_known_to, UUID)
_known_to_organisation = Prepared(_known_to, UUID, UUID)


def demand_for(actor: Actor, demand_id: UUID | str) -> Demand:
    """One demand, or NotFound where there is none that the caller may know of; the clock is read with it, where a moment just begins."""
    if not isinstance(demand_id, UUID) or actor.staff or actor.is_system:
        demand = demands_for(actor).filter(pk=demand_id).first()
    elif actor.organisation_id:
        demand = _known_to_organisation.first(demand_id, actor.organisation_id)
    else:
        demand = _known_to_all.first(demand_id)
    if demand is None:
        raise NotFound
    if "read_at" in vars(demand):
        clock.of(vars(demand)["read_at"])
    return demand


def open_demands(now: datetime) -> QuerySet[Demand]:
    """Demands that take bids or claims now."""
    rows = Demand.objects.select_related("organisation").defer("search")
    return rows.filter(state=DemandState.OPEN, deadline__gt=now)


def filtered(
    rows: QuerySet[Demand],
    *,
    q: str = "",
    state: str = "",
    mode: str = "",
    region_code: str = "",
    industry_code: str = "",
    mine: UUID | None = None,
) -> QuerySet[Demand]:
    """Narrow a list by text and codes; a region may be a province prefix such as "12"."""
    if q.strip():
        rows = rows.filter(search__finds=q)
    asked = {"state": state, "mode": mode, "region_code__startswith": region_code, "industry_code": industry_code}
    rows = rows.filter(**{name: storable(value) for name, value in asked.items() if value})
    return rows.filter(organisation_id=mine) if mine else rows


def bids_for(actor: Actor) -> QuerySet[Bid]:
    """The caller's own bids; opened bids on the caller's demands; opened ones for staff."""
    rows = Bid.objects.select_related("demand__organisation", "team", "organisation")
    if actor.is_system:
        return rows
    opened = Q(price_fen__isnull=False) & ~Q(state__in=(BidState.DRAFT, BidState.SEALED))
    if actor.staff in READING_STAFF:
        prefix = actor.staff_region or ""
        return rows.filter(opened, demand__region_code__startswith=prefix)
    if actor.organisation_id is None:
        return rows.none()
    own = Q(organisation_id=actor.organisation_id)
    return rows.filter(own | (opened & Q(demand__organisation_id=actor.organisation_id)))


def with_all_bids_open(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """Without the demands in evaluation whose bids are still being opened."""
    sealed = Bid.objects.filter(demand=OuterRef("pk"), state=BidState.SEALED)
    return rows.exclude(Exists(sealed), state=DemandState.EVALUATING)


def has_sealed_bids(demand: Demand) -> bool:
    """Whether anything is sealed for a demand: for rules only, never shown before opening."""
    return demand.bids.filter(state=BidState.SEALED).exists()


def judgements_for(actor: Actor) -> QuerySet[MatchJudgement]:
    """What the caller's own organisation said of matches; nobody sees another's, whatever their office."""
    rows = MatchJudgement.objects.select_related("demand", "achievement", "team").defer(
        "demand__search", "achievement__search", "team__search"
    )
    return rows.filter(organisation_id=actor.organisation_id) if actor.organisation_id and not actor.staff else rows.none()


def judgement_for(actor: Actor, judgement_id: UUID | str) -> MatchJudgement:
    """One of the caller's own, or NotFound."""
    judgement = judgements_for(actor).filter(pk=judgement_id).first()
    if judgement is None:
        raise NotFound
    return judgement


def own_supply(actor: Actor, named: Mapping[str, UUID | str]) -> dict[str, Achievement | Team]:
    """Published supply of the caller's organisation, by kind and id: what is named first, then the newest of each kind, fifty at most."""
    if actor.organisation_id is None:
        return {}
    own: list[Achievement | Team] = []
    for rows in (catalogue.achievements_for(Actor.anonymous()), catalogue.teams_for(Actor.anonymous())):
        own += rows.filter(organisation_id=actor.organisation_id).order_by("-pk")[:MOST_OFFERED]
    with suppress(NotFound):
        thing = supply_for(actor, named)
        own = [thing, *(one for one in own if one.pk != thing.pk)]
    return {f"{one.machine.name}-{one.pk}": one for one in own if one.is_public and one.organisation_id == actor.organisation_id}


def supply_for(actor: Actor, given: Mapping[str, UUID | str]) -> Achievement | Team:
    """The one achievement or team that is named and that the caller may see, or NotFound."""
    if len(given) != 1:
        raise NotFound
    if "team" in given:
        return catalogue.found(catalogue.teams_for(actor), given["team"])
    return catalogue.found(catalogue.achievements_for(actor), given["achievement"])
