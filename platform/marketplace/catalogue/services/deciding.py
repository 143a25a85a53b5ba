"""What the moves of teams, experts and achievements do, and what stands in their way."""

from datetime import date, timedelta
from typing import Any

from marketplace.catalogue.models import UNTIL_A_DAY, Achievement
from marketplace.catalogue.services.drafting import NO_DAY
from marketplace.common.errors import Conflict, Invalid
from marketplace.common.text import bi
from marketplace.workflow.context import Context
from marketplace.workflow.registry import Effect, Guard


class NotComplete(Conflict):
    code = "not_complete"
    title = bi("内容不完整：请补充简介和技术就绪度后再提交", "Not complete: add a summary and the readiness level first")


def with_reason(ctx: Context[Any], *, reason: str) -> None:
    """A decision against the owner's wish names its reason."""
    if not reason.strip():
        text = bi("请写明理由。", "Give the reason.")
        raise Invalid(text, fields={"reason": [text]})
    ctx.reason = reason.strip()
    ctx.emit["reason"] = ctx.reason


def confirm_checked(ctx: Context[Achievement]) -> None:
    """From here on a reviewer vouches for it, not the institution alone."""
    ctx.obj.declared = False


def set_validity(ctx: Context[Achievement]) -> None:
    """Public for as long as the policy lets a declaration stand, from now."""
    ctx.obj.expires_at = ctx.now + timedelta(seconds=ctx.policy.supply_validity_seconds)
    ctx.body["declared"] = ctx.obj.declared


def has_a_last_day(ctx: Context[Achievement]) -> None:
    """A secret lasts as long as it is kept, an application until it is decided: these name no day."""
    if ctx.obj.ipr_status not in UNTIL_A_DAY:
        text = bi(*NO_DAY)
        raise Invalid(text, fields={"protected_until": [text]})


def amend(ctx: Context[Achievement], *, protected_until: date | None) -> None:
    """Write another last day, or none; as where a file changes something, the institution alone vouches for it from then on."""
    if protected_until == ctx.obj.protected_until:
        text = bi("与现在的保护期相同。", "That is what it says already.")
        raise Invalid(text, fields={"protected_until": [text]})
    ctx.obj.protected_until, ctx.obj.declared = protected_until, True
    ctx.body["protected_until"] = protected_until.isoformat() if protected_until else None
    ctx.body["declared"] = True


def is_complete(ctx: Context[Achievement]) -> None:
    """A reviewer is asked only about something that can be judged."""
    if ctx.obj.readiness is None or not (ctx.obj.summary_zh or ctx.obj.summary_en):
        raise NotComplete


TEAM_EFFECTS: dict[str, Effect] = {"suspend": with_reason}
EXPERT_EFFECTS: dict[str, Effect] = {"request_changes": with_reason, "reject": with_reason}
ACHIEVEMENT_EFFECTS: dict[str, Effect] = {
    "request_changes": with_reason,
    "reject": with_reason,
    "verify": confirm_checked,
    "publish": set_validity,
    "renew": set_validity,
    "amend": amend,
    "suspend": with_reason,
}
ACHIEVEMENT_GUARDS: dict[str, Guard] = {"submit": is_complete, "amend": has_a_last_day}
