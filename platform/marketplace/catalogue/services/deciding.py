"""What the moves of teams, experts and achievements do, and what stands in their way."""

from datetime import timedelta
from typing import Any

from marketplace.catalogue.models import Achievement
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
    "suspend": with_reason,
}
ACHIEVEMENT_GUARDS: dict[str, Guard] = {"submit": is_complete}
