"""Make the digests whose time has come, each in one transaction of its own: killed at any moment, the next run goes on behind the last."""

from uuid import UUID

import structlog
from django.db import transaction

from marketplace.catalogue.models import Expert
from marketplace.catalogue.workflow import ExpertState
from marketplace.common import clock, outbox
from marketplace.interests.models import Digest, DigestItem, Interest
from marketplace.interests.services import finding
from marketplace.interests.services.finding import Find
from marketplace.notices.services import telling

log = structlog.get_logger(__name__)

TOPIC = "digest.made"
BATCH = 200


def make_due(*, most: int = BATCH) -> int:
    """Make every digest that is due, the longest waiting first; returns how many had something in them.

    One that fails is told in the log and tried again at the next run, and keeps none of the others waiting.
    """
    due = Interest.objects.filter(paused_at=None, next_at__lte=clock.now()).order_by("next_at", "pk")
    made = 0
    for pk in list(due.values_list("pk", flat=True)[:most]):
        try:
            made += make(pk) is not None
        except Exception:  # whatever is wrong with one, or with the matcher's files, must not keep the others waiting
            log.exception("digest_failed", interest=str(pk))
    return made


@transaction.atomic
def make(interest_id: UUID) -> Digest | None:
    """Make one interest's digest if it is due, and set its next time; None where nothing new is to be told.

    Things, notice, the word to send the mail and the next time are one commit. In the quiet hours it waits for their end.
    """
    interest = _locked(interest_id)
    now = clock.now()
    if interest is None or interest.is_paused or interest.next_at > now:
        return None
    schedule, due_at = interest.schedule, interest.next_at
    quiet = schedule.is_quiet(now)
    interest.next_at = schedule.after_quiet(now) if quiet else schedule.next_after(now)
    interest.save(update_fields=["next_at"])
    if quiet or not interest.membership.organisation.is_verified:
        return None
    found = _still_there(finding.best(interest))
    if not found:
        return None
    digest = Digest.objects.create(
        membership=interest.membership, interest=interest, name=interest.name, kind=interest.kind, due_at=due_at, made_at=now
    )
    DigestItem.objects.bulk_create(
        DigestItem(
            digest=digest, membership=interest.membership, object_id=find.thing.pk, rank=place, score=find.score, words=list(find.words)
        )
        for place, find in enumerate(found, start=1)
    )
    telling.member_told(
        member=interest.membership,
        event_id=digest.pk,
        topic=TOPIC,
        kind="digest",
        object_id=digest.pk,
        zh=f"您关注的「{interest.name}」有 {len(found)} 项新内容",
        en=f"New for “{interest.name}”: {len(found)}",
        path=f"/interests/digests/{digest.pk}/",
    )
    if interest.by_mail:
        outbox.emit(TOPIC, kind="digest", object_id=digest.pk, payload={})
    return digest


def _still_there(found: list[Find]) -> list[Find]:
    """Without the experts who left the register meanwhile; whoever would erase another waits, and forgets what is told of them here."""
    people = [find.thing.pk for find in found if isinstance(find.thing, Expert)]
    if not people:
        return found
    rows = Expert.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=people, state=ExpertState.PUBLISHED)
    listed = set(rows.order_by("pk").values_list("pk", flat=True))
    return [find for find in found if find.thing.pk in listed]


def _locked(interest_id: UUID) -> Interest | None:
    """The interest, with all of its person's locked: two of them made at once could hold the same thing."""
    home = Interest.objects.filter(pk=interest_id).values("membership_id")
    rows = Interest.objects.select_for_update(of=("self",)).select_related("membership__organisation", "membership__person")
    return next((row for row in rows.filter(membership_id__in=home).order_by("pk") if row.pk == interest_id), None)
