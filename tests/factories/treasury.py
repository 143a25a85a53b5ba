"""Money for tests: organisations with funded wallets, by the same doors as in life."""

from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.treasury.models import Account, StatementImport, StatementMapping, Transfer
from marketplace.treasury.services import accounts, importing, transferring
from marketplace.treasury.services.csv_statement import COLUMNS
from marketplace.treasury.services.mappings import mapping_keep
from tests.factories.accounts import staff_actor


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


def mapping(**changes: Any) -> StatementMapping:
    """How one bank writes its CSV: another order of columns, two columns of amounts, GBK and a line above the heading."""
    columns = {
        "bank_line_id": "流水号",
        "booked_at": "日期",
        "amount_yuan": "贷方",
        "amount_out_yuan": "借方",
        "payer_name": "户名",
        "reference": "摘要",
    }
    given = {
        "name": "渡口银行",
        "encoding": "gb18030",
        "delimiter": ",",
        "skip_lines": 1,
        "date_format": "%Y%m%d",
        "columns": columns,
        **changes,
    }
    return mapping_keep(actor=staff_actor("finance"), **given)


def previewed(*lines: str, name: str = "day.csv") -> StatementImport:
    """A bank's file with these lines, looked at by a finance officer."""
    return importing.preview(actor=staff_actor("finance"), content=statement_csv(*lines), name=name)


def statement_csv(*lines: str) -> bytes:
    """A bank's file with these lines under the right heading."""
    return "\n".join([",".join(COLUMNS), *lines]).encode()
