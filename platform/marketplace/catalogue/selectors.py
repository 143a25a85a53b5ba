"""Every read of supply, already cut down to what the caller may see."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet

from marketplace.catalogue.models import Achievement, Expert, ImportFault, ImportRun, Team
from marketplace.catalogue.workflow import AchievementState, ExpertState, TeamState
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound

S = TypeVar("S", bound=Achievement | Team | Expert)
R = TypeVar("R", bound=Model)


def achievements_for(actor: Actor) -> QuerySet[Achievement]:
    """Published achievements, the actor's own, and for staff every one."""
    rows = Achievement.objects.select_related("organisation", "team").defer("search", "team__search")
    return _seen(rows, actor, AchievementState.PUBLISHED)


def teams_for(actor: Actor) -> QuerySet[Team]:
    """Published teams, the actor's own, and for staff every one."""
    return _seen(Team.objects.select_related("organisation").defer("search"), actor, TeamState.PUBLISHED)


def teams_to_bid_with(actor: Actor) -> QuerySet[Team]:
    """The published teams of the actor's organisation, the oldest first."""
    if actor.organisation_id is None:
        return Team.objects.none()
    return Team.objects.filter(organisation_id=actor.organisation_id, state=TeamState.PUBLISHED).order_by("id")


def experts_for(actor: Actor) -> QuerySet[Expert]:
    """Listed experts, the actor's own, and for staff every one."""
    return _seen(Expert.objects.select_related("organisation", "person").defer("search"), actor, ExpertState.PUBLISHED)


def experts_to_verify(actor: Actor) -> QuerySet[Expert]:
    """Those waiting for a reviewer, within the office's region."""
    rows = Expert.objects.select_related("organisation", "person").defer("search")
    return rows.filter(state=ExpertState.SUBMITTED, region_code__startswith=actor.staff_region or "")


def achievements_to_verify(actor: Actor) -> QuerySet[Achievement]:
    """Those waiting for a reviewer, within the office's region."""
    rows = Achievement.objects.select_related("organisation").defer("search")
    return rows.filter(state=AchievementState.SUBMITTED, region_code__startswith=actor.staff_region or "")


def is_listed_expert(person_id: UUID) -> bool:
    """Whether a reviewer has verified this person as an expert of some organisation, and they are on the register now."""
    return Expert.objects.filter(person_id=person_id, state=ExpertState.PUBLISHED).exists()


def imports_for(actor: Actor) -> QuerySet[ImportRun]:
    """The imports of the actor's organisation; for reviewing and auditing staff those of their region."""
    rows = ImportRun.objects.select_related("file")
    if actor.is_system:
        return rows
    if actor.staff:
        reads = actor.staff in {"reviewer", "admin", "auditor"}
        return rows.filter(organisation__region_code__startswith=actor.staff_region or "") if reads else rows.none()
    return rows.filter(organisation_id=actor.organisation_id) if actor.organisation_id else rows.none()


def faults_of(run: ImportRun) -> QuerySet[ImportFault]:
    """What was wrong with the rows of a run that the caller may see, in the order of the file."""
    return run.faults.order_by("line")


def found(rows: QuerySet[R], pk: UUID | str) -> R:
    """One of the rows that the caller may see; NotFound alike for what is hidden and what is not."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def filtered(
    rows: QuerySet[S],
    *,
    q: str = "",
    region_codes: Sequence[str] = (),
    industry_codes: Sequence[str] = (),
    organisation_id: UUID | None = None,
) -> QuerySet[S]:
    """Narrow a list: any of the regions (a prefix such as "12" is a province), any of the industries, all of the words."""
    if words := q.replace("\0", " ").strip():
        rows = rows.filter(_worded(rows.model, words))
    if region_codes:
        rows = rows.filter(_any_of(Q(region_code__startswith=code) for code in region_codes))
    if industry_codes:
        column = "industry_code__in" if issubclass(rows.model, Achievement) else "industry_codes__overlap"
        rows = rows.filter(Q((column, list(industry_codes))))
    return rows.filter(organisation_id=organisation_id) if organisation_id else rows


def commonest_industries(rows: QuerySet[Achievement], *, most: int = 10) -> list[tuple[str, int]]:
    """The industries that most of the rows belong to, with how many of them do."""
    counted = rows.exclude(industry_code="").order_by().values_list("industry_code").annotate(number=Count("pk"))
    return list(counted.order_by("-number", "industry_code")[:most])


def _seen(rows: QuerySet[S], actor: Actor, public: str) -> QuerySet[S]:
    if actor.staff or actor.is_system:
        return rows
    if actor.organisation_id:
        return rows.filter(Q(state=public) | Q(organisation_id=actor.organisation_id))
    return rows.filter(state=public)


def _worded(model: type, q: str) -> Q:
    """All of the words; an expert is found by name as well, which stays with the person."""
    words = Q(search__finds=q)
    return words | Q(person__name__icontains=q) if issubclass(model, Expert) else words


def _any_of(conditions: Iterable[Q]) -> Q:
    either = Q()
    for condition in conditions:
        either |= condition
    return either
