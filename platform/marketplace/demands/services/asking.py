"""Questions and answers on an open demand."""

from marketplace.catalogue.models import Achievement, Team
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.common.text import bi
from marketplace.demands.models import Demand, Question
from marketplace.demands.permissions import demand_roles, demand_writer
from marketplace.demands.workflow import DemandState


def question_ask(*, demand: Demand, actor: Actor, text: str, about: Achievement | Team | None = None) -> Question:
    """Ask the poster in public, without the asker's name; only while the demand is open.

    `about` is published supply of the asker's own (NotFound for any other). It is shown to nobody: by it the two count as
    brought into contact where a mix is learned.
    """
    if actor.organisation_id is None or actor.staff:
        raise Forbidden
    demand_writer(actor)
    if demand.state != DemandState.OPEN:
        raise Conflict(bi("只有揭榜中的需求可以提问。", "Questions are for open demands."))
    if about is not None and not (about.is_public and about.organisation_id == actor.organisation_id):
        raise NotFound
    asked = Question(demand=demand, organisation_id=actor.organisation_id, text=_written(text, "text"), asked_at=clock.now())
    asked.achievement, asked.team = (about, None) if isinstance(about, Achievement) else (None, about)
    asked.save(force_insert=True)
    return asked


def question_answer(*, question: Question, actor: Actor, answer: str) -> Question:
    """Answer once, as the poster; NotFound for anyone else."""
    if "company" not in demand_roles(actor, question.demand):
        raise NotFound
    demand_writer(actor)
    if question.answered_at is not None:
        raise Conflict(bi("此问题已答复。", "This question has been answered."))
    question.answer, question.answered_at = _written(answer, "answer"), clock.now()
    question.save(update_fields=["answer", "answered_at"])
    return question


def _written(text: str, field: str) -> str:
    plain = text.strip()
    if not plain:
        say = bi("请填写内容。", "Write something.")
        raise Invalid(say, fields={field: [say]})
    return plain
