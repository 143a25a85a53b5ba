"""Who stands where towards a demand or a bid, and who may know of it at all."""

from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, MissingScope, NotVerified
from marketplace.common.text import bi
from marketplace.demands.models import Bid, Demand
from marketplace.demands.workflow import BidState

READING_STAFF = frozenset({"reviewer", "admin", "auditor"})
_WRITERS = frozenset({"manager", "member"})


def demand_roles(actor: Actor, demand: Demand) -> frozenset[str]:
    """Company for the poster's people, team for others' universities; `importer` for a row of a file not stored yet."""
    if not actor.roles & _WRITERS:
        return frozenset()
    if actor.organisation_id == demand.organisation_id:
        return frozenset({"company", "importer"} if demand._state.adding else {"company"})  # noqa: SLF001 - Django's documented model API
    return frozenset({"team"}) if actor.organisation_kind == "university" else frozenset()


def demand_visible(actor: Actor, demand: Demand) -> bool:
    """Published demands are everyone's to see; drafts are the poster's and the reviewers'."""
    if demand.is_public or actor.is_system:
        return True
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, demand.region_code)
    return actor.organisation_id is not None and actor.organisation_id == demand.organisation_id


def may_read_confidential(actor: Actor, demand: Demand) -> bool:
    """The poster, the awarded team's organisation, and reviewers of the region; nobody else."""
    if actor.staff:
        return actor.staff in {"reviewer", "admin"} and within_region(actor, demand.region_code)
    if actor.organisation_id is None:
        return False
    awarded = demand.awarded_bid.organisation_id if demand.awarded_bid else None
    return actor.organisation_id in {demand.organisation_id, awarded}


def may_read_reference(actor: Actor, demand: Demand) -> bool:
    """The poster's own reference and the reviewer's note: for the poster and the region's reading staff."""
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, demand.region_code)
    return actor.organisation_id is not None and actor.organisation_id == demand.organisation_id


def bid_roles(actor: Actor, bid: Bid) -> frozenset[str]:
    if not actor.roles & _WRITERS:
        return frozenset()
    if actor.organisation_id == bid.organisation_id:
        return frozenset({"team"})
    return frozenset({"company"}) if actor.organisation_id == bid.demand.organisation_id else frozenset()


def bid_visible(actor: Actor, bid: Bid) -> bool:
    """Before opening only the bidder knows of a bid; afterwards the poster and the staff too."""
    if actor.is_system or (actor.organisation_id and actor.organisation_id == bid.organisation_id):
        return True
    if bid.state in (BidState.DRAFT, BidState.SEALED) or not bid.price_fen:
        return False
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, bid.region_code)
    return actor.organisation_id is not None and actor.organisation_id == bid.demand.organisation_id


def may_judge(actor: Actor) -> bool:
    """Whether they may say of matches what is useful: the people who write for an organisation, for that organisation alone."""
    return actor.organisation_id is not None and actor.staff is None and bool(actor.roles & _WRITERS)


def require_company(actor: Actor) -> Actor:
    """The actor, refused where they act for no verified company: nobody else posts demands."""
    if actor.organisation_kind != "company":
        raise Forbidden(bi("只有企业可以发布需求。", "Only companies post demands."))
    if not actor.verified:
        raise NotVerified
    return actor


def demand_writer(actor: Actor) -> None:
    """Refuse an organisation that is not verified, and a key that may only read."""
    if not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope


def within_region(actor: Actor, region_code: str) -> bool:
    """Whether a staff member's region covers the code; no region means all."""
    return not actor.staff_region or region_code.startswith(actor.staff_region)
