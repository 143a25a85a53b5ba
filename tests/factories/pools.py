"""Matching pools for tests, opened by the real service."""

from datetime import timedelta
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.funding.models import MatchingPool
from marketplace.funding.pools import Purse, purses_of
from marketplace.funding.services.pools import pool_open
from tests.factories import accounts
from tests.factories.treasury import funded_wallet


def terms(**changes: Any) -> dict[str, Any]:
    """A fifth of each pledge, with caps that no test meets by chance, for every region and industry."""
    return {
        "name_zh": "中试引导基金",
        "name_en": "Pilot Matching Fund",
        "ratio_bp": 2_000,
        "pledge_cap_fen": 10**9,
        "campaign_cap_fen": 10**9,
        "funder_cap_fen": 10**9,
        "until": clock.now() + timedelta(days=60),
        **changes,
    }


def pool(owner: Organisation, fen: int = 1_000_000, **changes: Any) -> MatchingPool:
    """An open pool with so many fen, which its owner is given first."""
    funded_wallet(fen, owner.pk)
    return pool_open(actor=accounts.actor_for(owner), terms=terms(**changes), fen=fen)


def purse(made: MatchingPool) -> Purse:
    """The pool's money as its page shows it."""
    return purses_of([made])[made.pk]
