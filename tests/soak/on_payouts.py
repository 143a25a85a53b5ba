"""Steps of finance officers and of the bank on payouts, and of a university on the account that it is paid to."""

from typing import Any

from marketplace.common.errors import WrongState
from marketplace.funding import errors
from marketplace.funding.services import bank_accounts
from marketplace.workflow.performing import perform
from tests.factories import funding
from tests.soak.exchange import Exchange
from tests.soak.model import FREEZE, RETURNS, PlainPayout, Reasons
from tests.soak.steps import step

APPROVED = ("first_approved", "second_approved", "scheduled")


def _payout(exchange: Exchange, *states: str) -> PlainPayout | None:
    """Mostly one in one of these states, now and then any."""
    return exchange.mostly(exchange.payouts, lambda one: one.state in states and one.due <= exchange.now)


def _move(
    exchange: Exchange, payout: PlainPayout, action: str, against: Reasons, leaves: str, *, officer: int | None = None, **data: Any
) -> bool:
    """One move of an officer's, or of the system's; three at once now and then."""
    done = exchange.ask(
        f"a payout of {payout.fen}: {action}{'' if officer is None else f' by officer {officer}'}",
        lambda: perform(action, payout.row, funding.SYSTEM if officer is None else exchange.officers[officer], **data),
        against=against,
        leaves=leaves,
        at_once=exchange.likely(0.15),
        again=[WrongState],
    )
    if done is not None:
        payout.state = leaves
    return done is not None


def _officer(exchange: Exchange) -> int:
    return exchange.chance.randrange(len(exchange.officers))


@step(4)
def approve_a_payout(exchange: Exchange) -> bool | None:
    """Needs an account that is verified, and somebody who did not ask for it."""
    payout = _payout(exchange, "requested")
    if payout is None:
        return False
    officer = _officer(exchange)
    against = payout.is_state("requested")
    if officer == payout.by:
        against.add(errors.SamePerson)
    if not exchange.universities[payout.university].verified:
        against.add(errors.BankAccountUnverified)
    if _move(exchange, payout, "approve_1", against, "first_approved", officer=officer):
        payout.first = officer
    return None


@step(4)
def approve_a_payout_again(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "first_approved")
    if payout is None:
        return False
    officer = _officer(exchange)
    against = payout.is_state("first_approved")
    if officer in {payout.by, payout.first}:
        against.add(errors.SamePerson)
    if _move(exchange, payout, "approve_2", against, "second_approved", officer=officer):
        payout.payable_from = max(exchange.now, exchange.universities[payout.university].frozen_until)
    return None


@step(3)
def schedule_a_payout(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "second_approved")
    if payout is None:
        return False
    against = payout.is_state("second_approved")
    if payout.payable_from > exchange.now:
        against.add(errors.BankAccountFrozen)
    _move(exchange, payout, "schedule", against, "scheduled")
    return None


@step(3)
def send_a_payout(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "scheduled")
    if payout is None:
        return False
    if _move(exchange, payout, "send", payout.is_state("scheduled"), "processing"):
        exchange.books.move(f"payable {payout.university}", "transit", payout.fen)
    return None


@step(3)
def the_bank_pays(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "processing", "unknown")
    if payout is None:
        return False
    if _move(exchange, payout, "confirm", payout.is_state("processing", "unknown"), "paid"):
        exchange.books.pay_out("transit", payout.fen)
        payout.due = exchange.now + RETURNS
    return None


@step(1)
def the_bank_does_not_answer(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "processing")
    if payout is None:
        return False
    _move(exchange, payout, "lose_sight", payout.is_state("processing"), "unknown")
    return None


@step(1)
def the_bank_refuses(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "processing", "unknown")
    if payout is None:
        return False
    against = payout.is_state("processing", "unknown")
    teller, officer = exchange.chance.sample(range(len(exchange.officers)), 2)
    if not against:
        perform("report_refusal", payout.row, exchange.officers[teller], reason="soak")
    if _move(exchange, payout, "bank_error", against, "failed", officer=officer):
        exchange.books.move("transit", f"payable {payout.university}", payout.fen)
    return None


@step(1)
def ask_for_a_refused_payout_again(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "failed")
    if payout is None:
        return False
    officer = _officer(exchange)
    if _move(exchange, payout, "retry", payout.is_state("failed"), "requested", officer=officer):
        payout.start_again(by=officer)
    return None


@step(0.2)
def reject_a_payout(exchange: Exchange) -> bool | None:
    """The amount stays payable."""
    payout = _payout(exchange, "requested", "failed")
    if payout is None:
        return False
    against = payout.is_state("requested", *APPROVED, "failed")
    _move(exchange, payout, "reject", against, "rejected", officer=_officer(exchange), reason="soak")
    return None


@step(3)
def settle_a_payout(exchange: Exchange) -> bool | None:
    payout = _payout(exchange, "paid")
    if payout is None:
        return False
    against = payout.is_state("paid")
    if payout.due > exchange.now:
        against.add(errors.BankHasNotAnswered)
    _move(exchange, payout, "settle", against, "settled")
    return None


@step(0.2)
def change_the_account(exchange: Exchange) -> None:
    """It is frozen for two days and to be verified, and what was approved for the former one is approved anew."""
    number = exchange.chance.randrange(len(exchange.universities))
    who = exchange.universities[number]
    digits = str(exchange.chance.randint(10**12, 10**13 - 1))

    def act() -> Any:
        name = who.organisation.name_zh
        return bank_accounts.bank_account_set(actor=who.actor, holder_name=name, number=digits, bank_name="中国银行")

    who.account = exchange.ask(f"university {number} changes its account", act)
    who.verified, who.frozen_until = False, exchange.now + FREEZE
    for payout in exchange.payouts:
        if payout.university == number and payout.state in APPROVED:
            payout.start_again()


@step(1)
def verify_an_account(exchange: Exchange) -> None:
    number = exchange.chance.randrange(len(exchange.universities))
    who, officer = exchange.universities[number], exchange.officers[_officer(exchange)]
    against: Reasons = {WrongState} if who.verified else set()
    exchange.ask(
        f"the account of university {number} is verified",
        lambda: bank_accounts.bank_account_verify(actor=officer, account_id=who.account.pk),
        against=against,
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    who.verified = True
