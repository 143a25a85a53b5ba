"""A campaign's outcome: it waits for whoever is still cooling off, and succeeds if firm money reaches the minimum."""

from django.db.models import Max, QuerySet

from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.workflow import PledgeState
from marketplace.workflow.bulk import BATCH_ROWS, move_many
from marketplace.workflow.context import Context


def deadline_passed(ctx: Context[Campaign]) -> None:
    """Nothing closes by time before its time."""
    if ctx.obj.deadline > ctx.now:
        raise errors.DeadlineNotPassed


def goal_is_firm(ctx: Context[Campaign]) -> None:
    """The company closes early only when the minimum is reached and nobody's cooling-off would be cut short."""
    if _cooling(ctx.obj).exists():
        raise errors.StillCoolingOff
    if ctx.obj.held_fen < ctx.obj.minimum_fen:
        raise errors.GoalNotReached


def start_clearing(ctx: Context[Campaign]) -> None:
    """No more pledges; the outcome is decided when the last cooling-off has ended."""
    last = _cooling(ctx.obj).aggregate(last=Max("due_at"))["last"]
    ctx.obj.clears_at = max(ctx.now, last) if last else ctx.now
    ctx.private["held_fen"] = ctx.obj.held_fen


def minimum_reached(ctx: Context[Campaign]) -> None:
    """Success if and only if nobody is cooling off any more and firm money is at least the minimum."""
    _nobody_cools_off(ctx)
    if ctx.obj.held_fen < ctx.obj.minimum_fen:
        raise errors.GoalNotReached


def minimum_missed(ctx: Context[Campaign]) -> None:
    """Failure if and only if nobody is cooling off any more and firm money is under the minimum."""
    _nobody_cools_off(ctx)
    if ctx.obj.held_fen >= ctx.obj.minimum_fen:
        raise errors.GoalReached


def succeed(ctx: Context[Campaign]) -> None:
    """Pledges whose cooling-off has just ended become firm with the campaign's success."""
    while pledges := list(_cooling(ctx.obj).order_by("pk")[:BATCH_ROWS]):
        move_many("cooling_passed", pledges)
    ctx.private["firm_fen"] = ctx.obj.held_fen


def fail(ctx: Context[Campaign]) -> None:
    """Commit to what was reached; the holds are released next."""
    ctx.private["firm_fen"] = ctx.obj.held_fen


def _cooling(campaign: Campaign) -> QuerySet[Pledge]:
    return campaign.pledges.filter(state=PledgeState.COOLING_OFF)


def _nobody_cools_off(ctx: Context[Campaign]) -> None:
    if _cooling(ctx.obj).filter(due_at__gt=ctx.now).exists():
        raise errors.StillCoolingOff
