"""News of a campaign for those who may see it, never changed once posted."""

from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock, hashing, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.funding import errors, promises
from marketplace.funding.models import LONGEST_UPDATE, Campaign, CampaignUpdate
from marketplace.funding.permissions import campaign_roles, campaign_visible
from marketplace.workflow.performing import lock_row


def update_post(
    *, campaign: Campaign, actor: Actor, text_zh: str = "", text_en: str = "", corrects: UUID | None = None, id: UUID | None = None
) -> CampaignUpdate:
    """Post news as the campaign's company, from its opening on and after its end too; the ledger commits to the text's hash.

    `corrects` names an earlier update of the same campaign; the same `id` with the same content is the same update.
    Raises NotFound, Forbidden, NotVerified, MissingScope, NotOpenedYet, Invalid (also PromisesReturn), KeyReused.
    """
    if not campaign_visible(actor, campaign):
        raise NotFound
    if "company" not in campaign_roles(actor, campaign):
        raise Forbidden(bi("由需求方发布项目动态。", "The campaign's own company posts its updates."))
    may_write(actor)
    texts = {"text_zh": text_zh.strip(), "text_en": text_en.strip()}
    _must_be_writing(texts)
    with transaction.atomic():
        # Two sendings of one form wait for each other here.
        fresh: Campaign = lock_row(campaign)
        if fresh.opened_at is None:
            raise errors.NotOpenedYet
        if corrects is not None and not fresh.updates.filter(pk=corrects).exists():
            told = bi("此项目没有这条动态。", "The campaign has no such update.")
            raise Invalid(told, fields={"corrects": [told]})
        if id is not None and (earlier := CampaignUpdate.objects.filter(pk=id).first()):
            if (earlier.campaign_id, earlier.text_zh, earlier.text_en, earlier.corrects_id) != (fresh.pk, *texts.values(), corrects):
                raise KeyReused
            return earlier
        now = clock.now()
        posted = CampaignUpdate.objects.create(
            pk=id or uuid7(), campaign=fresh, corrects_id=corrects, **texts, posted_at=now, posted_by=actor.person_id
        )
        ledger.record(
            id=uuid7(),
            type="campaign.updated",
            subject=ledger.Subject(kind="campaign", id=fresh.pk, public=False),
            actor=actor.ledger_id,
            at=now,
            body={},
            private={"update": str(posted.pk), "text_sha256": hashing.sha256_of(texts), "corrects": str(corrects or "")},
        )
        outbox.emit("campaign.updated", kind="campaign_update", object_id=posted.pk, payload={"campaign": str(fresh.pk)})
    return posted


def may_write(actor: Actor) -> None:
    """Whoever writes is of a verified organisation and has the scope for it. Raises NotVerified, MissingScope."""
    if not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope


def _must_be_writing(texts: dict[str, str]) -> None:
    if not any(texts.values()):
        told = bi("请填写内容（中文或英文）。", "Write something, in Chinese or in English.")
        raise Invalid(told, fields={"text_zh": [told]})
    too_long = bi(f"最多 {LONGEST_UPDATE} 字。", f"At most {LONGEST_UPDATE} characters.")
    if faults := {name: [too_long] for name, text in texts.items() if len(text) > LONGEST_UPDATE}:
        raise Invalid(too_long, fields=faults)
    promises.check(texts)
