"""Money that the bank takes back after it was booked: out of the wallet while that has it, and the rest is the organisation's debt."""

import re
from collections.abc import Callable
from uuid import UUID

from ledger.app import services as ledger
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.treasury import selectors
from marketplace.treasury.models import CHARGE_BACK, DecisionKind, Direction, LineDecision, PaymentInstruction, StatementLine
from marketplace.treasury.services import accounts
from marketplace.treasury.services.debts import WALLET
from marketplace.treasury.services.statement_lines import as_code, ids_in
from marketplace.treasury.services.statements import Match
from marketplace.treasury.services.transferring import Leg, lock, transfer_many
from marketplace.treasury.services.twins import kept_with_blanks
from marketplace.treasury.workflow import NOT_OUT
from marketplace.workflow.performing import lock_row

CODE = "treasury.charge_back"
TAKEN_BACK = "treasury.charged_back"
# A bank's own id of fewer characters may be a year or a number of anything.
SHORTEST_ID = 8
_WORDS = re.compile("[0-9A-Z]+")

Release = Callable[[UUID, int], None]
_releases: list[Release] = []


def before_a_debt(release: Release) -> None:
    """Let a room above free so many fen of what it holds in an organisation's wallet, before the rest becomes a debt.

    It is called in the transaction of the charge-back, before any account is locked, and locks its own rows first.
    """
    _releases.append(release)


def recognise(line: StatementLine) -> Match | None:
    """Charge back the top-up that an outgoing line names by the bank's own id, and agrees with to the fen; None when there is none."""
    top_up = named_by(line)
    if top_up is None:
        return None
    charge_back(line=line, top_up=top_up, actor=Actor.system())
    return Match(CHARGE_BACK, top_up.pk)


def named_by(line: StatementLine) -> StatementLine | None:
    """The one booked top-up that an outgoing line names, locked, of the same amount and, where both say it, of the same account.

    Short ids are words of any text, a line that names a payment of ours is that payment, and an id that another line bears but for its
    blanks may mean either: all are left to the officers.
    """
    words = {word for word in ids_in(line.reference) if len(word) >= SHORTEST_ID}
    named = StatementLine.objects.filter(bank_line_id__in=words, direction=Direction.IN)
    found = list(named.filter(matched_kind__gt="")) if words else []
    if len(found) != 1 or _names_a_payment_of_ours(line) or kept_with_blanks(as_code(found[0].bank_line_id), Direction.IN):
        return None
    return may_be_charged_back(line, found[0].pk)


def may_be_charged_back(line: StatementLine, top_up_id: UUID, *, by_hand: bool = False) -> StatementLine | None:
    """The top-up, locked, where the line can be its charge-back: in a wallet, as much, not taken back before, and from the same account.

    Two officers who decide by hand may know better than the account that the bank names.
    """
    top_up = lock_row(StatementLine(pk=top_up_id))
    if top_up.fen != line.fen or not selectors.went_into_a_wallet(top_up):
        return None
    if StatementLine.objects.filter(matched_kind=CHARGE_BACK, matched_id=top_up.pk).exists():
        return None
    both = {line.payer_account, top_up.payer_account} - {""}
    return top_up if by_hand or len(both) < 2 else None


def return_taken_back(line: StatementLine, brought_id: UUID) -> LineDecision | None:
    """The return that has not gone out, or that the bank refused, of a line in that this debit took back, to the fen."""
    returns = LineDecision.objects.filter(kind=DecisionKind.RETURN, state__in=NOT_OUT, line_id=brought_id, line__fen=line.fen)
    return returns.first()


def _names_a_payment_of_ours(line: StatementLine) -> bool:
    words = set(_WORDS.findall(line.reference.upper()))
    return PaymentInstruction.objects.filter(end_to_end_id__in=words).exists()


def charge_back(*, line: StatementLine, top_up: StatementLine, actor: Actor) -> int:
    """Take the line's amount out of the books, in the caller's transaction and under its locks of both lines: the fen left owing.

    The wallet pays what it has available; then rooms above free what they hold there, and only what is still missing is
    booked as the organisation's debt. The outgoing line's id is the group and the ledger record's id: it happens once.
    """
    organisation_id = selectors.owner_of_wallet(top_up)
    wallet, custody, debt = accounts.wallet(organisation_id), accounts.custody(), accounts.debt(organisation_id)
    for release in _releases:
        short = line.fen - selectors.balance(wallet).available_fen
        if short > 0:
            release(organisation_id, short)
    lock([wallet, custody, debt])
    paid = min(line.fen, selectors.balance(wallet).available_fen)
    owed = line.fen - paid
    ledger.record(
        id=line.pk,
        type=TAKEN_BACK,
        subject=ledger.Subject(kind=WALLET, id=wallet.pk, public=False),
        actor=actor.ledger_id,
        at=clock.now(),
        body={"fen": line.fen, "bank_line": line.bank_line_id},
        private={"top_up": str(top_up.pk), "owed_fen": owed, "person": str(actor.person_id)},
        money=True,
    )
    legs = [Leg(wallet, custody, paid, CODE), Leg(debt, custody, owed, CODE)]
    transfer_many(group=line.pk, legs=[leg for leg in legs if leg.fen])
    outbox.emit(TAKEN_BACK, kind="statement_line", object_id=line.pk, payload={})
    return owed


def whose_top_up(debit: StatementLine) -> list[UUID]:
    """Whose money a charge-back took, to be told of it."""
    top_up = StatementLine.objects.filter(pk=debit.matched_id).first() if debit.matched_id else None
    return [selectors.owner_of_wallet(top_up)] if top_up else []
