"""Switching a learned mix on or off: by an administrator of the whole platform, with a reason, on the ledger."""

from uuid import UUID, uuid5

from django.db import transaction

from ledger.app import services as ledger
from marketplace.accounts.models import StaffRole
from marketplace.accounts.permissions import demand_office
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Conflict, Forbidden, Invalid, MissingScope, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from matching.app.services import mixing

LONGEST_REASON = 300
# Which mix is used is one thing for ever: its entries on the ledger are found under this id.
MIX_ID = uuid5(UUID("2c5e1df0-7f6b-5a3e-8c1d-0b9a4e6d7f21"), "mix")


class GateNotHeld(Conflict):
    code = "gate_not_held"
    title = bi(
        "这组权重没有被证明优于固定权重，不能启用", "This mix was not shown to be better than the fixed one: it cannot be switched on"
    )


class NothingSwitched(Conflict):
    code = "nothing_switched"
    title = bi("已经是现行权重", "This mix is in force already")


def mix_switch(*, actor: Actor, version: int | None, reason: str) -> None:
    """Use a learned mix from the next query anybody makes, or the fixed one (None).

    Raises Forbidden for anyone but an administrator of the whole platform, Invalid without a reason, NotFound, NothingSwitched, and
    GateNotHeld for a mix that was not better than the fixed one on demands it was not learned from.
    """
    require_administrator(actor)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        text = bi(f"请写明理由，不超过 {LONGEST_REASON} 字。", f"Give a reason of at most {LONGEST_REASON} characters.")
        raise Invalid(fields={"reason": [text]})
    now = clock.now()
    with transaction.atomic():
        try:
            mixing.switch_mix(version, reason=reason, by=actor.person_id, at=now)
        except mixing.UnknownMix as unknown:
            raise NotFound from unknown
        except mixing.GateNotHeld as gate:
            raise GateNotHeld from gate
        except mixing.NothingSwitched as same:
            raise NothingSwitched from same
        ledger.record(
            id=uuid7(),
            type="mix.switched",
            subject=ledger.Subject(kind="mix", id=MIX_ID, public=True),
            actor=actor.ledger_id,
            at=now,
            body={"version": version or 0},
            private={"reason": reason, "person": str(actor.person_id)},
        )


def require_administrator(actor: Actor) -> None:
    """Refuse anyone but an administrator of the whole platform."""
    demand_office(actor, StaffRole.ADMIN)
    if actor.staff_region:
        raise Forbidden(
            bi("匹配权重对各地通用，由全平台管理员切换。", "The mix is the same everywhere: administrators of one region do not switch it.")
        )
    if "write" not in actor.scopes:
        raise MissingScope
