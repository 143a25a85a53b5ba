"""Steps of the bank on money that it takes back: out of the wallet, of pledges not captured, and the rest is owed."""

from django.db import transaction

from marketplace.treasury.models import StatementLine
from marketplace.treasury.services import debts, statements
from tests.factories.treasury import pay, statement_csv
from tests.soak.exchange import HARMLESS, Exchange
from tests.soak.model import HOLDING, PlainCampaign, PlainPledge, refused
from tests.soak.on_books import plain
from tests.soak.on_pools import fall
from tests.soak.people import BankLine
from tests.soak.steps import step


@step(1.5)
def the_bank_takes_a_top_up_back(exchange: Exchange) -> bool | None:
    """Once; a second debit for it waits for officers, and so does one of another amount."""
    again = exchange.likely(0.1)
    came = exchange.one(exchange.taken_back) if again else _topped_up(exchange)
    if came is None:
        return False
    fen = came.fen + 1 if exchange.likely(0.1) else came.fen
    debit, right = _debit(exchange, came, fen), not again and fen == came.fen

    @transaction.atomic
    def act() -> bool:
        return statements.offer_line(debit.pk)

    words = f"the bank takes {fen} of {came.wallet} back"
    exchange.ask(words, act, at_once=exchange.likely(0.3), again=[HARMLESS])
    if right:
        for campaign, pledge in _falling(exchange, came):
            pledge.state = "charged_back"
            fall(exchange, campaign, pledge)
        exchange.books.take_back(came.wallet, fen)
        exchange.topped_up.remove(came)
        exchange.taken_back.append(came)
    return None


@step(0.4)
def spend_it_all(exchange: Exchange) -> bool | None:
    """Everything that a wallet has free goes to another, so that what the bank takes back is owed."""
    came = _topped_up(exchange)
    free = exchange.books.available(came.wallet) if came else 0
    if came is None or free <= 0:
        return False
    payee = exchange.chance.choice([name for name in exchange.wallets if name != came.wallet])
    refusal = exchange.books.move(came.wallet, payee, free)
    source, target = exchange.accounts[came.wallet], exchange.accounts[payee]
    exchange.ask(f"{came.wallet} pays {payee} all it has, {free}", lambda: pay(source, target, free), against=refused(refusal))
    return None


@step(0.5)
def collect_what_is_owed(exchange: Exchange) -> bool | None:
    """From whatever has come into the wallets by another way than the bank."""
    owing = [name for name in exchange.wallets if exchange.books.owes(name)]
    if not owing:
        return False
    exchange.ask("collect what is owed", debts.collect, at_once=exchange.likely(0.2), again=[HARMLESS])
    for name in owing:
        exchange.books.repay(name)
    return None


def _topped_up(exchange: Exchange) -> BankLine | None:
    """Mostly more than its wallet has now; universities' payouts stop at a debt, so theirs are left alone."""
    lines = [one for one in exchange.topped_up if not one.wallet.startswith("university")]
    return exchange.mostly(lines, lambda one: one.fen > exchange.books.available(one.wallet)) or exchange.one(lines)


def _debit(exchange: Exchange, came: BankLine, fen: int) -> StatementLine:
    """The bank's line out, in a statement of its own."""
    exchange.begun += 1
    name = f"{exchange.name}-{exchange.begun}"
    content = statement_csv(f"{name},2026-03-02T09:00:00,{plain(fen)},out,Payer,6222,taken back {came.id}")
    statements.import_statement(actor=exchange.officers[0], content=content, name="back.csv")
    return StatementLine.objects.get(bank_line_id=name)


def _falling(exchange: Exchange, came: BankLine) -> list[tuple[PlainCampaign, PlainPledge]]:
    """Whole pledges, the newest first, until enough is free; none of a campaign that has succeeded."""
    kind, _, number = came.wallet.partition(" ")
    held = [
        (campaign, pledge)
        for campaign in exchange.campaigns
        if kind == "funder" and campaign.state != "successful"
        for pledge in campaign.those(*HOLDING)
        if pledge.funder == int(number)
    ]
    short, fallen = came.fen - exchange.books.available(came.wallet), list[tuple[PlainCampaign, PlainPledge]]()
    for campaign, pledge in sorted(held, key=lambda pair: -pair[1].held_as):
        if short <= 0:
            break
        fallen.append((campaign, pledge))
        short -= pledge.fen
    return fallen
