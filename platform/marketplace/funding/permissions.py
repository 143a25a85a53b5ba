"""Who stands where towards a campaign, a pledge or a payout, and who may know of it at all."""

from uuid import UUID

from marketplace.common.actor import Actor
from marketplace.common.prepared import Prepared
from marketplace.demands.permissions import within_region
from marketplace.funding.models import Campaign, MatchingPool, Payout, Pledge

READING_STAFF = frozenset({"reviewer", "finance", "admin", "auditor"})
PAYING_STAFF = frozenset({"finance", "admin", "auditor"})
BANK_STAFF = frozenset({"finance", "auditor"})
_WRITERS = frozenset({"manager", "member"})
MONEY_ROLES = frozenset({"manager", "finance"})
_invited = Campaign.invited.through.objects
_invitation = Prepared(
    lambda campaign, organisation: _invited.filter(campaign_id=campaign, organisation_id=organisation).values_list("pk"),
    UUID,
    UUID,
)


def campaign_roles(actor: Actor, campaign: Campaign) -> frozenset[str]:
    """Company for the poster's people; nobody else moves a campaign but reviewers and the system."""
    writes = actor.organisation_id == campaign.organisation_id and bool(actor.roles & _WRITERS)
    return frozenset({"company"}) if writes else frozenset()


def campaign_visible(actor: Actor, campaign: Campaign) -> bool:
    """The company, the awarded team's organisation, invited funders once it has opened, and reading staff."""
    if actor.is_system:
        return True
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, campaign.region_code)
    if actor.organisation_id is None:
        return False
    bid = campaign.demand.awarded_bid
    if actor.organisation_id == campaign.organisation_id or (bid is not None and actor.organisation_id == bid.organisation_id):
        return True
    return campaign.opened_at is not None and is_invited(actor, campaign)


def is_invited(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor's organisation is on the campaign's list."""
    return actor.organisation_id is not None and bool(_invitation.all(campaign.pk, actor.organisation_id))


def pledge_roles(actor: Actor, pledge: Pledge) -> frozenset[str]:
    """Funder for its managers and finance people."""
    own = actor.organisation_id == pledge.organisation_id and bool(actor.roles & MONEY_ROLES)
    return frozenset({"funder"}) if own else frozenset()


def pledge_visible(actor: Actor, pledge: Pledge) -> bool:
    """A pledge is its funder's own; staff who read campaigns see it too, the company only the totals."""
    if actor.is_system:
        return True
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, pledge.region_code)
    return actor.organisation_id is not None and actor.organisation_id == pledge.organisation_id


def payout_roles(actor: Actor, payout: Payout) -> frozenset[str]:
    """Payouts are moved by finance officers and the system alone."""
    return frozenset()


def payout_visible(actor: Actor, payout: Payout) -> bool:
    """The beneficiary's people, finance officers, administrators and auditors."""
    if actor.is_system:
        return True
    if actor.staff:
        return actor.staff in PAYING_STAFF and within_region(actor, payout.region_code)
    return actor.organisation_id is not None and actor.organisation_id == payout.organisation_id


def pool_roles(actor: Actor, pool: MatchingPool) -> frozenset[str]:
    """Funder for the managers and finance people of the institution whose money it is."""
    own = actor.organisation_id == pool.organisation_id and bool(actor.roles & MONEY_ROLES)
    return frozenset({"funder"}) if own else frozenset()


def pool_visible(actor: Actor, pool: MatchingPool) -> bool:
    """Its owner's people, and staff who read campaigns, of the owner's region."""
    if actor.is_system:
        return True
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, pool.region_code)
    return actor.organisation_id is not None and actor.organisation_id == pool.organisation_id
