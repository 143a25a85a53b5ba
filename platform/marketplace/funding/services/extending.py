"""A campaign's deadline is moved once at most: the company asks, a reviewer agrees."""

from datetime import datetime, timedelta

from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.demands.services.publishing import required
from marketplace.funding import errors
from marketplace.funding.models import Campaign
from marketplace.workflow.context import Context

LONGEST_DAYS = 60


def may_be_extended(ctx: Context[Campaign]) -> None:
    """Not extended before, and the deadline still ahead."""
    if ctx.obj.extended_from is not None:
        raise errors.ExtendedAlready
    if ctx.obj.deadline <= ctx.now:
        raise errors.CampaignNotOpen


def extension_is_asked(ctx: Context[Campaign]) -> None:
    """A reviewer agrees to what the company asked for, and to nothing else."""
    may_be_extended(ctx)
    if ctx.obj.extension_until is None:
        raise errors.NoExtensionAsked


def ask_extension(ctx: Context[Campaign], *, until: datetime, reason: str) -> None:
    """Ask for a later deadline, at most 60 days later, with the reason that the reviewer reads; asking again replaces both.

    Raises Invalid naming `until` or `reason`.
    """
    ctx.reason = required(reason)
    if not ctx.obj.deadline < until <= ctx.obj.deadline + timedelta(days=LONGEST_DAYS):
        text = bi(
            f"新的截止时间须晚于原截止时间，且不超过 {LONGEST_DAYS} 天。",
            f"The new deadline is later than the present one, by {LONGEST_DAYS} days at most.",
        )
        raise Invalid(text, fields={"until": [text]})
    ctx.obj.extension_until, ctx.obj.extension_reason = until, ctx.reason
    ctx.private["until"] = until.isoformat()


def extend_once(ctx: Context[Campaign], *, until: datetime) -> None:
    """The deadline becomes the one asked for, which is the one that the reviewer read; the first one is kept beside it.

    Raises ExtensionChanged when the company has asked for another time since.
    """
    if until != ctx.obj.extension_until:
        raise errors.ExtensionChanged
    ctx.obj.extended_from, ctx.obj.deadline = ctx.obj.deadline, until
    ctx.private.update(deadline=ctx.obj.deadline.isoformat(), before=ctx.obj.extended_from.isoformat())
