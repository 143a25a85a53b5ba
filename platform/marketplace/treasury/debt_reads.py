"""Reads of what organisations owe because the bank took money back. Callers have checked permission."""

from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from marketplace.accounts.models import Organisation
from marketplace.treasury.models import Account, AccountKind
from marketplace.treasury.selectors import Balance, Movement, balance_of, transfers_of

SHOWN = 20


def owed_fen(debt: Account) -> int:
    """What is owed on a debt account now, in fen: 0 where it was repaid."""
    fresh = Account.objects.get(pk=debt.pk)
    return fresh.posted_out - fresh.posted_in


def debts() -> QuerySet[Account]:
    """Accounts of organisations that owe something, with `owed`, their names and the latest first."""
    named = Organisation.objects.filter(pk=OuterRef("owner_id"))
    return (
        Account.objects.filter(kind=AccountKind.DEBT, posted_out__gt=F("posted_in"))
        .annotate(
            owed=F("posted_out") - F("posted_in"),
            name_zh=Subquery(named.values("name_zh")),
            name_en=Subquery(named.values("name_en")),
        )
        .order_by("-created_at", "-id")
    )


def debt_of(organisation_id: UUID) -> int:
    """What an organisation owes because the bank took money back, in fen."""
    debt = Account.objects.filter(kind=AccountKind.DEBT, owner_id=organisation_id, currency="CNY").first()
    return debt.posted_out - debt.posted_in if debt else 0


def wallet_and_debt(wallet: Account) -> tuple[Balance, Account | None]:
    """A wallet's balance now, and the debt account of its owner where there ever was a debt, in one read."""
    found = Account.objects.filter(kind__in=(AccountKind.WALLET, AccountKind.DEBT), owner_id=wallet.owner_id, currency=wallet.currency)
    accounts = {account.kind: account for account in found}
    return balance_of(accounts[AccountKind.WALLET]), accounts.get(AccountKind.DEBT)


def movements(debt: Account) -> list[Movement]:
    """How a debt came about and was repaid, the latest of it first."""
    return [Movement.seen_from(debt, transfer) for transfer in transfers_of(debt)[:SHOWN]]
