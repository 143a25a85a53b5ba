"""Which demands a matching pool is for."""

import pytest

from marketplace.demands.models import Demand
from marketplace.funding.models import MatchingPool
from marketplace.funding.web.presenting import hundredths


@pytest.mark.parametrize(
    ("regions", "industries", "fits"),
    [
        ([], [], True),
        (["11"], [], True),
        (["110108"], ["38"], True),
        (["13", "120101"], [], False),
        (["110101"], [], False),
        ([], ["26", "27"], False),
        (["11"], ["26"], False),
    ],
)
def test_a_pool_is_for_its_regions_and_industries_and_none_named_means_all(regions: list[str], industries: list[str], fits: bool) -> None:
    demand = Demand(region_code="110108", industry_code="38")
    assert MatchingPool(regions=regions, industries=industries).covers(demand) is fits


@pytest.mark.parametrize(("rate_bp", "shown"), [(2_000, "20"), (1_250, "12.5"), (1, "0.01"), (10_000, "100"), (20_000, "200")])
def test_a_ratio_is_shown_per_cent_without_idle_zeros(rate_bp: int, shown: str) -> None:
    assert hundredths(rate_bp) == shown
