"""The tables of agreements."""

from marketplace.agreements.models.agreements import Agreement, Party, PartyRole, TerminationReason
from marketplace.agreements.models.audits import RevenueQuestion, RevenueReview
from marketplace.agreements.models.keys import KeyCustody, PartyKey
from marketplace.agreements.models.milestones import Milestone
from marketplace.agreements.models.revenue import REST, Distribution, RevenueReport, Share, Tier

__all__ = [
    "REST",
    "Agreement",
    "Distribution",
    "KeyCustody",
    "Milestone",
    "Party",
    "PartyKey",
    "PartyRole",
    "RevenueQuestion",
    "RevenueReport",
    "RevenueReview",
    "Share",
    "TerminationReason",
    "Tier",
]
