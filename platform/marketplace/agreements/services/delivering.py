"""Milestones: deliver, ask for a revision, accept, and release the money."""

from datetime import timedelta

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Milestone
from marketplace.agreements.models.milestones import MAX_REVISIONS
from marketplace.agreements.services import escrow
from marketplace.agreements.workflow import MilestoneState
from marketplace.common.actor import Actor
from marketplace.common.models import StoredFile
from marketplace.demands.services.publishing import required
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform


def start(ctx: Context[Milestone]) -> None:
    """The clock of the delivery runs from here."""
    name_agreement(ctx)
    ctx.obj.deliver_by = ctx.now + timedelta(days=ctx.obj.days)


def name_agreement(ctx: Context[Milestone]) -> None:
    """Commit to which milestone of which agreement this is, so that a certificate can prove that it belongs there."""
    ctx.body["ordinal"] = ctx.obj.ordinal
    ctx.private["agreement"] = str(ctx.obj.agreement_id)


def submit(ctx: Context[Milestone], *, file: StoredFile, note: str = "") -> None:
    """Deliver a file; its SHA-256 goes on record and the review clock starts."""
    ctx.obj.deliverable, ctx.obj.delivery_note = file, note
    ctx.body["ordinal"] = ctx.obj.ordinal
    ctx.private["file_sha256"] = file.sha256
    ctx.private["file_size"] = file.size


def request_revision(ctx: Context[Milestone], *, reason: str) -> None:
    """Ask for a revision, with the reason; two rounds at most."""
    if ctx.obj.revisions >= MAX_REVISIONS:
        raise errors.RevisionsUsedUp
    ctx.obj.revisions += 1
    ctx.obj.review_note = ctx.reason = required(reason)


def accept(ctx: Context[Milestone], *, note: str = "") -> None:
    """Accept the delivery; its money is released with it."""
    ctx.obj.review_note = ctx.reason = note.strip()
    ctx.body["ordinal"] = ctx.obj.ordinal


def release_on_acceptance(ctx: Context[Milestone]) -> None:
    """Acceptance and release stand or fall together."""
    perform("release", ctx.obj, Actor.system())


def release(ctx: Context[Milestone]) -> None:
    """Pay the milestone from escrow: the team's part is payable to it, the fee to the platform.

    Each source pays in its frozen proportion (the amounts per source stand on the milestone).
    The payout itself needs two approvers.
    """
    milestone = ctx.obj
    agreement = milestone.agreement
    source = accounts.agreement_escrow(agreement.pk)
    payable = accounts.payable(agreement.university_id)
    transfer(group=ctx.group, source=source, target=payable, fen=milestone.net_fen, code="milestone.released")
    if milestone.fee_fen:
        transfer(group=ctx.group, source=source, target=accounts.fee(), fen=milestone.fee_fen, code="milestone.fee")
    ctx.money = True
    ctx.body["ordinal"] = milestone.ordinal
    ctx.private.update(
        net_fen=milestone.net_fen,
        fee_fen=milestone.fee_fen,
        company_fen=milestone.company_fen,
        campaign_fen=milestone.campaign_fen,
    )
    payout = payout_request(
        organisation_id=agreement.university_id,
        fen=milestone.net_fen,
        purpose_kind="milestone",
        purpose_id=milestone.pk,
        actor=Actor.system(),
    )
    ctx.private["payout"] = str(payout.pk)


def go_on(ctx: Context[Milestone]) -> None:
    """After a release the next milestone starts, or the agreement completes."""
    agreement: Agreement = ctx.obj.agreement
    if not agreement.milestones.filter(state=MilestoneState.PLANNED).exists():
        escrow.complete_if_done(agreement)
    else:
        escrow.start_next(agreement)
