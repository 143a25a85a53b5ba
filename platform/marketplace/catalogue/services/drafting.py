"""Write down teams, experts and achievements, and correct them while that is still free."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypedDict, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from marketplace.accounts.models import Organisation, Person
from marketplace.catalogue import permissions
from marketplace.catalogue.models import UNTIL_A_DAY, Achievement, Expert, Team
from marketplace.catalogue.workflow import AchievementState, ExpertState, TeamState
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Conflict, Forbidden, Invalid, MissingScope, NotFound, NotVerified, WrongState
from marketplace.common.text import bi
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import begin, lock_row

S = TypeVar("S", Team, Expert, Achievement)


class TeamFields(TypedDict, total=False):
    ref: str
    name_zh: str
    name_en: str
    principal_investigator: str
    summary_zh: str
    summary_en: str
    capabilities_zh: list[str]
    capabilities_en: list[str]
    region_code: str
    industry_codes: list[str]


class ExpertFields(TypedDict, total=False):
    fields_zh: list[str]
    fields_en: list[str]
    summary_zh: str
    summary_en: str
    region_code: str
    industry_codes: list[str]


class AchievementFields(TypedDict, total=False):
    ref: str
    team_id: UUID | None
    title_zh: str
    title_en: str
    summary_zh: str
    summary_en: str
    keywords_zh: list[str]
    keywords_en: list[str]
    industry_code: str
    region_code: str
    readiness: int | None
    ipr_status: str
    protected_until: date | None
    price_fen: int | None


NO_DAY = ("只有已授权的专利和软件著作权有保护期。", "Only a granted patent or a software copyright is protected until a day.")


class RefTaken(Conflict):
    code = "ref_taken"
    title = bi("本单位已使用此编号，请换一个", "Your organisation uses this reference already: take another")


class ExpertListed(Conflict):
    code = "expert_listed"
    title = bi("此人已在本单位的专家名单中", "This person is on your organisation's register already")


def draft_team(*, actor: Actor, fields: TeamFields) -> Team:
    """A team of the actor's organisation, as a draft that only it sees; the region is the organisation's unless given."""
    home = _home(actor)
    team = Team(organisation=home, **{"region_code": home.region_code, **fields})
    _check(team)
    return _begun(team, actor, RefTaken)


def draft_expert(*, actor: Actor, person_id: UUID, fields: ExpertFields) -> Expert:
    """A member of the actor's organisation as an expert, as a draft. Raises NotFound for someone who is not a member."""
    home = _home(actor)
    with transaction.atomic():
        if not _held_as_member(person_id, home):
            raise NotFound(bi("本单位没有这位成员。", "Your organisation has no such member."))
        expert = Expert(organisation=home, person_id=person_id, **{"region_code": home.region_code, **fields})
        _check(expert)
        return _begun(expert, actor, ExpertListed)


def draft_achievement(*, actor: Actor, fields: AchievementFields) -> Achievement:
    """An achievement of the actor's organisation, as a draft that only it sees. Raises RefTaken."""
    home = _home(actor)
    achievement = Achievement(organisation=home, **{"region_code": home.region_code, **fields})
    _check(achievement)
    return _begun(achievement, actor, RefTaken)


def edit_team(*, actor: Actor, team: Team, fields: TeamFields) -> Team:
    """Change a team; what is public changes for all, which the matcher is told."""
    return _edited(actor, team, dict(fields), (TeamState.DRAFT, TeamState.PUBLISHED), RefTaken)


def edit_expert(*, actor: Actor, expert: Expert, fields: ExpertFields) -> Expert:
    """Change an expert's draft: what a reviewer has checked stays as it was checked."""
    return _edited(actor, expert, dict(fields), (ExpertState.DRAFT,), ExpertListed)


def edit_achievement(*, actor: Actor, achievement: Achievement, fields: AchievementFields) -> Achievement:
    """Change an achievement's draft: what a reviewer has checked stays as it was checked."""
    return _edited(actor, achievement, dict(fields), (AchievementState.DRAFT,), RefTaken)


def _held_as_member(person_id: UUID, home: Organisation) -> bool:
    """Whether somebody belongs to an organisation; whoever would erase them waits, and finds what is begun here to be forgotten."""
    person = Person.objects.select_for_update(no_key=True, of=("self",))
    return person.filter(pk=person_id, erased_at=None, memberships__organisation=home).first() is not None


def _home(actor: Actor) -> Organisation:
    if actor.organisation_id is None or not actor.roles:
        raise Forbidden(bi("请先选择代表哪个单位办理。", "Choose the organisation that you act for first."))
    _may_write(actor)
    return Organisation.objects.get(pk=actor.organisation_id)


def _may_write(actor: Actor) -> None:
    if "write" not in actor.scopes:
        raise MissingScope


def _begun(thing: S, actor: Actor, taken: type[Conflict]) -> S:
    with _said_plainly(taken), transaction.atomic():
        _one_of_its_kind(thing, taken)
        return begin(thing, actor)


@contextmanager
def _said_plainly(taken: type[Conflict]) -> Iterator[None]:
    """Two at the same moment both find a reference free: whoever comes second at the constraint is told so."""
    try:
        yield
    except IntegrityError as race:
        if "once_per_organisation" in str(race):
            raise taken from race
        raise


def _edited(actor: Actor, thing: S, fields: dict[str, Any], states: tuple[str, ...], taken: type[Conflict]) -> S:
    with _said_plainly(taken), transaction.atomic():
        fresh: S = lock_row(thing)
        if not permissions.visible(actor, fresh):
            raise NotFound
        if not permissions.owns(actor, fresh):
            raise Forbidden
        _may_write(actor)
        if fresh.state not in states:
            raise WrongState(bi("当前状态下不能修改。", "It cannot be changed in its present state."), state=fresh.state)
        if fresh.is_public and not actor.verified:
            raise NotVerified
        for name, value in fields.items():
            setattr(fresh, name, value)
        _check(fresh)
        _one_of_its_kind(fresh, taken)
        fresh.updated_at = clock.now()
        fresh.save()
        tell_edited(fresh)
        return fresh


def tell_edited(thing: Stateful) -> None:
    """Say that what is known of a thing has changed, though its state has not."""
    name = thing.machine.name
    outbox.emit(f"{name}.edited", kind=name, object_id=thing.pk, payload={})


def _one_of_its_kind(thing: Team | Expert | Achievement, taken: type[Conflict]) -> None:
    """Ask before the constraint does, so that people get the reason without a failed statement."""
    others = type(thing)._base_manager.filter(organisation_id=thing.organisation_id).exclude(pk=thing.pk)
    if isinstance(thing, Expert):
        live = others.exclude(state__in=[ExpertState.REJECTED, ExpertState.WITHDRAWN])
        found = live.filter(Q(person_id=thing.person_id)).exists()
    else:
        found = bool(thing.ref) and others.filter(Q(ref=thing.ref)).exists()
    if found:
        raise taken


def _check(thing: Team | Expert | Achievement) -> None:
    """Refuse what the database would refuse, with a reason per field."""
    regions.check(thing.region_code)
    if isinstance(thing, Achievement):
        if thing.industry_code:
            industries.check(thing.industry_code)
        if not thing.ref:
            raise _missing("ref", "请填写编号。", "Give it a reference.")
        if thing.protected_until and thing.ipr_status not in UNTIL_A_DAY:
            raise _missing("protected_until", *NO_DAY)
        team = Team.objects.filter(pk=thing.team_id).first() if thing.team_id else None
        if thing.team_id and (team is None or team.organisation_id != thing.organisation_id):
            raise _missing("team", "本单位没有这个团队。", "Your organisation has no such team.")
    else:
        for code in thing.industry_codes:
            industries.check(code)
    name = {Team: "name", Expert: "summary", Achievement: "title"}[type(thing)]
    if not getattr(thing, f"{name}_zh") and not getattr(thing, f"{name}_en"):
        raise _missing(f"{name}_zh", "中文、英文至少填写一项。", "Give it in Chinese or in English.")


def _missing(field: str, zh: str, en: str) -> Invalid:
    text = bi(zh, en)
    return Invalid(text, fields={field: [text]})
