"""Lines that nobody recognised: one finance officer says what they are, a second one agrees, and only then anything is booked."""

from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.common.errors import Invalid, MissingScope, NotFound
from marketplace.common.text import bi
from marketplace.treasury.errors import ForFinanceOnly, LineAlreadyMatched, LineAlreadyProposed, PayerUnknown, SecondOfficer
from marketplace.treasury.models import DecisionKind, Direction, LineDecision, StatementLine
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import accounts, statements
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row

RETURN = "line_return"
LONGEST_ACCOUNT = 34  # Max34Text, what a payment file can carry


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
    describe(ctx)


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
