"""A return that has not gone out is called off: its sender turned out to be an organisation here, or its account takes nothing."""

from uuid import UUID

from marketplace.accounts.models import Organisation
from marketplace.common.errors import NotFound
from marketplace.treasury.errors import CallOffChanged, CallOffNotAsked, SecondOfficer
from marketplace.treasury.models import Direction, LineDecision, StatementLine
from marketplace.treasury.services import accounts, debts, statements
from marketplace.treasury.services.decisions import describe
from marketplace.treasury.services.returning import not_shown
from marketplace.treasury.services.statement_lines import naming
from marketplace.treasury.services.transferring import lock, transfer
from marketplace.workflow.context import Context


def ask_call_off(ctx: Context[LineDecision], *, organisation_id: UUID) -> None:
    """One officer says whose wallet the money belongs in instead: nothing has changed before another agrees. Raises NotFound.

    Asked again it is another request in place of the first, which nobody can agree to any more.
    """
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


def call_off(ctx: Context[LineDecision], *, organisation_id: UUID) -> None:
    """Book the money to the wallet that the second officer agrees to instead of returning it; a debt is repaid from it first.

    Raises CallOffChanged where the request names another.
    """
    decision = ctx.obj
    if decision.call_off_to_id is None or decision.call_off_to_id != organisation_id:
        raise CallOffChanged
    source, wallet = accounts.in_transit(), accounts.wallet(decision.call_off_to_id)
    owing = debts.existing(decision.call_off_to_id)
    lock([source, wallet, *owing])
    transfer(group=ctx.group, source=source, target=wallet, fen=decision.line.fen, code="line.called_off")
    debts.repay(group=ctx.group, wallet=wallet, owing=owing)
    ctx.money = True
    decision.call_off_agreed_by = ctx.actor.person_id
    _describe(ctx)
    # The bank may have taken it back before anybody knew whose it was.
    names = naming([decision.line.bank_line_id])
    for debit in StatementLine.objects.filter(direction=Direction.OUT, matched_at=None, fen=decision.line.fen):
        if names(debit.reference):
            statements.offer_by_outbox(debit)


def _describe(ctx: Context[LineDecision]) -> None:
    describe(ctx)
    ctx.private.update(called_off_to=str(ctx.obj.call_off_to_id), asked_by=str(ctx.obj.call_off_by))
