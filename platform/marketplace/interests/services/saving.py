"""Save a search, change it, pause it, delete it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Membership
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Forbidden, Invalid, LimitReached, MissingScope, NotFound, NotVerified
from marketplace.common.text import bi
from marketplace.interests.models import WITH_READINESS, Interest, InterestKind

MOST = 20
FIELDS = frozenset(
    {
        "name", "kind", "text", "region_codes", "industry_codes", "readiness",
        "frequency", "weekday", "hour", "quiet_from", "quiet_until", "by_mail",
    }
)  # fmt: skip


class TooManyInterests(LimitReached):
    code = "too_many_interests"
    title = bi(f"最多保存 {MOST} 个关注：请先删除不再需要的", f"At most {MOST} searches are saved: delete one that is no longer needed")


def require_member(actor: Actor) -> tuple[UUID, UUID]:
    """The person and the organisation they act for; refused where it is not verified, or by a key that may only read."""
    if actor.organisation_id is None or actor.person_id is None:
        raise Forbidden(bi("请先选择代表哪个单位办理。", "Choose the organisation that you act for first."))
    if not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope
    return actor.person_id, actor.organisation_id


def interest_save(*, actor: Actor, fields: Mapping[str, Any]) -> Interest:
    """Save a search for the acting person; its first digest is due at the next time of its schedule.

    Raises Forbidden, NotVerified, MissingScope, TooManyInterests, Invalid for unknown codes, a search for nothing or an
    hour that is a quiet one.
    """
    person_id, organisation_id = require_member(actor)
    now = clock.now()
    with transaction.atomic():
        # The lock makes the count hold: two saves at once cannot both be the last one allowed.
        home = Membership.objects.select_for_update(no_key=True).filter(person_id=person_id, organisation_id=organisation_id)
        membership = home.first()
        if membership is None:
            raise Forbidden
        if membership.interests.count() >= MOST:
            raise TooManyInterests
        interest = Interest(membership=membership, created_at=now)
        _write(interest, fields)
        interest.next_at = interest.schedule.next_after(now)
        interest.save(force_insert=True)
    return interest


def interest_change(*, interest: Interest, actor: Actor, fields: Mapping[str, Any]) -> Interest:
    """Change what is looked for or when; the next digest is due at the next time of the schedule as it is then."""
    now = clock.now()
    with transaction.atomic():
        fresh = _locked(interest, actor)
        _write(fresh, fields)
        fresh.next_at = fresh.schedule.next_after(now)
        fresh.save()
    return fresh


def interest_pause(*, interest: Interest, actor: Actor, paused: bool) -> Interest:
    """Make no digests until it is resumed; what came meanwhile is found then."""
    now = clock.now()
    with transaction.atomic():
        fresh = _locked(interest, actor)
        if paused != fresh.is_paused:
            fresh.paused_at = now if paused else None
            fresh.next_at = fresh.schedule.next_after(now)
            fresh.save(update_fields=["paused_at", "next_at"])
    return fresh


def interest_delete(*, interest: Interest, actor: Actor) -> None:
    """Delete it; its digests stay with the person, so that nothing is sent again."""
    with transaction.atomic():
        _locked(interest, actor).delete()


def _locked(interest: Interest, actor: Actor) -> Interest:
    fresh = Interest.objects.select_for_update(of=("self",)).select_related("membership").filter(pk=interest.pk).first()
    if fresh is None or (fresh.membership.person_id, fresh.membership.organisation_id) != (actor.person_id, actor.organisation_id):
        raise NotFound
    require_member(actor)
    return fresh


def _write(interest: Interest, fields: Mapping[str, Any]) -> None:
    for name in FIELDS & fields.keys():
        setattr(interest, name, fields[name])
    # One line each: a name stands in the subject of a letter.
    interest.name, interest.text = " ".join(interest.name.split()), " ".join(interest.text.split())
    interest.region_codes = list(dict.fromkeys(interest.region_codes))
    interest.industry_codes = list(dict.fromkeys(interest.industry_codes))
    for code in interest.region_codes:
        if code not in regions.PROVINCES:
            regions.check(code)
    for code in interest.industry_codes:
        industries.check(code)
    if not (interest.text or interest.region_codes or interest.industry_codes or interest.readiness):
        raise _refused(
            "text", "请填写主题，或选择地区、行业、就绪度中的至少一项。", "Give a topic, or choose a region, an industry or a readiness."
        )
    if interest.readiness and interest.kind not in WITH_READINESS:
        raise _refused("readiness", "团队和专家没有技术就绪度。", "Teams and experts have no readiness.")
    if interest.schedule.is_quiet_at(interest.hour):
        raise _refused("hour", "推送时间在免打扰时段内，请调整其一。", "The hour of the digest is a quiet one: change either.")
    interest.name = interest.name or interest.text[:60] or str(InterestKind(interest.kind).label)


def _refused(field: str, zh: str, en: str) -> Invalid:
    say = bi(zh, en)
    return Invalid(say, fields={field: [say]})
