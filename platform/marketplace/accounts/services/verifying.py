"""What each move of an organisation does; the table of moves says who may make it."""

from collections.abc import Callable

from marketplace.accounts.models import Organisation
from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.workflow.context import Context

Ctx = Context[Organisation]


def _describe(ctx: Ctx) -> None:
    """The ledger's public entry names kind and region only; the credit code is committed to."""
    ctx.body.update(kind=ctx.obj.kind, region_code=ctx.obj.region_code)
    ctx.private.update(uscc=ctx.obj.uscc)


def _decide(ctx: Ctx, reason: str) -> None:
    text = reason.strip()
    if not text:
        message = bi("请写明理由，对方会看到。", "Give the reason: the organisation will read it.")
        raise Invalid(message, fields={"reason": [message]})
    ctx.reason = ctx.obj.decision_reason = text


def submit(ctx: Ctx) -> None:
    """Hand the organisation's particulars to a reviewer."""
    _describe(ctx)


def verify(ctx: Ctx) -> None:
    """From now on its people may act for it."""
    ctx.obj.verified_at = ctx.now
    ctx.obj.decision_reason = ""
    _describe(ctx)


def reject(ctx: Ctx, *, reason: str) -> None:
    """Refuse for good, with the reason; the credit code becomes free for a new application."""
    _decide(ctx, reason)
    _describe(ctx)


def renew(ctx: Ctx) -> None:
    """Confirm a verification that has grown old; its clock starts anew."""
    ctx.obj.verified_at = ctx.now
    _describe(ctx)


def suspend(ctx: Ctx, *, reason: str) -> None:
    """Its people may look but no longer act, until it is resumed."""
    _decide(ctx, reason)
    _describe(ctx)


def resume(ctx: Ctx) -> None:
    """Its people may act again."""
    ctx.obj.decision_reason = ""
    _describe(ctx)


EFFECTS: dict[str, Callable[..., None]] = {
    "submit": submit,
    "verify": verify,
    "reject": reject,
    "renew": renew,
    "suspend": suspend,
    "resume": resume,
}
