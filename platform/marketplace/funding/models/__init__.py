"""The tables of funding."""

from marketplace.funding.models.campaigns import ENDED, LONGEST_TEXT, MOST_FUNDERS, Campaign
from marketplace.funding.models.payouts import REFERENCE_PREFIX, BankAccount, Payout
from marketplace.funding.models.pledges import ALIVE, Pledge
from marketplace.funding.models.pools import MOST_RATIO_BP, MatchingPool, PoolScope, PoolUse, TopUp
from marketplace.funding.models.suitability import Suitability

__all__ = [
    "ALIVE",
    "ENDED",
    "LONGEST_TEXT",
    "MOST_FUNDERS",
    "MOST_RATIO_BP",
    "REFERENCE_PREFIX",
    "BankAccount",
    "Campaign",
    "MatchingPool",
    "Payout",
    "Pledge",
    "PoolScope",
    "PoolUse",
    "Suitability",
    "TopUp",
]
