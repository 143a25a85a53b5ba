"""Money for tests: organisations with funded wallets, by the same doors as in life."""

from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.treasury.models import Account, Transfer
from marketplace.treasury.services import accounts, transferring
from marketplace.treasury.services.csv_statement import COLUMNS


def intent(id: UUID | None = None, *, money: bool = True) -> UUID:
    """A ledger intent of this id (a new one without), inside the caller's transaction."""
    group = id or uuid7()
    ledger.record(
        id=group,
        type="test.moved",
        subject=ledger.Subject(kind="test", id=group, public=False),
        actor=None,
        at=clock.now(),
        body={},
        money=money,
    )
    return group


def pay(source: Account, target: Account, fen: int, *, code: str = "test.pay") -> Transfer:
    """One proved transfer in a transaction of its own."""
    with transaction.atomic():
        return transferring.transfer(group=intent(), source=source, target=target, fen=fen, code=code)


def held(source: Account, target: Account, fen: int, *, code: str = "test.hold") -> Transfer:
    """One proved hold in a transaction of its own."""
    with transaction.atomic():
        return transferring.hold(group=intent(), source=source, target=target, fen=fen, code=code)


def funded_wallet(fen: int, organisation_id: UUID | None = None) -> Account:
    """A wallet holding so many fen, paid out of custody."""
    wallet = accounts.wallet(organisation_id or uuid7())
    if fen:
        pay(accounts.custody(), wallet, fen)
    return wallet


def statement_csv(*lines: str) -> bytes:
    """A bank's file with these lines under the right heading."""
    return "\n".join([",".join(COLUMNS), *lines]).encode()
