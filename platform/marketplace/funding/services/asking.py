"""Questions of invited funders about a campaign, and the company's answers, for all who may see it."""

from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock, hashing, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, NotFound
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.funding import errors, promises
from marketplace.funding.models import ENDED, LONGEST_ANSWER, LONGEST_QUESTION, Campaign, CampaignQuestion
from marketplace.funding.permissions import campaign_roles, campaign_visible, is_invited
from marketplace.funding.services.posting import may_write
from marketplace.workflow.performing import lock_row


def question_ask(*, campaign: Campaign, actor: Actor, text: str, id: UUID | None = None) -> CampaignQuestion:
    """Ask the company, as an invited and verified institution, from the opening until the campaign has ended; one question at a time.

    Everybody who sees the campaign reads the question; nobody is told who asked. The same `id` with the same text is the same question.
    Raises NotFound, NotInvited, NotVerified, MissingScope, QuestionsClosed, QuestionWaits, Invalid, KeyReused.
    """
    if not campaign_visible(actor, campaign):
        raise NotFound
    if actor.organisation_id is None or actor.organisation_kind != OrganisationKind.FUNDER or not is_invited(actor, campaign):
        raise errors.NotInvited(bi("仅限受邀的已核验金融机构提问。", "Questions are for invited and verified financial institutions."))
    may_write(actor)
    written = _written(text, "text", LONGEST_QUESTION)
    with transaction.atomic():
        # Two sendings of one form, and the campaign's end, wait for each other here.
        fresh: Campaign = lock_row(campaign)
        if id is not None and (earlier := CampaignQuestion.objects.filter(pk=id).first()):
            if (earlier.campaign_id, earlier.organisation_id, earlier.text) != (fresh.pk, actor.organisation_id, written):
                raise KeyReused
            return earlier
        if fresh.opened_at is None or fresh.state in ENDED:
            raise errors.QuestionsClosed
        if fresh.questions.filter(organisation_id=actor.organisation_id, answered_at=None).exists():
            raise errors.QuestionWaits
        asked = CampaignQuestion.objects.create(
            pk=id or uuid7(),
            campaign=fresh,
            organisation_id=actor.organisation_id,
            text=written,
            asked_at=clock.now(),
            asked_by=actor.person_id,
        )
        outbox.emit("campaign.asked", kind="campaign_question", object_id=asked.pk, payload={"campaign": str(campaign.pk)})
    return asked


def question_answer(*, question: CampaignQuestion, actor: Actor, answer: str) -> CampaignQuestion:
    """Answer once, as the company; the ledger commits to the hashes of question and answer.

    Raises NotFound, Forbidden, NotVerified, MissingScope, AnsweredAlready, Invalid (also PromisesReturn).
    """
    if not campaign_visible(actor, question.campaign):
        raise NotFound
    if "company" not in campaign_roles(actor, question.campaign):
        raise Forbidden(bi("由需求方答复。", "The campaign's own company answers."))
    may_write(actor)
    written = _written(answer, "answer", LONGEST_ANSWER)
    promises.check({"answer": written})
    with transaction.atomic():
        fresh: CampaignQuestion = lock_row(question)
        _must_be_open(fresh)
        fresh.answer, fresh.answered_at, fresh.answered_by = written, clock.now(), actor.person_id
        fresh.save(update_fields=["answer", "answered_at", "answered_by"])
        ledger.record(
            id=uuid7(),
            type="campaign.answered",
            subject=ledger.Subject(kind="campaign", id=fresh.campaign_id, public=False),
            actor=actor.ledger_id,
            at=fresh.answered_at,
            body={},
            private={
                "question": str(fresh.pk),
                "question_sha256": hashing.sha256_of_text(fresh.text),
                "answer_sha256": hashing.sha256_of_text(written),
            },
        )
        outbox.emit("campaign.answered", kind="campaign_question", object_id=fresh.pk, payload={"campaign": str(fresh.campaign_id)})
    return fresh


def _must_be_open(question: CampaignQuestion) -> None:
    if question.answered_at is not None:
        raise errors.AnsweredAlready


def _written(text: str, field: str, longest: int) -> str:
    plain = text.strip()
    if not plain:
        told = bi("请填写内容。", "Write something.")
        raise Invalid(told, fields={field: [told]})
    if len(plain) > longest:
        told = bi(f"最多 {longest} 字。", f"At most {longest} characters.")
        raise Invalid(told, fields={field: [told]})
    return plain
