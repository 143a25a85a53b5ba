"""Who may look into a wallet, and who may work with the bank's statements."""

from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.common.errors import MissingScope, NotFound, NotVerified, Unauthenticated
from marketplace.treasury.errors import ForFinanceOnly, ForTheirFinanceOnly

WALLET_ROLES = frozenset({"manager", "signatory", "finance"})


def whose_wallet(actor: Actor, *, scope: str = "read") -> UUID:
    """The organisation whose wallet the actor may see: their own, as its manager, signatory or finance person.

    Raises Unauthenticated, ForTheirFinanceOnly, MissingScope.
    """
    if actor.is_anonymous:
        raise Unauthenticated
    if actor.organisation_id is None or not actor.roles & WALLET_ROLES:
        raise ForTheirFinanceOnly
    if scope not in actor.scopes:
        raise MissingScope
    return actor.organisation_id


def require_verified(actor: Actor) -> None:
    """Money comes from verified organisations only. Raises NotVerified."""
    if not actor.verified:
        raise NotVerified


def require_finance_officer(actor: Actor) -> None:
    """Statements are for the platform's finance officers. Raises Unauthenticated, ForFinanceOnly."""
    if actor.is_anonymous:
        raise Unauthenticated
    if actor.staff != "finance":
        raise ForFinanceOnly


def require_reader_of_statements(actor: Actor) -> None:
    """Finance officers and auditors read statements; for all others there is none. Raises NotFound."""
    if actor.staff not in ("finance", "auditor"):
        raise NotFound


def bank_side_visible(actor: Actor, obj: object) -> bool:
    """Payment orders and decisions about lines are known to finance officers and auditors."""
    return actor.is_system or actor.staff in ("finance", "auditor")
