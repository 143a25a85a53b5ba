"""The books' rule on campaigns is a rule that can fail."""

import pytest

from marketplace.funding.models import Pledge
from marketplace.treasury.services.checking import check
from tests.factories import funding

pytestmark = pytest.mark.django_db


@pytest.mark.breaks_books("the pledge says another amount than was held")
def test_a_pledge_that_disagrees_with_what_is_held_is_found() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 60_000)
    assert check() == []
    Pledge.objects.filter(pk=pledge.pk).update(fen=59_999)
    assert [(finding.rule.code, finding.what) for finding in check()] == [("B2a", f"campaign {campaign.pk}")]
