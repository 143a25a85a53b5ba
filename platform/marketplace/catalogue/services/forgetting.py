"""What the register of experts says of a person is forgotten with the person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.catalogue.models import Expert
from marketplace.catalogue.services.indexing import forget_experts
from marketplace.catalogue.workflow import ExpertState
from marketplace.common.actor import Actor
from marketplace.workflow.performing import lock_row, perform

ENDED = (ExpertState.REJECTED, ExpertState.WITHDRAWN)
# A row without any summary is refused by the database.
EMPTIED: dict[str, Any] = {
    "fields_zh": [],
    "fields_en": [],
    "summary_zh": "已随本人注销删除。",
    "summary_en": "Erased with the person's account.",
}


def own_expertise(person_id: UUID, at: datetime) -> None:
    """Take a person off every register, empty what was said of them there, and let no ranking find them from this transaction on.

    The rows keep the person's id and the organisation, beside which no name or address stands.
    """
    own = [_off_the_register(expert) for expert in Expert.objects.filter(person_id=person_id).order_by("pk")]
    for expert in own:
        for name, value in EMPTIED.items():
            setattr(expert, name, value)
        expert.updated_at = at
        expert.save()  # what searches look into is made anew by it
    forget_experts(expert.pk for expert in own)


def _off_the_register(expert: Expert) -> Expert:
    """Return the expert as withdrawn, or as the register had ended it, even a moment ago: the state is read under the lock."""
    locked = lock_row(expert)
    return locked if locked.state in ENDED else perform("forget", locked, Actor.system())
