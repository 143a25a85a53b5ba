"""May this actor make this move? Yes, or no with a reason for people."""

from dataclasses import dataclass
from typing import Any

from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError, Forbidden, MissingScope, NotVerified
from marketplace.common.text import bi
from marketplace.workflow.machine import Move
from marketplace.workflow.models import Stateful
from marketplace.workflow.registry import Registered


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, or no with the error that says why."""

    refusal: DomainError | None = None

    def __bool__(self) -> bool:
        return self.refusal is None

    @property
    def reason(self) -> Any:
        return self.refusal.detail if self.refusal else ""


def roles_towards(registered: Registered, actor: Actor, obj: Stateful) -> frozenset[str]:
    """Every role the actor has towards the object: the system's, the office's, the party's."""
    if actor.is_system:
        return frozenset({"system"})
    if actor.staff:
        region = str(getattr(obj, "region_code", "") or "")
        within = not actor.staff_region or region.startswith(actor.staff_region)
        return frozenset({actor.staff}) if within else frozenset()
    return frozenset(registered.roles_of(actor, obj))


def may(registered: Registered, actor: Actor, move: Move, obj: Stateful) -> Answer:
    """Whether the table, the actor's scope and verification allow the move, whatever the state."""
    if not roles_towards(registered, actor, obj) & set(move.roles):
        return Answer(
            Forbidden(
                bi(
                    f"「{move.label}」须由其他角色办理。",
                    f"“{move.label}” is for someone in another role.",
                )
            )
        )
    if move.scope not in actor.scopes:
        return Answer(MissingScope(bi(f"此密钥缺少权限范围 {move.scope}。", f"The key lacks the scope {move.scope}.")))
    party = not actor.is_system and not actor.staff
    if party and move.needs_verified and not actor.verified:
        return Answer(NotVerified())
    return Answer()
