"""Every duration and rate that law or contract fixes, in one frozen value stamped on objects."""

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.checks import Error, register

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations in seconds unless the name says otherwise; an object keeps those it was born with."""

    review_seconds: int = 7 * DAY
    changes_seconds: int = 30 * DAY
    publish_seconds: int = 30 * DAY
    evaluation_seconds: int = 28 * DAY
    publicity_seconds: int = 10 * DAY
    cooling_off_seconds: int = DAY
    pledge_intent_seconds: int = 3_600
    clearing_seconds: int = 7 * DAY
    milestone_review_seconds: int = 15 * DAY
    revision_seconds: int = 14 * DAY
    signature_seconds: int = 14 * DAY
    funding_seconds: int = 60 * DAY
    account_freeze_seconds: int = 2 * DAY
    approval_seconds: int = 4 * DAY
    bank_answer_seconds: int = 2 * DAY
    bank_return_seconds: int = 14 * DAY
    escalation_seconds: int = 7 * DAY
    supply_validity_seconds: int = 730 * DAY
    step_seconds: int = 600
    suitability_days: int = 365
    api_key_days: int = 365
    fee_basis_points: int = 200

    def to_json(self) -> dict[str, int]:
        return dict(_told(self))

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Policy":
        """The stamped policy; a name unknown when it was stamped takes today's value."""
        return _stamped(current(), tuple((name, int(one)) for name, one in value.items() if name in _ORDER))


_ORDER = tuple(field.name for field in fields(Policy))

# The least that the platform's own rules allow where DEBUG and demo settings are off: cooling-off
# of a pledge (24 h), publicity of an award, review of a milestone, freeze of a changed bank account.
FLOORS = {
    "cooling_off_seconds": DAY,
    "publicity_seconds": 7 * DAY,
    "milestone_review_seconds": 7 * DAY,
    "account_freeze_seconds": 2 * DAY,
    "bank_return_seconds": 10 * DAY,
}


@lru_cache(maxsize=8)
def _built(items: tuple[tuple[str, int], ...]) -> Policy:
    return Policy(**dict(items))


# Few policies are ever in force, and each object is asked for its own several times in one change.
@lru_cache(maxsize=8)
def _told(policy: Policy) -> dict[str, int]:
    return {name: getattr(policy, name) for name in _ORDER}


@lru_cache(maxsize=256)
def _stamped(today: Policy, items: tuple[tuple[str, int], ...]) -> Policy:
    return replace(today, **dict(items))


def current() -> Policy:
    """The policy in force: the defaults with the settings' POLICY on top."""
    return _built(tuple(sorted(getattr(settings, "POLICY", {}).items())))


def stamp() -> dict[str, int]:
    """Today's policy as an object keeps it."""
    return current().to_json()


@register(deploy=True)
def floors_hold(**_: Any) -> list[Error]:
    """Refuse a deployment whose durations are under the floors."""
    policy = current().to_json()
    return [
        Error(
            f"POLICY[{name!r}] is {policy[name]} s, under the floor of {floor} s.",
            hint="Raise it in the settings; only the demo and the story may use short times.",
            id="common.E001",
        )
        for name, floor in FLOORS.items()
        if policy[name] < floor
    ]
