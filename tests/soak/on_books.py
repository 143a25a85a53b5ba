"""Steps on the books themselves: money from the bank, transfers, holds, time."""

from django.db import transaction

from marketplace.common import money
from marketplace.common.errors import DomainError
from marketplace.common.ids import uuid7
from marketplace.treasury.errors import AmountRefused, HoldMismatch, HoldResolved
from marketplace.treasury.models import BankStatement, Transfer
from marketplace.treasury.services import statements, transferring
from tests.factories.treasury import held, intent, pay, statement_csv
from tests.soak.exchange import AT_ONCE, HARMLESS, Exchange
from tests.soak.model import refused
from tests.soak.people import BankLine
from tests.soak.steps import step

MOST_HOLDS = 40


@step(4)
def top_up_by_a_bank_statement(exchange: Exchange) -> None:
    """One to three lines; now and then one line again that an earlier statement brought, and one that cannot be read."""
    people = [*exchange.funders, *exchange.companies, *exchange.universities]
    chosen = [exchange.chance.randrange(len(people)) for _ in range(exchange.chance.randint(1, 3))]
    amounts = [exchange.chance.randint(1, 2_000_000) for _ in chosen]
    lines = []
    for who, fen in zip(chosen, amounts, strict=True):
        reference = people[who].reference
        assert reference
        exchange.begun += 1
        came = BankLine(f"{exchange.name}-{exchange.begun}", exchange.wallets[who], fen)
        lines.append(f"{came.id},2026-03-01T09:00:00,{plain(fen)},in,Payer,6222,{reference.code}")
        exchange.topped_up.append(came)
    repeated = exchange.statements[-1].decode().splitlines()[1:2] if exchange.statements and exchange.likely(0.3) else []
    broken = ["x,2026-03-01T09:00:00,1.234,in,Payer,6222,"] if exchange.likely(0.1) else []
    content = statement_csv(*lines, *repeated, *broken)
    exchange.statements.append(content)
    officer = exchange.officers[0]

    def act() -> BankStatement:
        made, new = statements.import_statement(actor=officer, content=content, name="day.csv")
        assert (new, made.lines.count(), made.lines_known, len(made.faults)) == (True, len(lines), len(repeated), len(broken))
        return made

    exchange.ask(f"import a statement of {len(lines)} lines", act)
    for who, fen in zip(chosen, amounts, strict=True):
        exchange.books.take_in(exchange.wallets[who], fen)
        exchange.books.repay(exchange.wallets[who])


@step(2)
def send_a_statement_again(exchange: Exchange) -> bool | None:
    content = exchange.one(exchange.statements)
    if content is None:
        return False

    def act() -> None:
        _, new = statements.import_statement(actor=exchange.officers[1], content=content, name="again.csv")
        assert not new, "the same statement was taken twice"

    exchange.ask("send a statement again", act, at_once=exchange.likely(0.3), again=[HARMLESS])
    return None


@step(14)
def pay_from_wallet_to_wallet(exchange: Exchange) -> None:
    payer, payee = exchange.chance.sample(exchange.wallets, 2)
    fen = exchange.amount(payer)
    refusal = exchange.books.move(payer, payee, fen)
    source, target = exchange.accounts[payer], exchange.accounts[payee]
    exchange.ask(f"{payer} pays {payee} {fen}", lambda: pay(source, target, fen), against=refused(refusal))


@step(2)
def pay_three_times_at_once(exchange: Exchange) -> bool | None:
    """Three real payments, not one repeated: as many succeed as the purse can pay."""
    payer, payee = exchange.chance.sample(exchange.wallets, 2)
    free = exchange.books.available(payer)
    if free < AT_ONCE or exchange.books.owes(payer):
        return False
    fen = free // exchange.chance.randint(1, AT_ONCE)
    refusals = [exchange.books.move(payer, payee, fen) for _ in range(AT_ONCE)]
    short = refused(*refusals)
    source, target = exchange.accounts[payer], exchange.accounts[payee]
    # The purses tell how many were done.
    exchange.ask(f"{payer} pays {payee} {fen}", lambda: pay(source, target, fen), at_once=True, again=[*short, HARMLESS])
    return None


@step(9)
def hold_for_another(exchange: Exchange) -> bool | None:
    if len(exchange.holds) >= MOST_HOLDS:
        return False
    payer, payee = exchange.chance.sample(exchange.wallets, 2)
    fen = exchange.amount(payer)
    key = uuid7()
    refusal = exchange.books.promise(key, payer, payee, fen)
    source, target = exchange.accounts[payer], exchange.accounts[payee]
    made = exchange.ask(f"{payer} holds {fen} for {payee}", lambda: held(source, target, fen), against=refused(refusal))
    if made is not None:
        exchange.books.promises[made.pk] = exchange.books.promises.pop(key)
        exchange.holds.append(made)
    return None


@step(7)
def post_a_hold(exchange: Exchange) -> bool | None:
    """Wholly, in part, or for more than was held; of one resolved before there is nothing to post."""
    one = _hold(exchange)
    if one is None:
        return False
    fen = None if exchange.likely(0.5) else exchange.chance.randint(0, one.fen + one.fen // 8)
    _resolve(exchange, one, f"post {'all' if fen is None else fen}", one.fen if fen is None else fen, fen=fen)
    return None


@step(5)
def give_a_hold_back(exchange: Exchange) -> bool | None:
    one = _hold(exchange)
    if one is None:
        return False
    _resolve(exchange, one, "give back" if exchange.likely(0.5) else "let run out", None)
    return None


@step(5)
def let_time_pass(exchange: Exchange) -> None:
    exchange.now += exchange.chance.choice((1, 1, 1, 2, 2, 4, 8))
    exchange.journal.append(f"the clock goes to {exchange.now * 6} hours")


def _hold(exchange: Exchange) -> Transfer | None:
    """Mostly one that is open."""
    return exchange.one(exchange.spent if exchange.likely(0.1) else exchange.holds)


def _resolve(exchange: Exchange, one: Transfer, words: str, paid: int | None, *, fen: int | None = None) -> None:
    against: set[type[DomainError]] = set()
    if paid is not None and paid <= 0:
        against.add(AmountRefused)
    elif refusal := exchange.books.keep(one.pk, paid or 0):
        # More than was held, of a hold that is resolved: either may be found first.
        against |= {refusal, HoldMismatch} if paid and paid > one.fen else {refusal}

    def act() -> Transfer:
        with transaction.atomic():
            if paid is not None:
                return transferring.post_hold(group=intent(), hold=one, fen=fen)
            verb = transferring.void_hold if words == "give back" else transferring.expire_hold
            return verb(group=intent(), hold=one)

    exchange.ask(f"{words} (a hold of {one.fen})", act, against=against, at_once=exchange.likely(0.15), again=[HoldResolved])
    if not against:
        exchange.holds.remove(one)
        exchange.spent.append(one)


def plain(fen: int) -> str:
    return money.yuan(fen).replace(",", "")
