"""Which account is meant: each is opened when it is first asked for."""

from uuid import UUID

from django.db.models import QuerySet

from marketplace.common import clock
from marketplace.common.prepared import Prepared
from marketplace.treasury.models import Account, AccountKind

_owned = Prepared(lambda kind, owner_id: Account.objects.filter(kind=kind, owner_id=owner_id, currency="CNY"), str, UUID)


def custody() -> Account:
    """The mirror of the custody bank's account: what enters the books comes out of it."""
    return _open(AccountKind.CUSTODY)


def wallet(organisation_id: UUID) -> Account:
    """An organisation's own money; a hold on it is a pending transfer."""
    return _open(AccountKind.WALLET, organisation_id)


def campaign_escrow(campaign_id: UUID) -> Account:
    """What a campaign has captured and not yet handed to an agreement or back."""
    return _open(AccountKind.CAMPAIGN_ESCROW, campaign_id)


def matching_pool(pool_id: UUID) -> Account:
    """An institution's money that tops up pledges by its pool's rule; what it has promised is a pending transfer."""
    return _open(AccountKind.MATCHING_POOL, pool_id)


def agreement_escrow(agreement_id: UUID) -> Account:
    """What an agreement has received from all its sources and not yet released or returned."""
    return _open(AccountKind.AGREEMENT_ESCROW, agreement_id)


def deposit(organisation_id: UUID) -> Account:
    """An organisation's earnest money for its open demands."""
    return _open(AccountKind.DEPOSIT, organisation_id)


def disputed(agreement_id: UUID) -> Account:
    """What a dispute has frozen of an agreement's escrow."""
    return _open(AccountKind.DISPUTED, agreement_id)


def payable(organisation_id: UUID) -> Account:
    """What the platform owes an organisation and has not yet sent."""
    return _open(AccountKind.PAYABLE, organisation_id)


def revenue(agreement_id: UUID) -> Account:
    """Revenue of an agreement's result, paid in and not yet distributed."""
    return _open(AccountKind.REVENUE, agreement_id)


def debt(organisation_id: UUID) -> Account:
    """What an organisation owes because the bank took back money that it had spent: the account is below zero by as much."""
    return _open(AccountKind.DEBT, organisation_id)


def in_transit() -> Account:
    """What was sent to a beneficiary's bank and is not yet confirmed."""
    return _open(AccountKind.IN_TRANSIT)


def fee() -> Account:
    """What the platform has earned."""
    return _open(AccountKind.FEE)


def _open(kind: AccountKind, owner_id: UUID | None = None) -> Account:
    found = _unowned(kind).first() if owner_id is None else _owned.first(kind, owner_id)
    if found is None:
        # Of two that open it at once, the unique key lets one through and both read the same row.
        Account.objects.bulk_create([Account(kind=kind, owner_id=owner_id, created_at=clock.now())], ignore_conflicts=True)
        found = Account.objects.get(kind=kind, owner_id=owner_id, currency="CNY")
    return found


def _unowned(kind: AccountKind) -> QuerySet[Account]:
    """The platform's own account of this kind: a question of its own, since nothing equals NULL."""
    return Account.objects.filter(kind=kind, owner_id=None, currency="CNY")
