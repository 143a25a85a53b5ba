"""Who may do what with organisations, their members and the platform's offices."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from marketplace.accounts.models import Organisation
from marketplace.accounts.workflow import PUBLIC_STATES
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Unauthenticated
from marketplace.common.text import bi


def roles_of(actor: Actor, organisation: Organisation) -> Iterable[str]:
    """A member's roles towards their own organisation; nobody else has any."""
    return actor.roles if actor.organisation_id == organisation.pk else ()


def visible(actor: Actor, organisation: Organisation) -> bool:
    """Organisations are public once verified; before that their members and the staff know them."""
    return (
        organisation.state in PUBLIC_STATES
        or actor.staff is not None
        or (actor.organisation_id is not None and actor.organisation_id == organisation.pk)
    )


def in_region(actor: Actor, region_code: str) -> bool:
    """Whether an office covers a region: everywhere, its province, or exactly its district."""
    return actor.staff is not None and region_code.startswith(actor.staff_region or "")


def demand_person(actor: Actor) -> UUID:
    """The person acting; refuses nobody at all."""
    if actor.person_id is None:
        raise Unauthenticated
    return actor.person_id


def demand_organisation(actor: Actor) -> UUID:
    """The organisation acted for; refuses whoever acts for none."""
    if actor.organisation_id is None:
        raise Forbidden(bi("请先选择您代表的单位。", "Choose the organisation you act for first."))
    return actor.organisation_id


def demand_manager(actor: Actor) -> UUID:
    """The organisation acted for; refuses anyone but its managers."""
    if "manager" not in actor.roles:
        raise Forbidden(bi("只有单位管理员可以这样做。", "Only a manager of the organisation may do this."))
    return demand_organisation(actor)


def demand_office(actor: Actor, *offices: Any) -> None:
    """Refuse anyone who does not hold one of these offices of the platform."""
    if actor.staff not in offices:
        raise Forbidden(bi("须由平台相应岗位办理。", "This is for another office of the platform."))
