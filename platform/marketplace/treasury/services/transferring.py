"""Move money: now, or as a hold that is posted, voided or expired once. The database refuses the rest.

Everything here runs inside the caller's transaction, beside the ledger intent whose id is `group`:
a transfer without its intent is refused at commit. A refusal leaves the transaction broken, so a
caller who goes on after one wraps the call in `transaction.atomic()`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from marketplace.common import clock, prepared
from marketplace.treasury.errors import AmountRefused, refusal_of
from marketplace.treasury.models import Account, Transfer, TransferKind


@dataclass(frozen=True, slots=True)
class Leg:
    """One of many transfers of a group: `source` pays `target` so many fen."""

    source: Account
    target: Account
    fen: int
    code: str


def transfer(*, group: UUID, source: Account, target: Account, fen: int, code: str) -> Transfer:
    """Move fen from source to target at once.

    Raises InsufficientFunds when less is available (posted minus held), AmountRefused for an amount
    that is not a positive whole number of fen.
    """
    return _write(group, [Leg(source, target, fen, code)], TransferKind.POSTED)[0]


def transfer_many(*, group: UUID, legs: Sequence[Leg]) -> list[Transfer]:
    """Move every leg or none, with all accounts locked first and in id order. Raises like `transfer`."""
    return _write(group, legs, TransferKind.POSTED)


def hold(*, group: UUID, source: Account, target: Account, fen: int, code: str) -> Transfer:
    """Set fen aside in source for target: no longer available to the one, not yet the other's.

    Raises InsufficientFunds, AmountRefused.
    """
    return _write(group, [Leg(source, target, fen, code)], TransferKind.PENDING)[0]


def post_hold(*, group: UUID, hold: Transfer, fen: int | None = None) -> Transfer:
    """Let a held amount go to its target, wholly or in part; the rest is free again.

    Raises HoldResolved when it was posted, voided or expired before, HoldMismatch for more than was held.
    """
    return _resolve([(group, hold)], TransferKind.POST, fen)[0]


def post_each(*, holds: Sequence[tuple[UUID, Transfer]]) -> list[Transfer]:
    """Post every hold wholly, each in the group beside it, or none. Raises HoldResolved."""
    return _resolve(holds, TransferKind.POST)


def void_hold(*, group: UUID, hold: Transfer) -> Transfer:
    """Give a held amount back to its source. Raises HoldResolved."""
    return _resolve([(group, hold)], TransferKind.VOID)[0]


def void_each(*, holds: Sequence[tuple[UUID, Transfer]]) -> list[Transfer]:
    """Void every hold, each in the group beside it, or none. Raises HoldResolved."""
    return _resolve(holds, TransferKind.VOID)


def expire_hold(*, group: UUID, hold: Transfer) -> Transfer:
    """Give a held amount back because its time ran out. Raises HoldResolved."""
    return _resolve([(group, hold)], TransferKind.EXPIRE)[0]


def lock(accounts: Collection[Account]) -> None:
    """Lock accounts in id order until the transaction ends: for a caller about to make transfers one by one."""
    _inside_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT treasury_lock(%s::uuid[])", [[str(account.pk) for account in accounts]])


def _write(group: UUID, legs: Sequence[Leg], kind: TransferKind) -> list[Transfer]:
    return _insert(
        [
            Transfer(
                group_id=group, kind=kind, source=leg.source, target=leg.target, fen=leg.fen, currency=leg.source.currency, code=leg.code
            )
            for leg in legs
        ]
    )


def _resolve(holds: Sequence[tuple[UUID, Transfer]], kind: TransferKind, fen: int | None = None) -> list[Transfer]:
    return _insert(
        [
            Transfer(
                group_id=group,
                kind=kind,
                source_id=one.source_id,
                target_id=one.target_id,
                fen=one.fen if fen is None else fen,
                currency=one.currency,
                pending_id=one.pk,
                code=one.code,
            )
            for group, one in holds
        ]
    )


def _insert(rows: list[Transfer]) -> list[Transfer]:
    _inside_a_transaction()
    for row in rows:
        if type(row.fen) is not int or row.fen <= 0:
            raise AmountRefused
    if len(rows) > 1:
        accounts = sorted({account for row in rows for account in (row.source_id, row.target_id)})
        with connection.cursor() as cursor:
            cursor.execute("SELECT treasury_lock(%s::uuid[])", [[str(account) for account in accounts]])
    now = clock.now()
    for row in rows:
        row.created_at = now
    try:
        prepared.insert(rows)
    except DatabaseError as error:
        refusal = refusal_of(error, fen=sum(row.fen for row in rows))
        if refusal is None:
            raise
        raise refusal from error
    return rows


def _inside_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Money moves inside the transaction of the change that causes it.")
