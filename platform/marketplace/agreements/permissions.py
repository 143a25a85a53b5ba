"""Who stands where towards an agreement, a milestone or a revenue report."""

from marketplace.agreements.models import Agreement, Distribution, Milestone, RevenueReport, Tier
from marketplace.common.actor import Actor
from marketplace.demands.permissions import within_region

READING_STAFF = frozenset({"reviewer", "finance", "admin", "auditor"})


def party_role(actor: Actor, agreement: Agreement) -> str | None:
    """The party that the actor's organisation is: company, team, funder, or none."""
    if actor.organisation_id is None:
        return None
    if actor.organisation_id == agreement.company_id:
        return "company"
    if actor.organisation_id == agreement.university_id:
        return "team"
    others = (party.organisation_id for party in agreement.parties.all())
    return "funder" if actor.organisation_id in others else None


def agreement_roles(actor: Actor, agreement: Agreement) -> frozenset[str]:
    """The party's name for those who may write for it, and `signatory` for those who may sign."""
    party = party_role(actor, agreement)
    if party is None:
        return frozenset()
    writes = {party} if actor.roles & {"manager", "member", "finance"} else set()
    return frozenset(writes | ({"signatory"} & actor.roles))


def milestone_roles(actor: Actor, milestone: Milestone) -> frozenset[str]:
    return agreement_roles(actor, milestone.agreement)


def revenue_roles(actor: Actor, report: RevenueReport) -> frozenset[str]:
    return agreement_roles(actor, report.agreement)


def agreement_visible(actor: Actor, agreement: Agreement) -> bool:
    """Parties and the platform's reading staff; the public has only the ledger's proof."""
    if actor.is_system:
        return True
    if actor.staff:
        return actor.staff in READING_STAFF and within_region(actor, agreement.region_code)
    return party_role(actor, agreement) is not None


def may_read_body(actor: Actor, agreement: Agreement) -> bool:
    """The text itself is the parties' and the reviewer's; the auditor reads what the ledger commits to."""
    return actor.staff in {"reviewer", "admin"} or party_role(actor, agreement) is not None


def milestone_visible(actor: Actor, milestone: Milestone) -> bool:
    return agreement_visible(actor, milestone.agreement)


def revenue_visible(actor: Actor, report: RevenueReport) -> bool:
    return agreement_visible(actor, report.agreement)


def line_visible(actor: Actor, line: Distribution) -> bool:
    """What a pledge received is its funder's own and the reading staff's; all other lines are every party's."""
    return actor.is_system or actor.staff in READING_STAFF or line.tier != Tier.FUNDERS or line.organisation_id == actor.organisation_id
