"""A return that has not gone out is called off: its sender turned out to be an organisation here, or its account takes nothing."""

from uuid import UUID

from marketplace.accounts.models import Organisation
from marketplace.common.errors import NotFound
from marketplace.treasury.errors import CallOffNotAsked, SecondOfficer
from marketplace.treasury.models import LineDecision
from marketplace.treasury.services import accounts, debts
from marketplace.treasury.services.decisions import describe
from marketplace.treasury.services.returning import not_shown
from marketplace.treasury.services.transferring import lock, transfer
from marketplace.workflow.context import Context


def ask_call_off(ctx: Context[LineDecision], *, organisation_id: UUID) -> None:
    """One officer says whose wallet the money belongs in instead: nothing has changed before another agrees. Raises NotFound."""
    decision = ctx.obj
    if not Organisation.objects.filter(pk=organisation_id).exists():
        raise NotFound
    decision.call_off_to_id, decision.call_off_by = organisation_id, ctx.actor.person_id
    _describe(ctx)


def another_agrees(ctx: Context[LineDecision]) -> None:
    """Whoever agrees is not the one who asked, and no statement shows that the return went out after all."""
    if ctx.obj.call_off_to_id is None:
        raise CallOffNotAsked
    if ctx.actor.person_id == ctx.obj.call_off_by:
        raise SecondOfficer
    not_shown(ctx)


def call_off(ctx: Context[LineDecision]) -> None:
    """Book the money to that wallet instead of returning it; a debt is repaid from it first."""
    decision = ctx.obj
    assert decision.call_off_to_id is not None  # `another_agrees` has seen to it
    source, wallet = accounts.in_transit(), accounts.wallet(decision.call_off_to_id)
    owing = debts.existing(decision.call_off_to_id)
    lock([source, wallet, *owing])
    transfer(group=ctx.group, source=source, target=wallet, fen=decision.line.fen, code="line.called_off")
    debts.repay(group=ctx.group, wallet=wallet, owing=owing)
    ctx.money = True
    decision.call_off_agreed_by = ctx.actor.person_id
    _describe(ctx)


def _describe(ctx: Context[LineDecision]) -> None:
    describe(ctx)
    ctx.private.update(called_off_to=str(ctx.obj.call_off_to_id), asked_by=str(ctx.obj.call_off_by))
