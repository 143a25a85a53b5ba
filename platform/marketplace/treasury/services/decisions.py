"""Lines that nobody recognised: one finance officer says what they are, a second one agrees, and only then anything is booked."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError, Invalid, MissingScope, NotFound
from marketplace.common.text import bi
from marketplace.treasury.errors import ForFinanceOnly, LineAlreadyMatched, LineAlreadyProposed, PayerUnknown, SecondOfficer
from marketplace.treasury.models import DecisionKind, Direction, LineDecision, StatementLine
from marketplace.treasury.models.decisions import REFERENCE_PREFIX
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import accounts, statements
from marketplace.treasury.services.payment_files import Payment
from marketplace.treasury.services.payment_orders import MOST_LISTED, Source
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.treasury.workflow import LineDecisionState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform

RETURN = "line_return"
LONGEST_ACCOUNT = 34  # Max34Text, what a payment file can carry
_REFERENCE = re.compile(rf"(?<![0-9A-Z]){REFERENCE_PREFIX}[0-9A-Z]{{10}}(?![0-9A-Z])")


def propose(*, actor: Actor, line_id: UUID, organisation_id: UUID | None) -> LineDecision:
    """Say whose a waiting line in is, or, with no organisation, that it goes back to its sender.

    Raises ForFinanceOnly, MissingScope, NotFound (no such incoming line or organisation), LineAlreadyMatched,
    LineAlreadyProposed, PayerUnknown (a return needs the payer's name and account).
    """
    require_finance_officer(actor)
    if actor.person_id is None:
        raise ForFinanceOnly
    if "money" not in actor.scopes:
        raise MissingScope
    with transaction.atomic():
        line = lock_row(StatementLine(pk=line_id))
        if line.direction != Direction.IN or (organisation_id and not Organisation.objects.filter(pk=organisation_id).exists()):
            raise NotFound
        if not line.is_waiting:
            raise LineAlreadyMatched
        if organisation_id is None and not (line.payer_name and 0 < len(line.payer_account) <= LONGEST_ACCOUNT):
            raise PayerUnknown
        kind = DecisionKind.WALLET if organisation_id else DecisionKind.RETURN
        made = LineDecision(line=line, kind=kind, organisation_id=organisation_id, proposed_by=actor.person_id)
        try:
            with transaction.atomic():
                return begin(made, actor)
        except IntegrityError as error:
            raise LineAlreadyProposed from error


def decide(*, actor: Actor, decision: LineDecision, agree: bool, reason: str = "") -> LineDecision:
    """Agree to a proposal, or refuse it with the reason. Raises Forbidden, SecondOfficer, WrongState, Invalid."""
    if not agree:
        return perform("refuse", decision, actor, reason=reason)
    return perform("book" if decision.kind == DecisionKind.WALLET else "give_back", decision, actor)


def may_be_booked(ctx: Context[LineDecision]) -> None:
    """A second officer books only what was proposed for a wallet."""
    _second_officer_agrees(ctx, DecisionKind.WALLET)


def may_be_returned(ctx: Context[LineDecision]) -> None:
    """A second officer returns only what was proposed to go back."""
    _second_officer_agrees(ctx, DecisionKind.RETURN)


def _second_officer_agrees(ctx: Context[LineDecision], kind: DecisionKind) -> None:
    """Whoever agrees is not the one who proposed it, agrees to what was proposed, and the line still waits."""
    if ctx.actor.person_id == ctx.obj.proposed_by:
        raise SecondOfficer
    if ctx.obj.kind != kind:
        raise NotFound
    if not ctx.obj.line.is_waiting:
        raise LineAlreadyMatched


def book(ctx: Context[LineDecision]) -> None:
    """Book the line to the organisation's wallet, as its own top-up with its own ledger record."""
    decision = ctx.obj
    assert decision.organisation_id is not None  # the database keeps it so
    statements.assign_line(actor=ctx.actor, line_id=decision.line_id, organisation_id=decision.organisation_id)
    decision.decided_by = ctx.actor.person_id
    _describe(ctx)


def give_back(ctx: Context[LineDecision]) -> None:
    """Take the money into the books as on its way out again; the next payment order sends it."""
    decision = ctx.obj
    transfer(group=ctx.group, source=accounts.custody(), target=accounts.in_transit(), fen=decision.line.fen, code="line.give_back")
    ctx.money = True
    statements.mark_line(decision.line, Match(RETURN, decision.pk))
    decision.decided_by = ctx.actor.person_id
    _describe(ctx)


def refuse(ctx: Context[LineDecision], *, reason: str) -> None:
    """Leave the line waiting; the proposer may take their own proposal back so."""
    if not reason.strip():
        text = bi("请写明理由。", "Say why.")
        raise Invalid(text, fields={"reason": [text]})
    ctx.obj.note = ctx.reason = reason.strip()
    ctx.obj.decided_by = ctx.actor.person_id
    _describe(ctx)


def confirm(ctx: Context[LineDecision], *, line_id: UUID) -> None:
    """The bank has returned the money: it has left the books as it came."""
    transfer(group=ctx.group, source=accounts.in_transit(), target=accounts.custody(), fen=ctx.obj.line.fen, code="line.given_back")
    ctx.money = True
    _describe(ctx)
    ctx.private["statement_line"] = str(line_id)


def recognise(line: StatementLine) -> Match | None:
    """Confirm the return that an outgoing line names and agrees with to the fen; None when there is none."""
    named = set(_REFERENCE.findall(unicodedata.normalize("NFKC", line.reference).upper()))
    rows = LineDecision.objects.filter(reference__in=named, state=LineDecisionState.PROCESSING, line__fen=line.fen)
    decision = rows.first() if len(named) == 1 else None
    if decision is None:
        return None
    try:
        perform("confirm", decision, Actor.system(), line_id=line.pk)
    except DomainError:  # confirmed meanwhile: the line waits for a person
        return None
    return Match(RETURN, decision.pk)


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


def _payment(decision: LineDecision) -> Payment:
    line = decision.line
    return Payment(RETURN, decision.pk, decision.reference, line.payer_name[:160], line.payer_account, "", line.fen)


def _describe(ctx: Context[LineDecision]) -> None:
    decision = ctx.obj
    ctx.private.update(fen=decision.line.fen, bank_line=decision.line.bank_line_id, proposed_by=str(decision.proposed_by))
    if decision.organisation_id:
        ctx.private["organisation"] = str(decision.organisation_id)
