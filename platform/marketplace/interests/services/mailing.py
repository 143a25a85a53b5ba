"""A digest as a letter in its reader's language, which anybody may stop without signing in (RFC 2369, RFC 8058)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import override

from marketplace.accounts.workflow import OrganisationState
from marketplace.catalogue.models import Expert
from marketplace.common import clock, outbox
from marketplace.common.models import OutboxEvent
from marketplace.common.text import pick
from marketplace.demands.services import corpora
from marketplace.demands.services.corpora import Thing
from marketplace.interests.models import Digest, DigestItem, Interest
from marketplace.interests.services import digesting, unsubscribing
from marketplace.web.navigation import localised


def register() -> None:
    """Follow the digests that were made (called once, at start)."""
    outbox.consumer(digesting.TOPIC, "interests.mail")(send)


def send(event: OutboxEvent) -> None:
    """Send the digest's letter, unless its person left, unsubscribed or deleted the interest, or nothing in it is public and in force now.

    None goes to an organisation that is not verified any more. In the quiet hours it is left for their end, and while the interest is
    paused for its being resumed. The outbox calls once; only a kill between the mail server's answer and the commit makes a second copy,
    which bears the same Message-ID.
    """
    rows = Digest.objects.select_related("membership__person", "interest").filter(mailed_at=None, interest__by_mail=True)
    digest = rows.filter(pk=event.object_id, membership__organisation__state=OrganisationState.VERIFIED).first()
    if digest is None or digest.interest is None:
        return
    now = clock.now()
    if digest.interest.is_paused or digest.interest.schedule.is_quiet(now):
        digest.letter_at = digest.interest.schedule.after_quiet(now)
        digest.save(update_fields=["letter_at"])
        return
    with override(digest.membership.person.language):
        letter = letter_of(digest, digest.interest)
    if letter is None:
        return
    letter.send()
    digest.mailed_at = clock.now()
    digest.save(update_fields=["mailed_at"])


@transaction.atomic
def hand_in_waiting(*, most: int = digesting.BATCH) -> int:
    """Give the outbox the letters whose quiet hours are over, the longest waiting first; returns how many. A second run finds none.

    Those of a paused interest wait on.
    """
    waiting = Digest.objects.select_for_update(skip_locked=True, of=("self",)).filter(letter_at__lte=clock.now(), interest__paused_at=None)
    ids = list(waiting.order_by("letter_at", "pk").values_list("pk", flat=True)[:most])
    Digest.objects.filter(pk__in=ids).update(letter_at=None)
    outbox.emit_many(digesting.TOPIC, kind="digest", payloads={pk: {} for pk in ids})
    return len(ids)


def letter_of(digest: Digest, interest: Interest) -> EmailMessage | None:
    """The letter in the language that is set, None where nothing is left to tell."""
    told = _to_tell(digest)
    if not told:
        return None
    stop = _address(unsubscribing.path_of(interest))
    parts = [pick(f"「{digest.name}」的新内容：", f"New for “{digest.name}”:")]
    for number, (item, thing) in enumerate(told, start=1):
        words = pick("、", ", ").join(item.words)
        shared = pick(f"\n   相同用词：{words}", f"\n   Shared words: {words}") if words else ""
        parts.append(f"{number}. {_named(thing)}{shared}\n   {_address(f'/{digest.kind}s/{item.object_id}/')}")
    here = _address(f"/interests/{interest.pk}/")
    parts.append(
        pick(
            f"调整或暂停：{here}\n退订邮件（无须登录）：{stop}",
            f"Change or pause it: {here}\nStop these letters, without signing in: {stop}",
        )
    )
    subject = pick(f"{digest.name}：{len(told)} 项新内容", f"{digest.name}: {len(told)} new")
    headers = {
        "Message-ID": f"<digest-{digest.pk}@{urlsplit(settings.SITE_URL).hostname}>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    receiver = digest.membership.person.email
    return EmailMessage(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}", "\n\n".join(parts) + "\n", None, [receiver], headers=headers)


def _to_tell(digest: Digest) -> list[tuple[DigestItem, Thing]]:
    """The things of a digest in their order, but for what was withdrawn, closed or lapsed since: a letter may have waited for a night."""
    items = list(digest.items.order_by("rank"))
    rows = corpora.public(digest.kind).exclude(corpora.lapsed(digest.kind, clock.now()))
    things = {row.pk: row for row in rows.filter(pk__in=[item.object_id for item in items])}
    return [(item, things[item.object_id]) for item in items if item.object_id in things]


def _named(thing: Thing) -> str:
    """A thing's title; an expert by organisation and fields, since nobody can take a name out of a letter that was sent."""
    if not isinstance(thing, Expert):
        return corpora.title_of(thing)
    known = pick("、", ", ").join(thing.fields)
    return pick(f"{thing.organisation.name}的专家", f"An expert of {thing.organisation.name}") + (pick("：", ": ") + known if known else "")


def _address(path: str) -> str:
    return f"{settings.SITE_URL}{localised(path)}"
