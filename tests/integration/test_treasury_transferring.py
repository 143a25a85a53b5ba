"""Transfers and holds: what moves, what is refused, what is left."""

import pytest
from django.db import connection, transaction

from marketplace.common.ids import uuid7
from marketplace.treasury import errors, selectors
from marketplace.treasury.models import Transfer
from marketplace.treasury.services import accounts, transferring
from tests.factories.treasury import funded_wallet, held, intent, pay

pytestmark = pytest.mark.django_db


def figures(account) -> tuple[int, int, int]:
    balance = selectors.balance(account)
    return balance.posted_fen, balance.held_fen, balance.available_fen


def test_a_transfer_takes_from_one_account_what_it_gives_to_the_other() -> None:
    wallet = funded_wallet(1_000)
    escrow = accounts.agreement_escrow(uuid7())
    pay(wallet, escrow, 300)
    assert figures(wallet) == (700, 0, 700)
    assert figures(escrow) == (300, 0, 300)
    assert figures(accounts.custody()) == (1_000, 0, 1_000)


def test_an_account_asked_for_twice_is_the_same_account() -> None:
    owner = uuid7()
    assert accounts.wallet(owner).pk == accounts.wallet(owner).pk
    assert accounts.fee().pk == accounts.fee().pk
    assert accounts.wallet(owner).pk != accounts.payable(owner).pk


def test_more_than_is_available_cannot_be_paid_and_the_payer_is_told_what_to_do() -> None:
    wallet = funded_wallet(1_000)
    held(wallet, accounts.campaign_escrow(uuid7()), 600)
    with pytest.raises(errors.InsufficientFunds) as refused:
        pay(wallet, accounts.fee(), 401)
    assert refused.value.status == 409
    assert "4.01" in str(refused.value)
    assert figures(wallet) == (1_000, 600, 400)


def test_the_last_fen_can_be_paid() -> None:
    wallet = funded_wallet(1)
    pay(wallet, accounts.fee(), 1)
    assert figures(wallet) == (0, 0, 0)


@pytest.mark.parametrize("fen", [0, -1, True, 1.0, "5"])
def test_an_amount_is_a_positive_whole_number_of_fen(fen) -> None:
    wallet = funded_wallet(1_000)
    with pytest.raises(errors.AmountRefused):
        pay(wallet, accounts.fee(), fen)


def test_a_hold_is_taken_from_what_is_available_and_is_not_yet_the_others() -> None:
    wallet, escrow = funded_wallet(1_000), accounts.campaign_escrow(uuid7())
    held(wallet, escrow, 250)
    assert figures(wallet) == (1_000, 250, 750)
    assert selectors.balance(escrow) == selectors.Balance(posted_fen=0, held_fen=0, available_fen=0, incoming_fen=250)


def test_posting_a_hold_moves_it_and_posting_a_part_frees_the_rest() -> None:
    wallet, escrow = funded_wallet(1_000), accounts.campaign_escrow(uuid7())
    whole, part = held(wallet, escrow, 250), held(wallet, escrow, 500)
    with transaction.atomic():
        transferring.post_hold(group=intent(), hold=whole)
        transferring.post_hold(group=intent(), hold=part, fen=120)
    assert figures(wallet) == (630, 0, 630)
    assert selectors.balance(escrow) == selectors.Balance(posted_fen=370, held_fen=0, available_fen=370, incoming_fen=0)


@pytest.mark.parametrize("give_back", [transferring.void_hold, transferring.expire_hold])
def test_a_voided_or_expired_hold_is_wholly_free_again(give_back) -> None:
    wallet = funded_wallet(1_000)
    one = held(wallet, accounts.campaign_escrow(uuid7()), 250)
    with transaction.atomic():
        give_back(group=intent(), hold=one)
    assert figures(wallet) == (1_000, 0, 1_000)


@pytest.mark.parametrize("first", [transferring.post_hold, transferring.void_hold, transferring.expire_hold])
@pytest.mark.parametrize("second", [transferring.post_hold, transferring.void_hold, transferring.expire_hold])
def test_a_hold_is_resolved_at_most_once(first, second) -> None:
    wallet = funded_wallet(1_000)
    one = held(wallet, accounts.campaign_escrow(uuid7()), 250)
    with transaction.atomic():
        first(group=intent(), hold=one)
    before = figures(wallet)
    with pytest.raises(errors.HoldResolved), transaction.atomic():
        second(group=intent(), hold=one)
    assert figures(wallet) == before


def test_no_more_than_was_held_can_be_posted() -> None:
    wallet = funded_wallet(1_000)
    one = held(wallet, accounts.campaign_escrow(uuid7()), 250)
    with pytest.raises(errors.HoldMismatch), transaction.atomic():
        transferring.post_hold(group=intent(), hold=one, fen=251)


def test_a_transfer_that_is_no_hold_cannot_be_voided() -> None:
    wallet = funded_wallet(1_000)
    paid = pay(wallet, accounts.fee(), 100)
    with pytest.raises(errors.HoldMismatch), transaction.atomic():
        transferring.void_hold(group=intent(), hold=paid)


def test_many_legs_move_together_or_not_at_all() -> None:
    wallet = funded_wallet(1_000)
    team, unit = accounts.payable(uuid7()), accounts.payable(uuid7())
    legs = [transferring.Leg(wallet, team, 700, "test.split"), transferring.Leg(wallet, unit, 301, "test.split")]
    with pytest.raises(errors.InsufficientFunds), transaction.atomic():
        transferring.transfer_many(group=intent(), legs=legs)
    assert figures(team) == (0, 0, 0)
    with transaction.atomic():
        made = transferring.transfer_many(group=intent(), legs=[legs[0], transferring.Leg(wallet, unit, 300, "test.split")])
    assert [row.fen for row in made] == [700, 300]
    assert (figures(wallet), figures(team), figures(unit)) == ((0, 0, 0), (700, 0, 700), (300, 0, 300))


def test_many_holds_are_posted_or_voided_together() -> None:
    wallet, escrow = funded_wallet(1_000), accounts.campaign_escrow(uuid7())
    holds = [held(wallet, escrow, fen) for fen in (100, 200, 300)]
    with transaction.atomic():
        transferring.post_each(holds=[(intent(), one) for one in holds[:2]])
        transferring.void_each(holds=[(intent(), one) for one in holds[2:]])
    assert figures(wallet) == (700, 0, 700)
    assert figures(escrow) == (300, 0, 300)


def test_an_insert_that_is_skipped_moves_nothing() -> None:
    wallet = funded_wallet(1_000)
    paid = pay(wallet, accounts.fee(), 100)
    again = Transfer(**{field.attname: getattr(paid, field.attname) for field in Transfer._meta.concrete_fields})
    Transfer.objects.bulk_create([again], ignore_conflicts=True)
    assert figures(wallet) == (900, 0, 900)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_money_does_not_move_outside_a_transaction() -> None:
    assert not connection.in_atomic_block
    with pytest.raises(transaction.TransactionManagementError):
        transferring.transfer(group=uuid7(), source=accounts.fee(), target=accounts.custody(), fen=1, code="test.pay")


def test_the_totals_of_all_kinds_sum_to_what_the_bank_should_have() -> None:
    wallet = funded_wallet(1_000)
    pay(wallet, accounts.fee(), 20)
    held(wallet, accounts.campaign_escrow(uuid7()), 300)
    totals = {row.kind: (row.posted_fen, row.held_fen, row.accounts) for row in selectors.totals_by_kind()}
    assert totals == {"custody": (1_000, 0, 1), "wallet": (980, 300, 1), "campaign_escrow": (0, 0, 1), "fee": (20, 0, 1)}
