"""What an effect or a guard is given."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.common.policy import Policy
from marketplace.workflow.machine import Move
from marketplace.workflow.models import Stateful

M = TypeVar("M", bound=Stateful)


@dataclass(slots=True)
class Context(Generic[M]):
    """One change under way: the object is locked and fresh, the time is the database's.

    `group` is this change's id: the transfer group in the treasury and the ledger intent's id.
    `body` becomes public in the ledger where the object is public, `private` is only committed,
    `emit` goes to the outbox. Set `money` when the effect has transferred anything.
    """

    obj: M
    actor: Actor
    move: Move
    now: datetime
    group: UUID
    source: str
    body: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)
    emit: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    money: bool = False

    @property
    def policy(self) -> Policy:
        """The durations that the object was born with."""
        return Policy.from_json(self.obj.policy)
