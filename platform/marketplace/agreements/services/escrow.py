"""The one posting into escrow, and what an agreement returns to its sources when it ends early."""

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Milestone, TerminationReason
from marketplace.agreements.workflow import AgreementState, MilestoneState
from marketplace.common.actor import Actor
from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.demands.services.publishing import required
from marketplace.demands.workflow import DemandState
from marketplace.funding.services import settling as campaigns
from marketplace.funding.workflow import CampaignState
from marketplace.treasury import selectors as books
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform


def every_source_is_funded(ctx: Context[Agreement]) -> None:
    """The company's share stands in its wallet and the campaign, if any, has been captured."""
    agreement = ctx.obj
    if agreement.campaign is not None and agreement.campaign.state != CampaignState.FUNDED:
        raise errors.NotFunded(bi("募资项目尚未完成划转。", "The campaign has not been captured yet."))
    available = books.wallet_of(agreement.company_id).available_fen
    if available < agreement.company_fen:
        raise errors.NotFunded(
            bi("企业钱包余额不足，请先充值。", "The company's wallet is short: top it up first."),
            missing_fen=agreement.company_fen - available,
        )


def fund(ctx: Context[Agreement]) -> None:
    """Post the company's share and the whole campaign into the agreement's escrow, once."""
    agreement = ctx.obj
    every_source_is_funded(ctx)
    escrow = accounts.agreement_escrow(agreement.pk)
    if agreement.company_fen:
        wallet = accounts.wallet(agreement.company_id)
        transfer(group=ctx.group, source=wallet, target=escrow, fen=agreement.company_fen, code="agreement.company_share")
    if agreement.campaign is not None:
        campaign = accounts.campaign_escrow(agreement.campaign.pk)
        transfer(group=ctx.group, source=campaign, target=escrow, fen=agreement.campaign_fen, code="agreement.campaign_share")
    ctx.money = True
    agreement.effective_at = ctx.now
    ctx.private["price_fen"] = agreement.price_fen
    if agreement.demand.state == DemandState.CONTRACTED:
        perform("agreement_effective", agreement.demand, Actor.system())
    if agreement.campaign is not None:
        perform("agreement_effective", agreement.campaign, Actor.system())


def start_milestones(ctx: Context[Agreement]) -> None:
    """Once in force, the first milestone begins; each next one begins when the one before is released."""
    start_next(ctx.obj)


def start_next(agreement: Agreement) -> None:
    """Begin the first planned milestone, if there is one."""
    planned = agreement.milestones.filter(state=MilestoneState.PLANNED).order_by("ordinal").first()
    if planned is not None:
        perform("start", planned, Actor.system())


def funding_time_over(ctx: Context[Agreement]) -> None:
    """An agreement that nobody funded in time is void."""
    if ctx.obj.fund_by is not None and ctx.obj.fund_by > ctx.now:
        raise errors.NotFunded


def void_after_signing(ctx: Context[Agreement]) -> None:
    """The demand ends with the agreement, and the campaign returns what it captured."""
    if ctx.obj.demand.state == DemandState.CONTRACTED:
        perform("agreement_void", ctx.obj.demand, Actor.system())
    if ctx.obj.campaign is not None and ctx.obj.campaign.state == CampaignState.FUNDED:
        perform("agreement_void", ctx.obj.campaign, Actor.system())


def terminate(ctx: Context[Agreement], *, reason: str, text: str) -> None:
    """End an agreement early: what is unreleased returns to its sources, exactly.

    The company's part of the unreleased milestones goes to its wallet, the campaign's part back
    to the campaign, which refunds its pledges pro rata (largest remainder, ties by id).
    """
    agreement = ctx.obj
    if reason not in TerminationReason.values:
        raise Invalid(bi("请选择终止事由。", "Choose the ground of termination."), fields={"reason": [reason]})
    agreement.termination_reason, ctx.reason = reason, required(text)
    ctx.body["ground"] = reason
    open_rows = list(agreement.milestones.exclude(state__in=(MilestoneState.RELEASED, MilestoneState.CANCELLED)).order_by("ordinal"))
    for milestone in open_rows:
        if milestone.state == MilestoneState.ACCEPTED:
            perform("release", milestone, Actor.system())
    unreleased = [m for m in open_rows if m.state != MilestoneState.ACCEPTED]
    for milestone in unreleased:
        perform("cancel", milestone, Actor.system())
    _return(ctx, unreleased)
    if agreement.demand.state == DemandState.IN_PROGRESS:
        perform("agreement_terminated", agreement.demand, Actor.system())


def _return(ctx: Context[Agreement], unreleased: list[Milestone]) -> None:
    agreement = ctx.obj
    escrow = accounts.agreement_escrow(agreement.pk)
    company = sum(m.company_fen for m in unreleased)
    campaign = sum(m.campaign_fen for m in unreleased)
    if company:
        wallet = accounts.wallet(agreement.company_id)
        transfer(group=ctx.group, source=escrow, target=wallet, fen=company, code="agreement.returned")
        ctx.money = True
    if agreement.campaign is not None and campaign:
        target = accounts.campaign_escrow(agreement.campaign.pk)
        transfer(group=ctx.group, source=escrow, target=target, fen=campaign, code="agreement.returned")
        ctx.money = True
    if agreement.campaign is not None:
        perform("agreement_terminated", agreement.campaign, Actor.system())
        campaigns.refund(campaign=agreement.campaign, fen=campaign)


def complete_if_done(agreement: Agreement) -> None:
    """Complete an agreement in force once every milestone is released or cancelled."""
    done = (MilestoneState.RELEASED, MilestoneState.CANCELLED)
    if agreement.state == AgreementState.ACTIVE and not agreement.milestones.exclude(state__in=done).exists():
        perform("complete", agreement, Actor.system())


def complete(ctx: Context[Agreement]) -> None:
    """The work is done: the demand completes and the campaign closes."""
    if ctx.obj.demand.state == DemandState.IN_PROGRESS:
        perform("agreement_completed", ctx.obj.demand, Actor.system())
    if ctx.obj.campaign is not None and ctx.obj.campaign.state == CampaignState.DISBURSING:
        perform("complete", ctx.obj.campaign, Actor.system())
