"""Returns on their way to the bank: sent in a file, confirmed by the statement's debit, or refused by the bank and sent anew."""

import re
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.treasury.errors import RefusalNotTold, ReturnNotShown, ReturnShown, SecondOfficer, TakenBackMeanwhile
from marketplace.treasury.models import DecisionKind, Direction, LineDecision, PaymentInstruction, StatementLine
from marketplace.treasury.models.decisions import REFERENCE_PREFIX, new_return_reference
from marketplace.treasury.services import accounts, statements
from marketplace.treasury.services.decisions import RETURN, describe, reason_given
from marketplace.treasury.services.payment_files import Payment
from marketplace.treasury.services.payment_orders import MOST_LISTED, Source
from marketplace.treasury.services.statement_lines import naming
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.treasury.workflow import AT_THE_BANK_OR_REFUSED, LineDecisionState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform

_REFERENCE = re.compile(rf"(?<![0-9A-Z]){REFERENCE_PREFIX}[0-9A-Z]{{10}}(?![0-9A-Z])")


def confirm(ctx: Context[LineDecision], *, line_id: UUID | None = None, reference: str = "") -> None:
    """The bank has returned the money: it has left the books as it came.

    Without a line the statements are asked, as at each due time. A debit of an earlier try, booked as refused,
    ends the return under that try's reference.
    """
    decision = ctx.obj
    if line_id is None:
        lines = debits_naming(decision)
        if not lines:
            raise ReturnNotShown
        line_id = lines[0].pk
        statements.mark_line(lines[0], Match(RETURN, decision.pk))
    if reference not in ("", decision.reference) and ctx.source == LineDecisionState.PROCESSING:
        raise ReturnNotShown  # sent again meanwhile: the earlier try's debit waits until the bank has answered this one
    decision.reference = reference or decision.reference
    transfer(group=ctx.group, source=accounts.in_transit(), target=accounts.custody(), fen=decision.line.fen, code="line.given_back")
    ctx.money = True
    describe(ctx)
    ctx.private["statement_line"] = str(line_id)


def take_back(ctx: Context[LineDecision], *, line_id: UUID) -> None:
    """The bank took the money back itself before a return went out: that debit, on which two officers agreed, ends the return."""
    transfer(group=ctx.group, source=accounts.in_transit(), target=accounts.custody(), fen=ctx.obj.line.fen, code="line.taken_back")
    ctx.money = True
    describe(ctx)
    ctx.private["statement_line"] = str(line_id)


def not_shown(ctx: Context[LineDecision]) -> None:
    """Nothing is booked as refused, or sent, while a statement shows that one of its tries went out."""
    told = PaymentInstruction.objects.filter(kind=RETURN, object_id=ctx.obj.pk).values_list("end_to_end_id", flat=True)
    if _waiting_debits(set(told)):
        raise ReturnShown


def not_taken_back(ctx: Context[LineDecision]) -> None:
    """Nothing goes out for what a waiting line shows as taken back by the bank, or an officer says so: that debit already is the return."""
    not_shown(ctx)
    brought = ctx.obj.line
    said = LineDecision.objects.filter(kind=DecisionKind.CHARGE_BACK, state=LineDecisionState.PROPOSED, top_up=brought)
    if said.exists():
        raise TakenBackMeanwhile
    waiting = StatementLine.objects.filter(direction=Direction.OUT, matched_at=None, fen=brought.fen)
    if any(map(naming([brought.bank_line_id]), waiting.values_list("reference", flat=True))):
        raise TakenBackMeanwhile


def another_sends_again(ctx: Context[LineDecision]) -> None:
    """Whoever has it sent again is not the one who booked the refusal, and no statement shows that it went out."""
    if ctx.actor.person_id == ctx.obj.refused_by:
        raise SecondOfficer
    not_taken_back(ctx)


def go_out(ctx: Context[LineDecision]) -> None:
    """What goes out is not called off any more: whoever asked for that asks anew where the bank refuses."""
    ctx.obj.call_off_to_id = ctx.obj.call_off_by = None


def report_refusal(ctx: Context[LineDecision], *, reason: str) -> None:
    """One officer tells that the bank refused the return, and why: nothing has changed before another agrees."""
    ctx.obj.note = ctx.reason = reason_given(reason)
    ctx.obj.refused_by = ctx.actor.person_id
    describe(ctx)


def another_agrees_to_refusal(ctx: Context[LineDecision]) -> None:
    """Whoever books the bank's refusal is not the one who told of it, and no statement shows that the return went out."""
    if ctx.obj.refused_by is None:
        raise RefusalNotTold
    if ctx.actor.person_id == ctx.obj.refused_by:
        raise SecondOfficer
    not_shown(ctx)


def bank_error(ctx: Context[LineDecision]) -> None:
    """The bank refused the return: the money stays on its way until it is sent again by another than who told of it."""
    ctx.reason = ctx.obj.note
    ctx.obj.refusal_agreed_by = ctx.actor.person_id
    describe(ctx)
    ctx.private["refusal_told_by"] = str(ctx.obj.refused_by)


def send_again(ctx: Context[LineDecision]) -> None:
    """Have the next payment order send it, under a new reference."""
    ctx.obj.reference = new_return_reference()
    ctx.obj.refused_by = ctx.obj.refusal_agreed_by = None
    go_out(ctx)
    describe(ctx)


def recognise(line: StatementLine) -> Match | None:
    """Confirm the return that an outgoing line names and agrees with to the fen; None when there is none.

    A line that names a try which was booked as refused shows that the bank returned the money after all.
    """
    named = references_in(line.reference)
    told = PaymentInstruction.objects.filter(kind=RETURN, end_to_end_id__in=named, fen=line.fen).first() if len(named) == 1 else None
    if told is None:
        return None
    now_or_refused = Q(reference=told.end_to_end_id, state__in=AT_THE_BANK_OR_REFUSED) | Q(
        state__in=(LineDecisionState.SCHEDULED, LineDecisionState.BANK_REFUSED)
    )
    decision = LineDecision.objects.filter(now_or_refused, pk=told.object_id).first()
    if decision is None:
        return None
    try:
        perform("confirm", decision, Actor.system(), line_id=line.pk, reference=told.end_to_end_id)
    except DomainError:  # confirmed meanwhile: the line waits for a person
        return None
    return Match(RETURN, decision.pk)


def debits_naming(decision: LineDecision) -> Sequence[StatementLine]:
    """Outgoing lines that wait, name the return as it was last sent and agree with it to the fen."""
    lines = _waiting_debits({decision.reference})
    return [line for line in lines if line.fen == decision.line.fen and references_in(line.reference) == {decision.reference}]


def first_debit_naming(decision: LineDecision) -> Sequence[StatementLine]:
    """The oldest of them, which alone is locked before the decision."""
    return debits_naming(decision)[:1]


def references_in(text: str) -> set[str]:
    """Every return's reference in a line's message, whatever its case."""
    return set(_REFERENCE.findall(text.upper()))


def waiting() -> Sequence[Payment]:
    """Returns that two officers agreed to, the oldest first."""
    rows = LineDecision.objects.filter(state=LineDecisionState.SCHEDULED).select_related("line").order_by("id")
    return [_payment(decision) for decision in rows[:MOST_LISTED]]


def send(order_id: UUID, chosen: Collection[UUID]) -> Sequence[Payment]:
    """Send those of the chosen returns that still wait, locked in the order of their ids."""
    rows = LineDecision.objects.filter(pk__in=chosen, state=LineDecisionState.SCHEDULED).select_related("line").order_by("id")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    return [_payment(perform("send", decision, Actor.system())) for decision in locked]


def found(ids: Collection[UUID]) -> Mapping[UUID, LineDecision]:
    """The decisions behind these ids."""
    return LineDecision.objects.in_bulk(ids)


SOURCE = Source(waiting=waiting, send=send, found=found)


def _waiting_debits(references: set[str]) -> list[StatementLine]:
    named = Q()
    for reference in references:
        named |= Q(reference__icontains=reference)
    rows = StatementLine.objects.filter(named, direction=Direction.OUT, matched_at=None).order_by("id")
    return [line for line in rows if references_in(line.reference) & references] if references else []


def _payment(decision: LineDecision) -> Payment:
    line = decision.line
    return Payment(RETURN, decision.pk, decision.reference, line.payer_name[:160], line.payer_account, "", line.fen)
