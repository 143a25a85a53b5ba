"""Team and funders audit what is reported: read the evidence, ask, find it right or contest it, within the time for it."""

from datetime import timedelta
from uuid import UUID

from marketplace.agreements import errors
from marketplace.agreements.models import PartyRole, RevenueQuestion, RevenueReport, RevenueReview
from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.demands.services.publishing import required
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform

# What may have been the last word that the audit waited for.
MAY_END_IT = frozenset({"verify", "answer", "settle"})


def in_time(ctx: Context[RevenueReport]) -> None:
    """What a party has to say it says before the audit ends, which it does not while a question waits for its answer."""
    if _time_is_over(ctx) and not _question_waits(ctx.obj):
        raise errors.AuditOver


def not_yet_reviewed(ctx: Context[RevenueReport]) -> None:
    """Each party finds a report right once."""
    in_time(ctx)
    if ctx.obj.reviews.filter(organisation_id=_party(ctx)).exists():
        raise errors.AlreadyReviewed


def verify(ctx: Context[RevenueReport]) -> None:
    """One party finds the report right; when all have, the audit need not go on."""
    RevenueReview.objects.create(report=ctx.obj, organisation_id=_party(ctx), reviewed_at=ctx.now)


def ask(ctx: Context[RevenueReport], *, text: str) -> None:
    """Put a question to the company; one at a time from each party."""
    own = _party(ctx)
    if ctx.obj.questions.filter(organisation_id=own, answered_at=None).exists():
        raise errors.QuestionOpen
    ctx.reason = required(text)
    asked = RevenueQuestion.objects.create(report=ctx.obj, organisation_id=own, text=ctx.reason, asked_at=ctx.now)
    ctx.private["question"] = str(asked.pk)


def answer(ctx: Context[RevenueReport], *, question: UUID, text: str) -> None:
    """Answer one question, once; the audit then lasts at least its whole time again, so that the answer can be weighed."""
    asked = ctx.obj.questions.filter(pk=question, answered_at=None).first()
    if asked is None:
        raise errors.NoSuchQuestion(fields={"question": [errors.NoSuchQuestion.title]})
    ctx.reason = required(text)
    asked.answer, asked.answered_at = ctx.reason, ctx.now
    asked.save(update_fields=["answer", "answered_at"])
    ctx.private["question"] = str(asked.pk)
    _again(ctx)


def contest(ctx: Context[RevenueReport], *, reason: str) -> None:
    """Contest with a reason: nothing is paid in or divided until whoever contests says that it is settled."""
    ctx.reason = required(reason)
    ctx.obj.contested_by_id = _party(ctx)


def is_contester(ctx: Context[RevenueReport]) -> None:
    """Nobody else settles what one party contests."""
    if ctx.actor.organisation_id != ctx.obj.contested_by_id:
        raise errors.NotContester


def settle(ctx: Context[RevenueReport]) -> None:
    """The objection is settled: the report is audited again from here, by whoever has not found it right yet."""
    is_contester(ctx)
    ctx.obj.contested_by = None
    _again(ctx)


def withdraw(ctx: Context[RevenueReport], *, reason: str) -> None:
    """Take the report back, with the reason; the period can then be reported anew."""
    ctx.reason = required(reason)


def audit_is_over(ctx: Context[RevenueReport]) -> None:
    """Either every party has found the report right, or its time has passed; and no question waits for its answer."""
    if (not _time_is_over(ctx) and _missing(ctx.obj)) or _question_waits(ctx.obj):
        raise errors.AuditNotOver


def conclude_if_all_agree(report: RevenueReport) -> RevenueReport:
    """Verify the report at once when nobody's word is missing."""
    if _missing(report):
        return report
    try:
        return perform("conclude", report, Actor.system())
    except (WrongState, errors.AuditNotOver):  # contested meanwhile, or a question still waits
        report.refresh_from_db()
        return report


def _party(ctx: Context[RevenueReport]) -> UUID:
    assert ctx.actor.organisation_id is not None  # only a party has a role towards a report
    return ctx.actor.organisation_id


def _time_is_over(ctx: Context[RevenueReport]) -> bool:
    return ctx.obj.audit_until is not None and ctx.obj.audit_until <= ctx.now


def _question_waits(report: RevenueReport) -> bool:
    return report.questions.filter(answered_at=None).exists()


def _missing(report: RevenueReport) -> bool:
    auditors = report.agreement.parties.filter(role__in=(PartyRole.TEAM, PartyRole.FUNDER))
    return auditors.exclude(organisation_id__in=report.reviews.values("organisation_id")).exists()


def _again(ctx: Context[RevenueReport]) -> None:
    whole = ctx.now + timedelta(seconds=ctx.policy.review_seconds)
    ctx.obj.audit_until = max(whole, ctx.obj.audit_until or whole)
