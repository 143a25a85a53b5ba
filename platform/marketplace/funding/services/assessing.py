"""Answer the suitability questionnaire, and ask whether an institution may pledge."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock, policy
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, MissingScope, NotVerified
from marketplace.common.prepared import Prepared
from marketplace.common.text import bi
from marketplace.funding import errors, suitability
from marketplace.funding.models import Suitability
from marketplace.funding.permissions import MONEY_ROLES

# By the time that the database said: ids follow the clocks of the machines that made them.
_newest = Prepared(lambda organisation: Suitability.objects.filter(organisation_id=organisation).order_by("-answered_at", "-id")[:1], UUID)


def suitability_answer(*, actor: Actor, version: str, answers: Mapping[str, str]) -> Suitability:
    """Keep the answers and what they amount to; valid for the policy's `suitability_days`, the newest counts.

    Raises Forbidden, NotVerified, MissingScope, Invalid for an old version or a question without a valid answer.
    """
    if actor.organisation_id is None or actor.organisation_kind != OrganisationKind.FUNDER or not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("由金融融资机构的管理员或财务填写。", "For the managers and finance people of financial institutions."))
    if not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope
    found = suitability.assess(version, answers)
    now = clock.now()
    kept = {question.key: answers[question.key] for question in suitability.QUESTIONNAIRES[version].questions}
    return Suitability.objects.create(
        organisation_id=actor.organisation_id,
        version=version,
        answers=kept,
        points=found.points,
        suitable=found.suitable,
        answered_at=now,
        answered_by=actor.person_id,
        valid_until=now + timedelta(days=policy.current().suitability_days),
    )


def newest(organisation_id: UUID) -> Suitability | None:
    """The institution's last answer, whatever it amounts to."""
    return _newest.first(organisation_id)


def must_be_suitable(organisation_id: UUID) -> Suitability:
    """The answer on which a pledge rests. Raises NotSuitable, with the way to the questionnaire, where there is none."""
    last = newest(organisation_id)
    if last is not None and last.counts_at(clock.now()):
        return last
    if last is None:
        text = bi("认筹前请先完成适当性问卷。", "Answer the suitability questionnaire before you pledge.")
    elif last.suitable:
        text = bi("适当性问卷已过有效期，请重新填写。", "The suitability answers have run out: answer the questionnaire again.")
    else:
        text = bi(
            "适当性评估未通过，暂不能认筹；情况变化后可重新填写。",
            "The assessment does not allow pledging; answer again when things change.",
        )
    raise errors.NotSuitable(text, href="/suitability/")


def is_suitable(organisation_id: UUID | None) -> bool:
    """Whether the institution may pledge now as far as suitability goes."""
    last = newest(organisation_id) if organisation_id else None
    return last is not None and last.counts_at(clock.now())
