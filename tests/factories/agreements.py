"""Agreements for tests, from the awarded demand to the escrow, by the real moves."""

from datetime import date
from io import BytesIO
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.agreements.models import Agreement, Milestone, RevenueReport
from marketplace.agreements.services import auditing, drawing, keys, reporting, signing
from marketplace.common import files
from marketplace.common.models import StoredFile
from marketplace.demands.models import Demand
from marketplace.funding.models import Campaign
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, demands, funding
from tests.factories.treasury import funded_wallet

SYSTEM = demands.SYSTEM


def terms(**changes: Any) -> dict[str, Any]:
    """Terms whose shares make the whole, without costs, funders or region."""
    shares = {"inventor_share_ppm": 600_000, "unit_share_ppm": 400_000}
    return {"contract_type": "development.commissioned", "terms_zh": "", "terms_en": "", **shares, **changes}


def challenge_awarded(**offer: Any) -> Demand:
    """A challenge awarded to its only bid, opened as the opener would: two milestones of 40 % and 60 %."""
    target = demands.demand()
    bid, receipt = demands.bid(target, **offer)
    target = demands.closed(target)
    bid = perform("reveal", bid, SYSTEM, body=demands.offer(**offer), salt=receipt.salt)
    return demands.awarded(target, bid)


def captured(demand: Demand, *amounts: int, cap_bp: int = 15_000) -> Campaign:
    """A campaign of the demand whose pledges of these amounts have all been paid in, by as many funders, for revenue up to a cap."""
    funders = [funding.funder(fen) for fen in amounts]
    limits = {"minimum_fen": sum(amounts), "optimum_fen": sum(amounts), "funder_min_fen": 1, "funder_max_fen": max(amounts)}
    campaign = funding.campaign(funders, demand=demand, terms={**funding.REVENUE_SHARE, "cap_bp": cap_bp}, **limits)
    for funder, fen in zip(funders, amounts, strict=True):
        funding.firm(campaign, funder, fen)
    campaign = perform("close_early", campaign, accounts.actor_for(campaign.organisation))
    for _ in range(3):
        Campaign.objects.filter(pk=campaign.pk).update(due_at=accounts.a_moment_ago(), clears_at=accounts.a_moment_ago())
        sweeping.sweep()
    campaign.refresh_from_db()
    assert campaign.state == "funded"
    return campaign


def drawn(demand: Demand | None = None, campaign: Campaign | None = None, **changes: Any) -> Agreement:
    """In negotiation."""
    base = demand or challenge_awarded()
    return drawing.agreement_draw(demand=base, campaign=campaign, actor=accounts.actor_for(base.organisation), terms=terms(**changes))


def frozen(demand: Demand | None = None, campaign: Campaign | None = None, **changes: Any) -> Agreement:
    """Waiting for signatures; every party has a key in the platform's custody."""
    made = drawn(demand, campaign, **changes)
    made = perform("freeze_text", made, accounts.actor_for(made.company))
    for party in made.parties.select_related("organisation"):
        keys.key_register(actor=accounts.actor_for(party.organisation))
    return made


def sign(agreement: Agreement, who: Organisation, **data: Any) -> Agreement:
    """One party signs, and the agreement is concluded if it was the last."""
    return signing.conclude_if_all_signed(perform("sign", agreement, accounts.actor_for(who), **data))


def signed(demand: Demand | None = None, campaign: Campaign | None = None, **changes: Any) -> Agreement:
    """Signed by all, waiting for its funds; the company's wallet is empty."""
    made = frozen(demand, campaign, **changes)
    for party in made.parties.select_related("organisation"):
        made = sign(made, party.organisation)
    assert made.state == "signed"
    return made


def active(demand: Demand | None = None, campaign: Campaign | None = None, **changes: Any) -> Agreement:
    """In force: the escrow holds the whole price and the first milestone runs."""
    made = signed(demand, campaign, **changes)
    funded_wallet(made.company_fen, made.company_id)
    return perform("conditions_met", made, accounts.actor_for(made.company))


def tiered(**changes: Any) -> Agreement:
    """In force: 1,000 fen of costs first, then two pledges of 1,599 fen up to a tenth of each, then 50, 40 and 10 per cent."""
    demand = challenge_awarded()
    agreed = {
        "costs_cap_fen": 1_000,
        "inventor_share_ppm": 500_000,
        "unit_share_ppm": 400_000,
        "region_share_ppm": 100_000,
        "region_body": accounts.organisation("service"),
    }
    return active(demand, captured(demand, 1_200, 399, cap_bp=1_000), **{**agreed, **changes})


def evidence(owner: Organisation, content: bytes = b"sold: 12") -> StoredFile:
    """The accounts of one period, as a company hands them in."""
    return stored(owner, "accounts.csv", content, "revenue_evidence")


def reported(agreement: Agreement, *, year: int = 2026, shared: int = 1_000, **changes: Any) -> RevenueReport:
    """A year's revenue reported by the company; all of it is shared unless told otherwise."""
    known = {"period_from": date(year, 1, 1), "period_to": date(year, 12, 31), "revenue_fen": max(shared, 1), "shared_fen": shared}
    given = {**known, "actor": accounts.actor_for(agreement.company), "evidence": lambda: evidence(agreement.company), **changes}
    return reporting.revenue_report(agreement=agreement, **given)


def verified(report: RevenueReport) -> RevenueReport:
    """Found right by the team and every funder."""
    for party in report.agreement.parties.exclude(role="company").select_related("organisation"):
        report = auditing.conclude_if_all_agree(perform("verify", report, accounts.actor_for(party.organisation)))
    assert report.state == "verified"
    return report


def approved(report: RevenueReport) -> RevenueReport:
    """Verified, paid in from the company's wallet, and approved by one finance officer."""
    funded_wallet(report.shared_fen, report.agreement.company_id)
    report = perform("pay_in", verified(report), accounts.actor_for(report.agreement.company))
    return perform("approve", report, accounts.staff_actor("finance"))


def distributed(report: RevenueReport) -> RevenueReport:
    """Divided by another officer."""
    return perform("distribute", approved(report), accounts.staff_actor("finance"))


def deliverable(owner: Organisation, content: bytes = b"measured") -> StoredFile:
    """A file as a team hands it over."""
    return stored(owner, "report.txt", content, "deliverable")


def stored(owner: Organisation, name: str, content: bytes, purpose: str) -> StoredFile:
    """A file in the store."""
    return files.store(owner_id=owner.pk, name=name, stream=BytesIO(content), content_type="text/plain", purpose=purpose)


def delivered(agreement: Agreement, ordinal: int) -> Milestone:
    """A milestone that waits for the company's review."""
    team = agreement.university
    return perform("submit", agreement.milestones.get(ordinal=ordinal), accounts.actor_for(team), file=deliverable(team))


def released(agreement: Agreement, ordinal: int) -> Milestone:
    """A milestone delivered, accepted and paid from escrow."""
    return perform("accept", delivered(agreement, ordinal), accounts.actor_for(agreement.company))
