"""The tables of demands."""

from marketplace.demands.models.bids import Bid, RefusalReason
from marketplace.demands.models.demands import LONGEST_TEXT, Demand, DemandConfidential, DemandMode
from marketplace.demands.models.judgements import DeclineReason, MatchJudgement
from marketplace.demands.models.questions import Question

__all__ = [
    "LONGEST_TEXT",
    "Bid",
    "DeclineReason",
    "Demand",
    "DemandConfidential",
    "DemandMode",
    "MatchJudgement",
    "Question",
    "RefusalReason",
]
