"""The tables of funding."""

from marketplace.funding.models.campaigns import ENDED, LONGEST_TEXT, MOST_FUNDERS, Campaign
from marketplace.funding.models.payouts import REFERENCE_PREFIX, BankAccount, Payout
from marketplace.funding.models.plans import MOST_LINES, PlanLine, SpendingCategory
from marketplace.funding.models.pledges import ALIVE, Pledge
from marketplace.funding.models.pools import MOST_RATIO_BP, MatchingPool, PoolScope, PoolUse, TopUp
from marketplace.funding.models.suitability import Suitability
from marketplace.funding.models.talks import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_UPDATE, CampaignQuestion, CampaignUpdate

__all__ = [
    "ALIVE",
    "ENDED",
    "LONGEST_ANSWER",
    "LONGEST_QUESTION",
    "LONGEST_TEXT",
    "LONGEST_UPDATE",
    "MOST_FUNDERS",
    "MOST_LINES",
    "MOST_RATIO_BP",
    "REFERENCE_PREFIX",
    "BankAccount",
    "Campaign",
    "CampaignQuestion",
    "CampaignUpdate",
    "MatchingPool",
    "Payout",
    "PlanLine",
    "Pledge",
    "PoolScope",
    "PoolUse",
    "SpendingCategory",
    "Suitability",
    "TopUp",
]
