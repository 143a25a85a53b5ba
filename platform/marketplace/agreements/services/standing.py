"""How an agreement's tiers stand: what every report so far has paid, and what remains to each cap."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Sum

from marketplace.agreements.models import Agreement, Distribution, RevenueReport, Share, Tier
from marketplace.agreements.services.waterfall import Before, Terms
from marketplace.agreements.workflow import AgreementState, RevenueState
from marketplace.common.money import basis_points
from marketplace.funding import selectors as funding
from marketplace.funding.models import Pledge
from marketplace.funding.portfolio import RevenueShare

SHARING = (AgreementState.SIGNED, AgreementState.ACTIVE, AgreementState.COMPLETED)


def terms_of(agreement: Agreement) -> Terms:
    """The agreement's terms as the waterfall takes them: a pledge's cap is floored to the fen."""
    pledges = funding.captured_pledges(agreement.campaign) if agreement.campaign is not None and agreement.funders_cap_bp else []
    return Terms(
        costs_cap_fen=agreement.costs_cap_fen,
        caps={pledge.pk: basis_points(pledge.captured_fen, agreement.funders_cap_bp) for pledge in pledges},
        shares={
            Share.INVENTOR.value: agreement.inventor_share_ppm,
            Share.UNIT.value: agreement.unit_share_ppm,
            Share.REGION.value: agreement.region_share_ppm,
        },
    )


def before(agreement: Agreement) -> Before:
    """What the reports distributed so far have evidenced and paid."""
    rows = Distribution.objects.filter(report__agreement=agreement).order_by()
    sums = list(rows.values_list("tier", "role", "pledge").annotate(fen=Sum("fen")))
    done = RevenueReport.objects.filter(agreement=agreement, state=RevenueState.DISTRIBUTED)
    return Before(
        evidenced_fen=done.aggregate(fen=Sum("costs_fen", default=0))["fen"],
        costs_fen=sum(fen for tier, _, _, fen in sums if tier == Tier.COSTS),
        received={pledge: fen for tier, _, pledge, fen in sums if tier == Tier.FUNDERS},
        rest={role: fen for tier, role, _, fen in sums if tier == Tier.REST},
    )


def shares_of_pledges(pledges: Collection[UUID]) -> dict[UUID, RevenueShare]:
    """For each of these pledges that an agreement gives a share of revenue, what it has received and its cap, in fen."""
    lines = Distribution.objects.filter(pledge__in=pledges).order_by().values_list("pledge").annotate(fen=Sum("fen"))
    received: dict[UUID, int] = {pledge: fen or 0 for pledge, fen in lines if pledge is not None}
    rows = Pledge.objects.filter(pk__in=pledges, campaign__agreements__state__in=SHARING, campaign__agreements__funders_cap_bp__gt=0)
    caps = {pk: basis_points(fen, rate) for pk, fen, rate in rows.values_list("pk", "captured_fen", "campaign__agreements__funders_cap_bp")}
    # What no agreement in force gives more to has all that it will have.
    return {pk: RevenueShare(received_fen=received.get(pk, 0), cap_fen=cap) for pk, cap in {**received, **caps}.items()}
