"""The books' rules on campaigns, payouts and ends are rules that can fail."""

import pytest

from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign, Payout, Pledge
from marketplace.treasury.services.checking import check
from marketplace.workflow.models import Change
from tests.factories import funding

pytestmark = pytest.mark.django_db


@pytest.mark.breaks_books("the pledge says another amount than was held")
def test_a_pledge_that_disagrees_with_what_is_held_is_found() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 60_000)
    assert check() == []
    Pledge.objects.filter(pk=pledge.pk).update(fen=59_999)
    assert [(finding.rule.code, finding.what) for finding in check()] == [(code, f"campaign {campaign.pk}") for code in ("B2a", "B4b")]


@pytest.mark.breaks_books("the campaign counts more than its pledges")
def test_a_campaign_that_counts_more_than_its_pledges_is_found() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    funding.pledge(campaign, funder, 60_000)
    Campaign.objects.filter(pk=campaign.pk).update(held_fen=60_001)
    assert [(finding.rule.code, finding.what) for finding in check()] == [("B4b", f"campaign {campaign.pk}")]


@pytest.mark.breaks_books("a payout at the bank is said to be elsewhere")
def test_money_in_transit_that_no_payout_explains_and_a_payout_in_no_file_are_found(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"
    funding.payment_order(10_000)
    assert check() == []
    Payout.objects.update(reference="PAY0000000000")
    assert [finding.rule.code for finding in check()] == ["B9b"]
    Payout.objects.update(fen=9_999)
    assert [finding.rule.code for finding in check()] == ["B9a", "B9b"]


def test_what_moves_after_its_end_is_found() -> None:
    ended = uuid7()
    Change.objects.create(
        id=uuid7(),
        machine="payout",
        object_id=ended,
        action="retry",
        source="rejected",
        target="requested",
        actor_label="x",
        at=clock.now(),
    )
    assert [(finding.rule.code, finding.what) for finding in check()] == [("B7", f"payout {ended}")]
