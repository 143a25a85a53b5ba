"""NUL, which PostgreSQL refuses, breaks nothing wherever an address may carry words."""

import pytest

from tests.factories.world import World

ASKED = (
    "/api/v1/demo/mail/?to=%00",
    "/api/v1/deposits/?sha256=%00",
    "/api/v1/digests/?interest=%00",
    "/interests/new/?text=%00&region_codes=%00",
    "/demands/?q=%00",
    "/api/v1/organisations/?q=%00",
    "/mail/?to=%00",
    "/deposits/?sha256=%00",
    "/ledger/?type=%00",
    "/ledger/search/?q=%00",
    "/organisations/?q=%00",
    "/search/?q=%00",
)


@pytest.mark.parametrize("address", ASKED)
def test_an_address_with_nul_in_it_is_answered(world: World, address: str) -> None:
    assert world.client("company").get(address).status_code == 200
