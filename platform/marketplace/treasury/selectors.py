"""Reads of the books: balances, statements, what waits. Callers have checked permission."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from marketplace.accounts.models import Organisation
from marketplace.accounts.workflow import OrganisationState
from marketplace.common.errors import NotFound
from marketplace.treasury.models import (
    BEIJING,
    Account,
    AccountKind,
    BankStatement,
    DecisionKind,
    Direction,
    LineDecision,
    PaymentOrder,
    StatementLine,
    TopUpReference,
    Transfer,
    TransferKind,
)
from marketplace.treasury.workflow import LineDecisionState


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has, in fen: `posted` is there, `held` of it is promised away, `available` is the rest.

    `incoming` is held elsewhere for this account. For custody the balance is what the bank should have.
    """

    posted_fen: int
    held_fen: int
    available_fen: int
    incoming_fen: int
    currency: str = "CNY"


def balance(account: Account) -> Balance:
    """The account's balance now, as committed transfers (and the caller's own) make it."""
    return balance_of(Account.objects.get(pk=account.pk))


def balance_of(fresh: Account) -> Balance:
    """The balance of an account as it was just read."""
    if fresh.is_debit_normal:
        posted, held, incoming = fresh.posted_out - fresh.posted_in, fresh.pending_in, fresh.pending_out
    else:
        posted, held, incoming = fresh.posted_in - fresh.posted_out, fresh.pending_out, fresh.pending_in
    return Balance(posted_fen=posted, held_fen=held, available_fen=posted - held, incoming_fen=incoming, currency=fresh.currency)


def wallet_of(organisation_id: UUID) -> Balance:
    """What an organisation has in its wallet; all zero where none has been opened yet."""
    wallet = Account.objects.filter(kind=AccountKind.WALLET, owner_id=organisation_id, currency="CNY").first()
    return balance_of(wallet) if wallet else Balance(posted_fen=0, held_fen=0, available_fen=0, incoming_fen=0)


def owner_of_wallet(line: StatementLine) -> UUID:
    """Whose wallet a booked line went into, at once or when its return was called off. Raises NotFound for a line that went into none."""
    wallet = Account.objects.filter(pk=line.matched_id, kind=AccountKind.WALLET).first() if line.matched_id else None
    if wallet is not None and wallet.owner_id is not None:
        return wallet.owner_id
    called_off = line.decisions.filter(kind=DecisionKind.RETURN, state=LineDecisionState.BOOKED).first()
    if called_off is None or called_off.call_off_to_id is None:
        raise NotFound
    return called_off.call_off_to_id


def went_into_a_wallet(line: StatementLine) -> bool:
    """Whether a line in was booked to an organisation's wallet, at once or when its return was called off."""
    try:
        owner_of_wallet(line)
    except NotFound:
        return False
    return True


def transfers_of(account: Account) -> QuerySet[Transfer]:
    """Every transfer in or out of an account, newest first."""
    return Transfer.objects.filter(Q(source=account) | Q(target=account)).select_related("source", "target").order_by("-id")


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer as one of its two accounts sees it: in or out, and what kind of account stands on the other side."""

    transfer: Transfer
    direction: str
    counterpart: str

    @classmethod
    def seen_from(cls, account: Account, transfer: Transfer) -> "Movement":
        """The transfer from this account's side."""
        outgoing = transfer.source_id == account.pk
        other = transfer.target if outgoing else transfer.source
        return cls(transfer=transfer, direction="out" if outgoing else "in", counterpart=other.kind)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement of a statement: signed fen, and what the account had after it."""

    transfer: Transfer
    counterpart: AccountKind
    fen: int
    balance_fen: int


def opening_fen(account: Account, since: date) -> int:
    """What the account had when that day began in Beijing; holds count only once they are posted."""
    return _moved(account).filter(created_at__lt=_begin(since)).aggregate(net=Sum(_signed(account)))["net"] or 0


def statement_rows(account: Account, since: date, until: date) -> Iterator[StatementRow]:
    """Every movement from the first day to the last, both included, oldest first; read in chunks, so memory does not grow."""
    balance_fen = opening_fen(account, since)
    rows = _moved(account).filter(created_at__gte=_begin(since), created_at__lt=_begin(until + timedelta(days=1)))
    for transfer in rows.select_related("source", "target").order_by("created_at", "id").iterator():
        outgoing = transfer.source_id == account.pk
        fen = -transfer.fen if outgoing else transfer.fen
        balance_fen += fen
        yield StatementRow(transfer, AccountKind((transfer.target if outgoing else transfer.source).kind), fen, balance_fen)


def _moved(account: Account) -> QuerySet[Transfer]:
    """Transfers that changed the account's balance: a hold does not until it is posted."""
    return Transfer.objects.filter(Q(source=account) | Q(target=account), kind__in=(TransferKind.POSTED, TransferKind.POST))


def _signed(account: Account) -> Case:
    return Case(When(target=account, then=F("fen")), default=-F("fen"))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


@dataclass(frozen=True, slots=True)
class KindTotal:
    """All accounts of one kind together, in fen; custody's is what the bank should have."""

    kind: AccountKind
    posted_fen: int
    held_fen: int
    accounts: int


def totals_by_kind() -> list[KindTotal]:
    """The reconciliation bridge: custody's mirror equals the sum of all the others."""
    rows = {
        row["kind"]: row
        for row in Account.objects.values("kind").annotate(net=Sum(F("posted_in") - F("posted_out")), held=Sum("pending_out"), count=Sum(1))
    }
    return [
        KindTotal(
            kind=kind,
            posted_fen=-rows[kind]["net"] if kind == AccountKind.CUSTODY else rows[kind]["net"],
            held_fen=rows[kind]["held"],
            accounts=rows[kind]["count"],
        )
        for kind in AccountKind
        if kind in rows
    ]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the bank says the account closed a day with, and what our books expect of that day, in fen."""

    closing_fen: int
    expected_fen: int

    @property
    def difference_fen(self) -> int:
        """The bank's balance less the books': 0 when they agree."""
        return self.closing_fen - self.expected_fen


def expected_at_bank(until: date | None = None) -> int:
    """What custody's bank should have, in fen: our mirror, and every line of its statements that nobody has booked yet.

    With `until`, at the end of that day in Beijing: without what its statements brought later.
    """
    mirror = Account.objects.filter(kind=AccountKind.CUSTODY).aggregate(net=Sum(F("posted_out") - F("posted_in")))["net"] or 0
    signed = Case(When(direction=Direction.IN, then=F("fen")), default=-F("fen"))
    waiting = StatementLine.objects.filter(matched_at=None).aggregate(net=Sum(signed))["net"] or 0
    if until is None:
        return int(mirror + waiting)
    later = StatementLine.objects.filter(booked_at__gte=_begin(until + timedelta(days=1))).aggregate(net=Sum(signed))["net"] or 0
    return int(mirror + waiting - later)


def reconciled(statement: BankStatement) -> Reconciliation | None:
    """The statement's closing balance against the books as they are now; None where it names no balance."""
    if statement.closing_fen is None or statement.closing_on is None:
        return None
    return Reconciliation(statement.closing_fen, expected_at_bank(statement.closing_on))


def statements() -> QuerySet[BankStatement]:
    """Every imported statement, newest first, with how many lines it brought and how many of them wait."""
    waiting = Count("lines", filter=Q(lines__matched_at=None))
    return BankStatement.objects.annotate(lines_taken=Count("lines"), lines_waiting=waiting).order_by("-id")


def statement(id: UUID) -> BankStatement:
    """One imported statement; NotFound."""
    found = statements().filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


def decisions() -> QuerySet[LineDecision]:
    """Every decision about a line that nobody recognised, newest first."""
    return LineDecision.objects.select_related("line", "organisation", "top_up", "call_off_to").order_by("-id")


def decision(id: UUID | str) -> LineDecision:
    """One decision about a line; NotFound."""
    found = decisions().filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


def proposals() -> QuerySet[LineDecision]:
    """What one officer has proposed and no second one has decided, oldest first."""
    return decisions().filter(state=LineDecisionState.PROPOSED).order_by("id")


def unpaid_returns() -> QuerySet[LineDecision]:
    """Returns that the bank refused or did not answer in time, oldest first."""
    late = Q(state=LineDecisionState.PROCESSING, escalations__gt=0)
    return decisions().filter(Q(state=LineDecisionState.BANK_REFUSED) | late).order_by("id")


def payment_orders() -> QuerySet[PaymentOrder]:
    """Every payment order without its bytes, newest first."""
    return PaymentOrder.objects.defer("content").order_by("-id")


def payment_order(id: UUID) -> PaymentOrder:
    """One payment order; NotFound."""
    found = PaymentOrder.objects.filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


def latest_reconciliation() -> tuple[BankStatement, Reconciliation] | None:
    """The last statement of the latest day that has one with a closing balance, held against the books as they are now, or None."""
    statement = BankStatement.objects.filter(closing_on__isnull=False).order_by("-closing_on", "-created_at", "-id").first()
    found = reconciled(statement) if statement else None
    return (statement, found) if statement and found else None


def waiting_lines() -> QuerySet[StatementLine]:
    """Lines that nobody has matched yet, oldest first: the finance officers' queue."""
    return StatementLine.objects.filter(matched_at=None).order_by("statement_id", "number")


def reference_of(organisation_id: UUID) -> TopUpReference | None:
    """The organisation's standing top-up reference, where one was asked for."""
    return TopUpReference.objects.filter(organisation_id=organisation_id).first()


def held_for(account: Account) -> Sequence[Transfer]:
    """The open holds on an account's money, oldest first."""
    return list(Transfer.objects.filter(source=account, kind="pending", resolution=None).select_related("target").order_by("id"))


def organisation_by_credit_code(credit_code: str) -> UUID | None:
    """The organisation of this credit code, rejected ones aside."""
    live = Organisation.objects.filter(uscc=credit_code.upper()).exclude(state=OrganisationState.REJECTED)
    return live.values_list("pk", flat=True).first()
