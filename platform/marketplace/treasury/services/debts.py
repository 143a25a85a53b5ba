"""What organisations owe because the bank took money back: repaid before anything else from whatever comes into the wallet."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction

from ledger.app import services as ledger
from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.treasury import debt_reads, selectors
from marketplace.treasury.models import Account, AccountKind
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import lock, transfer

log = structlog.get_logger(__name__)
REPAID = "treasury.debt_repaid"
WALLET = "organisation_wallet"


def existing(organisation_id: UUID) -> list[Account]:
    """The organisation's debt account where it ever had a debt: at most one, to be locked with the others before money moves."""
    return list(Account.objects.filter(kind=AccountKind.DEBT, owner_id=organisation_id, currency="CNY"))


def repay(*, group: UUID, wallet: Account, owing: Sequence[Account]) -> int:
    """Repay what is owed from what the wallet has available, in the caller's group and under the caller's locks: the fen repaid."""
    for debt in owing:
        fen = min(debt_reads.owed_fen(debt), selectors.balance(wallet).available_fen)
        if fen > 0:
            transfer(group=group, source=wallet, target=debt, fen=fen, code=REPAID)
            return fen
    return 0


def collect() -> int:
    """Repay every debt whose wallet has something, such as a refund, each in a transaction of its own: how many were lowered.

    What hinders one organisation's debt is logged and hinders no other's.
    """
    lowered = 0
    for debt in debt_reads.debts():
        if debt.owner_id is not None:
            try:
                lowered += _collect_from(debt.owner_id)
            except Exception:
                log.exception("debt_not_collected", organisation=str(debt.owner_id))
    return lowered


def _collect_from(organisation_id: UUID) -> bool:
    wallet, owing, group = accounts.wallet(organisation_id), existing(organisation_id), uuid7()
    with transaction.atomic():
        lock([wallet, *owing])
        fen = repay(group=group, wallet=wallet, owing=owing)
        if fen:
            ledger.record(
                id=group,
                type=REPAID,
                subject=ledger.Subject(kind=WALLET, id=wallet.pk, public=False),
                actor=None,
                at=clock.now(),
                body={"fen": fen},
                money=True,
            )
    return fen > 0
