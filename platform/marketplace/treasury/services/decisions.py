"""Lines that nobody recognised: one finance officer says what they are, a second one agrees, and only then anything is booked."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.common.errors import Invalid, MissingScope, NotFound
from marketplace.common.text import bi
from marketplace.treasury.errors import ForFinanceOnly, LineAlreadyMatched, LineAlreadyProposed, PayerUnknown, SecondOfficer, TopUpUnfit
from marketplace.treasury.models import CHARGE_BACK, DecisionKind, Direction, LineDecision, StatementLine
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import accounts, charging_back, statements, twins
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform

RETURN, BANK_FEE = "line_return", "bank_fee"
LONGEST_ACCOUNT = 34  # Max34Text, what a payment file can carry


def propose(*, actor: Actor, line_id: UUID, organisation_id: UUID | None) -> LineDecision:
    """Say whose a waiting line in is, or, with no organisation, that it goes back to its sender.

    Raises ForFinanceOnly, MissingScope, NotFound (no such incoming line or organisation), LineAlreadyMatched,
    LineAlreadyProposed, PayerUnknown (a return needs the payer's name and account).
    """

    def fit(line: StatementLine) -> None:
        if organisation_id is None and not (line.payer_name and 0 < len(line.payer_account) <= LONGEST_ACCOUNT):
            raise PayerUnknown

    if organisation_id and not Organisation.objects.filter(pk=organisation_id).exists():
        raise NotFound
    kind = DecisionKind.WALLET if organisation_id else DecisionKind.RETURN
    return _propose(actor, line_id, Direction.IN, LineDecision(kind=kind, organisation_id=organisation_id), fit)


def propose_outgoing(*, actor: Actor, line_id: UUID, top_up: str) -> LineDecision:
    """Say that a waiting line out took back the top-up of this bank line id, or, with none, that it is a charge of the bank's.

    Money in that is to be returned, and has not gone out, is taken back in the same way.

    Raises ForFinanceOnly, MissingScope, NotFound (no such outgoing line), LineAlreadyMatched, LineAlreadyProposed,
    TopUpUnfit (booked, as much, and not taken back before).
    """
    made = LineDecision(kind=DecisionKind.CHARGE_BACK if top_up else DecisionKind.BANK_FEE)

    def fit(line: StatementLine) -> None:
        if not top_up:
            return
        brought = twins.line_called(top_up)
        unfit = TopUpUnfit(fields={"top_up": [TopUpUnfit.title]})
        if brought is None:
            raise unfit
        made.top_up = charging_back.may_be_charged_back(line, brought.pk, by_hand=True)
        if made.top_up is None and charging_back.return_taken_back(line, brought.pk):
            made.top_up = brought
        if made.top_up is None:
            raise unfit

    return _propose(actor, line_id, Direction.OUT, made, fit)


def _propose(actor: Actor, line_id: UUID, direction: Direction, made: LineDecision, fit: Callable[[StatementLine], None]) -> LineDecision:
    require_finance_officer(actor)
    if actor.person_id is None:
        raise ForFinanceOnly
    if "money" not in actor.scopes:
        raise MissingScope
    with transaction.atomic():
        line = lock_row(StatementLine(pk=line_id))
        if line.direction != direction:
            raise NotFound
        if not line.is_waiting:
            raise LineAlreadyMatched
        fit(line)
        made.line, made.proposed_by = line, actor.person_id
        try:
            with transaction.atomic():
                return begin(made, actor)
        except IntegrityError as error:
            raise LineAlreadyProposed from error


def may_be_booked(ctx: Context[LineDecision]) -> None:
    """A second officer books what was proposed, but for a return."""
    _second_officer_agrees(ctx, *_BOOKED)


def may_be_returned(ctx: Context[LineDecision]) -> None:
    """A second officer returns only what was proposed to go back."""
    _second_officer_agrees(ctx, DecisionKind.RETURN)


def _second_officer_agrees(ctx: Context[LineDecision], *kinds: DecisionKind) -> None:
    """Whoever agrees is not the one who proposed it, agrees to what was proposed, and the line still waits."""
    if ctx.actor.person_id == ctx.obj.proposed_by:
        raise SecondOfficer
    if ctx.obj.kind not in kinds:
        raise NotFound
    if not ctx.obj.line.is_waiting:
        raise LineAlreadyMatched


def book(ctx: Context[LineDecision]) -> None:
    """Book the line as what it was proposed to be; one in for a wallet and a charge-back with a ledger record of their own."""
    decision = ctx.obj
    _BOOKED[DecisionKind(decision.kind)](ctx)
    decision.decided_by = ctx.actor.person_id
    describe(ctx)


def _book_to_wallet(ctx: Context[LineDecision]) -> None:
    decision = ctx.obj
    assert decision.organisation_id is not None  # the database keeps it so
    statements.assign_line(actor=ctx.actor, line_id=decision.line_id, organisation_id=decision.organisation_id)


def _book_charge_back(ctx: Context[LineDecision]) -> None:
    decision = ctx.obj
    assert decision.top_up_id is not None  # the database keeps it so
    top_up = charging_back.may_be_charged_back(decision.line, decision.top_up_id, by_hand=True)
    if top_up is None:
        ended = charging_back.return_taken_back(decision.line, decision.top_up_id)
        if ended is None:  # taken back by another line meanwhile, or sent
            raise TopUpUnfit
        perform("take_back", ended, Actor.system(), line_id=decision.line_id)
        statements.mark_line(decision.line, Match(RETURN, ended.pk), by=ctx.actor.person_id)
        return
    ctx.private["owed_fen"] = charging_back.charge_back(line=decision.line, top_up=top_up, actor=ctx.actor)
    statements.mark_line(decision.line, Match(CHARGE_BACK, top_up.pk), by=ctx.actor.person_id)


def _book_bank_fee(ctx: Context[LineDecision]) -> None:
    """The platform bears it: out of its own fees, and no further than they reach. Raises InsufficientFunds."""
    decision = ctx.obj
    transfer(group=ctx.group, source=accounts.fee(), target=accounts.custody(), fen=decision.line.fen, code="bank.charge")
    ctx.money = True
    statements.mark_line(decision.line, Match(BANK_FEE, decision.pk), by=ctx.actor.person_id)


_BOOKED: Mapping[DecisionKind, Callable[[Context[LineDecision]], None]] = {
    DecisionKind.WALLET: _book_to_wallet,
    DecisionKind.CHARGE_BACK: _book_charge_back,
    DecisionKind.BANK_FEE: _book_bank_fee,
}


def give_back(ctx: Context[LineDecision]) -> None:
    """Take the money into the books as on its way out again; the next payment order sends it."""
    decision = ctx.obj
    transfer(group=ctx.group, source=accounts.custody(), target=accounts.in_transit(), fen=decision.line.fen, code="line.give_back")
    ctx.money = True
    statements.mark_line(decision.line, Match(RETURN, decision.pk))
    decision.decided_by = ctx.actor.person_id
    describe(ctx)


def refuse(ctx: Context[LineDecision], *, reason: str) -> None:
    """Leave the line waiting; the proposer may take their own proposal back so."""
    ctx.obj.note = ctx.reason = reason_given(reason)
    ctx.obj.decided_by = ctx.actor.person_id
    describe(ctx)


def reason_given(reason: str) -> str:
    """The reason without blanks around it. Raises Invalid where there is none."""
    if not reason.strip():
        text = bi("请写明理由。", "Say why.")
        raise Invalid(text, fields={"reason": [text]})
    return reason.strip()


def describe(ctx: Context[LineDecision]) -> None:
    """What the ledger commits to of every move of a decision."""
    decision = ctx.obj
    ctx.private.update(fen=decision.line.fen, bank_line=decision.line.bank_line_id, proposed_by=str(decision.proposed_by))
    if decision.organisation_id:
        ctx.private["organisation"] = str(decision.organisation_id)
    if decision.top_up_id:
        ctx.private["top_up"] = str(decision.top_up_id)
