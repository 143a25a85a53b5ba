"""Bank statements: imported once, each line booked once, what nobody recognises waits for a finance officer."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from uuid import UUID

from django.db import connection, transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.common import clock, outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.ids import uuid7
from marketplace.treasury.errors import ForFinanceOnly, LineAlreadyMatched
from marketplace.treasury.models import Account, BankStatement, Direction, StatementLine, StatementMapping, TopUpReference
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import accounts, debts, transferring
from marketplace.treasury.services.debts import WALLET
from marketplace.treasury.services.layouts import digest_of, layout_of
from marketplace.treasury.services.sifting import sift
from marketplace.treasury.services.statement_lines import naming
from marketplace.treasury.services.topups import codes_in

TOP_UP = "treasury.topup"
IMPORT_LOCK = 0x6A71_0010


@dataclass(frozen=True, slots=True)
class Match:
    """What a room above recognised in a line: the kind and id of its own object."""

    kind: str
    id: UUID


Recogniser = Callable[[StatementLine], Match | None]
_recognisers: dict[Direction, list[Recogniser]] = {Direction.IN: [], Direction.OUT: []}


def on_outgoing(recognise: Recogniser) -> None:
    """Let a room above recognise lines that left the bank, and book them in the same transaction."""
    _recognisers[Direction.OUT].append(recognise)


def on_incoming(recognise: Recogniser) -> None:
    """Let a room above recognise lines in that carry no top-up reference, such as a bank's return."""
    _recognisers[Direction.IN].append(recognise)


def import_statement(*, actor: Actor, content: bytes, name: str, mapping: StatementMapping | None = None) -> tuple[BankStatement, bool]:
    """Take every good line of a statement once, book what carries a top-up reference: (statement, newly imported).

    The same file again changes nothing, and so does a line that an earlier statement brought. Lines
    with faults are listed in `faults` and not taken. All happens in one transaction; one import runs
    at a time. Lines that no reference books are offered to the rooms above when the outbox is delivered.
    Raises ForFinanceOnly, StatementUnreadable.
    """
    require_finance_officer(actor)
    with transaction.atomic():
        statement, lines = take(actor=actor, content=content, name=name, mapping=mapping)
        if lines is None:
            return statement, False
        book(lines, actor)
        offer_again(statement)
        return statement, True


def take(
    *, actor: Actor, content: bytes, name: str, mapping: StatementMapping | None = None
) -> tuple[BankStatement, list[StatementLine] | None]:
    """Write a file's good lines down, in the caller's transaction, for `book` to book: none where the file was taken before.

    Raises ForFinanceOnly for a key without a person, StatementUnreadable.
    """
    if actor.person_id is None:
        raise ForFinanceOnly
    sha256 = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    earlier = BankStatement.objects.filter(sha256=sha256).first()
    if earlier is not None:
        return earlier, None
    found, now = sift(content, layout_of(mapping)), clock.now()
    statement = BankStatement.objects.create(
        name=name[-255:],
        sha256=sha256,
        imported_by=actor.person_id,
        created_at=now,
        lines_known=found.known,
        faults=[fault.to_json() for fault in found.faults],
        closing_fen=found.closing.fen if found.closing else None,
        closing_on=found.closing.day if found.closing else None,
    )
    lines = StatementLine.objects.bulk_create(
        [StatementLine(statement=statement, **{one.name: getattr(line, one.name) for one in fields(line)}) for line in found.fresh],
        batch_size=500,
    )
    ledger.record(
        id=uuid7(),
        type="treasury.statement_imported",
        subject=ledger.Subject(kind="bank_statement", id=statement.pk, public=False),
        actor=actor.ledger_id,
        at=now,
        body={
            "sha256": sha256,
            "lines": len(lines),
            "known": found.known,
            "faults": len(found.faults),
            **({"mapping_sha256": digest_of(mapping)} if mapping else {}),
        },
        private={"person": str(actor.person_id), "mapping": mapping.name if mapping else ""},
    )
    return statement, lines


def book(lines: list[StatementLine], actor: Actor) -> None:
    """Book each waiting line whose reference says whose it is, and offer the others when the outbox is delivered."""
    _book_by_reference(lines, actor)
    for line in lines:
        if line.is_waiting:
            offer_by_outbox(line)


def offer_again(statement: BankStatement) -> None:
    """Once a statement is in, offer the waiting debits that name one of its top-ups, in the caller's transaction.

    The bank's debit may have come, and been offered in vain, before the top-up that it takes back: in another file, or an earlier batch.
    """
    booked = set(statement.lines.filter(direction=Direction.IN, matched_kind=WALLET).values_list("bank_line_id", flat=True))
    if booked:
        names = naming(booked)
        for debit in StatementLine.objects.filter(direction=Direction.OUT, matched_at=None).iterator():
            if names(debit.reference):
                offer_by_outbox(debit)


def assign_line(*, actor: Actor, line_id: UUID, organisation_id: UUID) -> StatementLine:
    """Book a waiting line in to the wallet that a finance officer agrees to: the second, see `decisions`.

    Raises ForFinanceOnly, NotFound (no such incoming line or organisation), LineAlreadyMatched.
    """
    require_finance_officer(actor)
    with transaction.atomic():
        line = _lock_line(line_id)
        if line is None or line.direction != Direction.IN or not Organisation.objects.filter(pk=organisation_id).exists():
            raise NotFound
        if not line.is_waiting:
            raise LineAlreadyMatched
        wallet, owing = accounts.wallet(organisation_id), debts.existing(organisation_id)
        transferring.lock([accounts.custody(), wallet, *owing])
        _book(line, wallet, owing, actor, by=actor.person_id)
        # The bank may have taken it back before anybody knew whose it was.
        for debit in StatementLine.objects.filter(direction=Direction.OUT, matched_at=None, reference__contains=line.bank_line_id):
            offer_by_outbox(debit)
        return line


def offer_line(line_id: UUID) -> bool:
    """Offer a waiting line to the rooms above, in the caller's transaction; True when one recognised it."""
    line = _lock_line(line_id)
    if line is None or not line.is_waiting:
        return False
    for recognise in _recognisers[Direction(line.direction)]:
        match = recognise(line)
        if match is not None:
            mark_line(line, match)
            return True
    return False


def offer_by_outbox(line: StatementLine) -> None:
    """Have a waiting line offered when the outbox is delivered: at its import, and whenever what it may belong to has changed."""
    outbox.emit("treasury.line_waiting", kind="statement_line", object_id=line.pk, payload={"direction": line.direction})


def mark_line(line: StatementLine, match: Match, *, by: UUID | None = None) -> None:
    """Say what a waiting line is, and who decided it if somebody did, in the transaction that books it: once, by the database."""
    _mark(line, match, by=by)


def _book_by_reference(lines: list[StatementLine], actor: Actor) -> None:
    """Book each line in whose text names exactly one organisation's reference; custody and wallets are locked first."""
    named = {line.pk: codes_in(line.reference) for line in lines if line.direction == Direction.IN}
    owner_of = dict(TopUpReference.objects.filter(code__in=set().union(*named.values())).values_list("code", "organisation_id"))
    owners = {pk: {owner_of[code] for code in codes if code in owner_of} for pk, codes in named.items()}
    clear = {pk: found.pop() for pk, found in owners.items() if len(found) == 1}
    if not clear:
        return
    wallets = {owner: accounts.wallet(owner) for owner in set(clear.values())}
    owing = {owner: debts.existing(owner) for owner in wallets}
    transferring.lock([accounts.custody(), *wallets.values(), *chain.from_iterable(owing.values())])
    for line in lines:
        if line.pk in clear:
            owner = clear[line.pk]
            _book(line, wallets[owner], owing[owner], actor, by=None)


def _book(line: StatementLine, wallet: Account, owing: Sequence[Account], actor: Actor, *, by: UUID | None) -> None:
    """One ledger intent and one top-up, both of the line's own id: no line is ever booked twice. A debt is repaid from it at once.

    The caller has locked custody, the wallet and what it owes.
    """
    ledger.record(
        id=line.pk,
        type=TOP_UP,
        subject=ledger.Subject(kind=WALLET, id=wallet.pk, public=False),
        actor=actor.ledger_id,
        at=clock.now(),
        body={"fen": line.fen, "bank_line": line.bank_line_id},
        private={"person": str(actor.person_id)},
        money=True,
    )
    transferring.transfer(group=line.pk, source=accounts.custody(), target=wallet, fen=line.fen, code=TOP_UP)
    debts.repay(group=line.pk, wallet=wallet, owing=owing)
    _mark(line, Match(WALLET, wallet.pk), by=by)


def _mark(line: StatementLine, match: Match, *, by: UUID | None) -> None:
    line.matched_kind, line.matched_id, line.matched_at, line.matched_by = match.kind, match.id, clock.now(), by
    line.save(update_fields=["matched_kind", "matched_id", "matched_at", "matched_by"])


def _lock_line(line_id: UUID) -> StatementLine | None:
    return StatementLine.objects.select_for_update(no_key=True).filter(pk=line_id).first()
