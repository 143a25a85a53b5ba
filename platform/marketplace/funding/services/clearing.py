"""A campaign's outcome: it waits for whoever is still cooling off, and succeeds if firm money reaches the minimum."""

from django.db.models import Max, QuerySet

from marketplace.common.text import bi
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.workflow import CampaignState, PledgeState
from marketplace.workflow.bulk import BATCH_ROWS, move_many
from marketplace.workflow.context import Context


def deadline_passed(ctx: Context[Campaign]) -> None:
    """Nothing closes by time before its time."""
    if ctx.obj.deadline > ctx.now:
        raise errors.DeadlineNotPassed


def early_close_is_agreed(ctx: Context[Campaign]) -> None:
    """The company closes early when the minimum is firm, nobody's cooling-off is cut short and every pledger has agreed.

    A campaign that is full closes without asking: nobody could pledge any more.
    """
    _only_consent_is_missing(ctx.obj)
    silent = _silent(ctx.obj).count()
    if ctx.obj.left_fen and silent:
        text = bi(f"还有 {silent} 家认筹机构未同意提前截止。", f"{silent} of the funders who pledged have not agreed to an early close.")
        raise errors.EarlyCloseNotAgreed(text, waiting_for=silent)


def consent_may_be_asked(ctx: Context[Campaign]) -> None:
    """The company asks its pledgers once, when nothing but their consent stands in the way."""
    if ctx.obj.close_asked_at is not None:
        raise errors.ConsentAskedAlready
    _only_consent_is_missing(ctx.obj)
    if not (ctx.obj.left_fen and _silent(ctx.obj).exists()):
        raise errors.NobodyToAsk


def ask_consent(ctx: Context[Campaign]) -> None:
    """From here on every pledger that has not agreed is told that the company would like to close early."""
    ctx.obj.close_asked_at = ctx.now


def may_agree_to_close(ctx: Context[Pledge]) -> None:
    """A pledger agrees once, while the campaign is open."""
    if ctx.obj.campaign.state != CampaignState.OPEN:
        raise errors.CampaignNotOpen
    if ctx.obj.agreed_close_at is not None:
        raise errors.AgreedAlready


def agree_to_close(ctx: Context[Pledge]) -> None:
    """The pledge stays as it is; its funder no longer stands in the way of an early close."""
    ctx.obj.agreed_close_at = ctx.now
    ctx.private["campaign"] = str(ctx.obj.campaign_id)


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
    """Pledges whose cooling-off has just ended become firm with the campaign's success, and are topped up as any."""
    while pledges := list(_cooling(ctx.obj).order_by("accepted_at", "pk")[:BATCH_ROWS]):
        move_many("cooling_passed", pledges)
    ctx.obj.refresh_from_db(fields=["matched_fen"])
    ctx.private["firm_fen"] = ctx.obj.held_fen


def fail(ctx: Context[Campaign]) -> None:
    """Commit to what was reached; the holds are released next."""
    ctx.private["firm_fen"] = ctx.obj.held_fen


def _cooling(campaign: Campaign) -> QuerySet[Pledge]:
    return campaign.pledges.filter(state=PledgeState.COOLING_OFF)


def _silent(campaign: Campaign) -> QuerySet[Pledge]:
    return campaign.pledges.filter(state=PledgeState.FIRM, agreed_close_at=None)


def _only_consent_is_missing(campaign: Campaign) -> None:
    if campaign.held_fen < campaign.minimum_fen:
        raise errors.GoalNotReached
    if _cooling(campaign).exists():
        raise errors.StillCoolingOff


def _nobody_cools_off(ctx: Context[Campaign]) -> None:
    if _cooling(ctx.obj).filter(due_at__gt=ctx.now).exists():
        raise errors.StillCoolingOff
