"""The tables of agreements."""

from marketplace.agreements.models.agreements import Agreement, Party, PartyRole, TerminationReason
from marketplace.agreements.models.keys import KeyCustody, PartyKey
from marketplace.agreements.models.milestones import Milestone
from marketplace.agreements.models.revenue import Distribution, RevenueReport

__all__ = [
    "Agreement",
    "Distribution",
    "KeyCustody",
    "Milestone",
    "Party",
    "PartyKey",
    "PartyRole",
    "RevenueReport",
    "TerminationReason",
]
