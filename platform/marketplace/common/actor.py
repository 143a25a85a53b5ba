"""Who acts: a person for an organisation, a member of the platform's staff, or the system itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marketplace.common.errors import Unauthenticated

ALL_SCOPES = frozenset({"read", "write", "money", "sign"})


@dataclass(frozen=True, slots=True)
class Actor:
    """One acting party, by value: rules read this and never a request or a session."""

    person_id: UUID | None = None
    organisation_id: UUID | None = None
    organisation_kind: str | None = None
    verified: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)
    staff: str | None = None
    staff_region: str | None = None
    scopes: frozenset[str] = ALL_SCOPES
    is_system: bool = False

    @classmethod
    def system(cls) -> "Actor":
        """The clock and the workers: the only actor of moves marked `system`."""
        return cls(is_system=True)

    @classmethod
    def anonymous(cls) -> "Actor":
        """Someone who is not signed in: may look at what is public."""
        return cls(scopes=frozenset({"read"}))

    @property
    def is_anonymous(self) -> bool:
        return self.person_id is None and not self.is_system

    @property
    def label(self) -> str:
        """The acting role by value, as audit rows keep it."""
        if self.is_system:
            return "system"
        return f"staff:{self.staff}" if self.staff else (self.organisation_kind or "anonymous")

    @property
    def ledger_id(self) -> UUID | str:
        """What the ledger's actor handle is made from: the organisation, or the office held."""
        return self.organisation_id or self.label


Resolver = Callable[[Any], Actor]
_resolver: list[Resolver] = []


def set_resolver(resolver: Resolver) -> None:
    """Tell the rooms below accounts how a request's actor is found (called once, at start)."""
    _resolver[:] = [resolver]


def actor_of(request: Any) -> Actor:
    """The actor behind a request, as accounts resolves it."""
    return _resolver[0](request)


def signed_in(request: Any) -> Actor:
    """The actor behind a request that only somebody signed in may make; Unauthenticated for anybody else."""
    actor = actor_of(request)
    if actor.is_anonymous:
        raise Unauthenticated
    return actor
