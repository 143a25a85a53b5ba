"""What the bank's statements say about payouts: paid, returned, or nothing yet. Nothing here is guessed."""

from collections.abc import Sequence
from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.demands.services.publishing import required
from marketplace.funding import errors
from marketplace.funding.models import Payout
from marketplace.funding.services.bank_lines import (
    KIND,
    credits_naming,
    debits_naming,
    debits_of_any_try,
    references_in,
    requests_for_the_purpose_of,
)
from marketplace.funding.services.paying_out import describe, payout_request
from marketplace.funding.workflow import AT_THE_BANK, NOT_AT_THE_BANK, SANDBOX, PayoutState
from marketplace.treasury.errors import RefusalNotTold, SecondOfficer
from marketplace.treasury.models import PaymentInstruction, StatementLine
from marketplace.treasury.services import accounts, statements
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import lock_row, perform

PAID, RETURNED = "payout", "payout_return"


def confirm(ctx: Context[Payout], *, line_id: UUID | None = None) -> None:
    """The bank has paid: by a line of its statement that names the payout, or by the sandbox in the demonstration."""
    payout = ctx.obj
    if line_id is None and payout.gateway != SANDBOX:
        lines = debits_naming(payout)
        if not lines:
            raise errors.BankHasNotAnswered
        line_id = lines[0].pk
        statements.mark_line(lines[0], Match(PAID, payout.pk))
    transfer(group=ctx.group, source=accounts.in_transit(), target=accounts.custody(), fen=payout.fen, code="payout.paid")
    ctx.money = True
    payout.paid_at = ctx.now
    describe(ctx)
    if line_id is not None:
        ctx.private["statement_line"] = str(line_id)


def bank_has_not_paid(ctx: Context[Payout]) -> None:
    """A payment that a statement shows as made is not booked as refused."""
    if debits_naming(ctx.obj):
        raise errors.BankHasPaid


def report_refusal(ctx: Context[Payout], *, reason: str) -> None:
    """One officer tells that the bank refused, and why: nothing has changed before another agrees."""
    ctx.obj.note = ctx.reason = required(reason)
    ctx.obj.refusal_told_by = ctx.actor.person_id
    describe(ctx)


def another_agrees_to_refusal(ctx: Context[Payout]) -> None:
    """Whoever books the bank's refusal is not the one who told of it, and no statement shows that the payment was made."""
    if ctx.obj.refusal_told_by is None:
        raise RefusalNotTold
    if ctx.obj.refusal_told_by == ctx.actor.person_id:
        raise SecondOfficer
    bank_has_not_paid(ctx)


def bank_error(ctx: Context[Payout]) -> None:
    """The bank refused: the amount is payable again."""
    payout = ctx.obj
    ctx.reason, payout.refusal_agreed_by = payout.note, ctx.actor.person_id
    ctx.private["refusal_told_by"] = str(payout.refusal_told_by)
    source, target = accounts.in_transit(), accounts.payable(payout.organisation_id)
    transfer(group=ctx.group, source=source, target=target, fen=payout.fen, code="payout.failed")
    ctx.money = True
    describe(ctx)


def bank_return(ctx: Context[Payout], *, line_id: UUID) -> None:
    """The bank sent the money back: it is payable again, and asked for anew."""
    payout = ctx.obj
    transfer(
        group=ctx.group, source=accounts.custody(), target=accounts.payable(payout.organisation_id), fen=payout.fen, code="payout.returned"
    )
    ctx.money = True
    describe(ctx)
    ctx.private["statement_line"] = str(line_id)


def ask_again(ctx: Context[Payout]) -> None:
    """What came back from the bank is asked for once more, to be approved as if for the first time."""
    _requested_anew(ctx.obj)
    offer_earlier_tries(ctx)


def recognise(line: StatementLine) -> Match | None:
    """Confirm the payout that an outgoing line names and agrees with to the fen; None when there is none.

    A line that names a try which was booked as refused shows that the bank paid it after all, though the request
    may have been rejected since and another made.
    """
    payout = _named_by(line, AT_THE_BANK)
    if payout is not None and _done("confirm", payout, line):
        return Match(PAID, payout.pk)
    # Read only now: an officer may have booked a refusal while this line waited for the payout.
    told = _told_by(line)
    payout = _paid_by_a_try_of(told.object_id) if told else None
    if told is None or payout is None or not _done("paid_late", payout, line, reference=told.end_to_end_id):
        return None
    return Match(PAID, payout.pk)


def recognise_return(line: StatementLine) -> Match | None:
    """Take back the payout that an incoming line names and agrees with to the fen; None when there is none.

    A return may be offered before the payment that it returns: that one is then taken first.
    """
    payout = _named_by(line, (*AT_THE_BANK, PayoutState.PAID))
    if payout is None:
        return None
    if payout.state != PayoutState.PAID:
        for debit in debits_naming(payout)[:1]:
            statements.offer_line(debit.pk)
    return Match(RETURNED, payout.pk) if _done("bank_return", payout, line) else None


def offer_returns(ctx: Context[Payout]) -> None:
    """A return whose statement came before the payment's is offered again now that the payment is booked."""
    for line in credits_naming(ctx.obj):
        statements.offer_by_outbox(line)


def offer_earlier_tries(ctx: Context[Payout]) -> None:
    """A debit of another try that nobody could book while this one was at the bank is offered again."""
    for line in debits_of_any_try(ctx.obj):
        statements.offer_by_outbox(line)


def _named_by(line: StatementLine, states: Sequence[str]) -> Payout | None:
    named = references_in(line.reference)
    return Payout.objects.filter(reference__in=named, state__in=states, fen=line.fen).first() if len(named) == 1 else None


def _told_by(line: StatementLine) -> PaymentInstruction | None:
    named = references_in(line.reference)
    return PaymentInstruction.objects.filter(kind=KIND, end_to_end_id__in=named, fen=line.fen).first() if len(named) == 1 else None


def _paid_by_a_try_of(payout_id: UUID) -> Payout | None:
    """The payout at no bank that is paid where a try of this one was: it, or what was asked for in its stead."""
    tried = lock_row(Payout(pk=payout_id))  # nobody asks anew meanwhile
    live = requests_for_the_purpose_of(tried).exclude(state__in=(PayoutState.REJECTED, PayoutState.REVERSED)).first()
    if live is None and tried.state == PayoutState.REJECTED:
        return _requested_anew(tried)
    return live if live is not None and live.state in NOT_AT_THE_BANK and live.fen == tried.fen else None


def _requested_anew(payout: Payout) -> Payout:
    return payout_request(
        organisation_id=payout.organisation_id,
        fen=payout.fen,
        purpose_kind=payout.purpose_kind,
        purpose_id=payout.purpose_id,
        actor=Actor.system(),
    )


def _done(action: str, payout: Payout, line: StatementLine, **data: str) -> bool:
    try:
        perform(action, payout, Actor.system(), line_id=line.pk, **data)
    except DomainError:  # confirmed, returned or refused meanwhile: the line waits for a person
        return False
    return True
