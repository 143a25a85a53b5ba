"""Who may look into a wallet, and who may work with the bank's statements."""

from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.common.errors import MissingScope, NotFound, NotVerified, Unauthenticated
from marketplace.common.text import bi
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
    """What is between us and the bank is done by finance officers whose office is no region's. Raises Unauthenticated, ForFinanceOnly."""
    if actor.is_anonymous:
        raise Unauthenticated
    if actor.staff != "finance":
        raise ForFinanceOnly
    if actor.staff_region:
        raise ForFinanceOnly(bi("此项由不限地区的平台财务员办理。", "This is for finance officers of no single region."))


def keeps_mappings(actor: Actor) -> bool:
    """Finance officers and administrators of the whole platform say how banks' files are read."""
    return actor.staff in ("finance", "admin") and not actor.staff_region


def require_keeper_of_mappings(actor: Actor) -> None:
    """Mappings are kept by who may keep them; for all others but auditors there are none. Raises NotFound, ForFinanceOnly, MissingScope."""
    if not keeps_mappings(actor):
        raise ForFinanceOnly if sees_the_bank(actor) else NotFound
    if "write" not in actor.scopes:
        raise MissingScope


def require_reader_of_mappings(actor: Actor) -> None:
    """Whoever keeps mappings, and whoever sees the bank's side. Raises NotFound."""
    if not (keeps_mappings(actor) or sees_the_bank(actor)):
        raise NotFound


def require_reader_of_statements(actor: Actor) -> None:
    """Statements and payment orders are for who sees the bank's side; for all others there are none. Raises NotFound."""
    if not sees_the_bank(actor):
        raise NotFound


def sees_the_bank(actor: Actor) -> bool:
    """Finance officers and auditors of the whole platform: a file or a statement names payees and payers of every region."""
    return actor.staff in ("finance", "auditor") and not actor.staff_region


def bank_side_visible(actor: Actor, obj: object) -> bool:
    """Payment orders and decisions about lines are known to who sees the bank's side."""
    return actor.is_system or sees_the_bank(actor)
