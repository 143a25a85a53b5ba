"""Who may deposit in their own name: people whom the platform itself has verified, as the rooms above know them."""

from collections.abc import Callable
from uuid import UUID

# As whom they act then: by value, as an office is by its name.
IN_OWN_NAME = "person"
Verified = Callable[[UUID], bool]
_registers: list[Verified] = []


def register(verified: Verified) -> None:
    """Let a room above say of a person's id whether that person was verified (called once, when the apps are ready)."""
    _registers.append(verified)


def is_verified(person_id: UUID) -> bool:
    """Whether one of the registers holds this person as verified now."""
    return any(verified(person_id) for verified in _registers)
