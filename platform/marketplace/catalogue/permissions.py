"""Who is what to a thing of the catalogue, and who may know of it."""

from collections.abc import Iterable
from typing import Any

from marketplace.catalogue.workflow import AchievementState, ExpertState, TeamState
from marketplace.common.actor import Actor

# Once these are reached the public has seen the thing, and the public ledger may go on naming it.
SEEN_BY_THE_PUBLIC = frozenset(
    {
        TeamState.PUBLISHED,
        TeamState.SUSPENDED,
        TeamState.WITHDRAWN,
        ExpertState.PUBLISHED,
        AchievementState.PUBLISHED,
        AchievementState.EXPIRED,
    }
)


def owns(actor: Actor, thing: Any) -> bool:
    """Whether the actor acts for the organisation that owns the thing."""
    return bool(actor.roles) and actor.organisation_id is not None and actor.organisation_id == thing.organisation_id


def roles_of(actor: Actor, thing: Any) -> Iterable[str]:
    """`owner`; and `importer` as long as the thing is a row of a file and not stored yet."""
    if not owns(actor, thing):
        return frozenset()
    return {"owner", "importer"} if thing._state.adding else {"owner"}  # noqa: SLF001 - Django's documented model API


def visible(actor: Actor, thing: Any) -> bool:
    """Public things to all, the rest to the owner and the platform's staff."""
    return actor.is_system or actor.staff is not None or thing.is_public or owns(actor, thing)


def public(thing: Any) -> bool:
    """Whether the public ledger may name the thing: it is, or was, on public view."""
    return thing.state in SEEN_BY_THE_PUBLIC
