"""The tables of funding."""

from marketplace.funding.models.campaigns import ENDED, LONGEST_TEXT, MOST_FUNDERS, Campaign
from marketplace.funding.models.payouts import REFERENCE_PREFIX, BankAccount, Payout
from marketplace.funding.models.pledges import ALIVE, Pledge
from marketplace.funding.models.suitability import Suitability

__all__ = [
    "ALIVE",
    "ENDED",
    "LONGEST_TEXT",
    "MOST_FUNDERS",
    "REFERENCE_PREFIX",
    "BankAccount",
    "Campaign",
    "Payout",
    "Pledge",
    "Suitability",
]
