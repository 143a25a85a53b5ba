"""The tables of demands."""

from marketplace.demands.models.bids import Bid, RefusalReason
from marketplace.demands.models.demands import Demand, DemandConfidential, DemandMode
from marketplace.demands.models.questions import Question

__all__ = ["Bid", "Demand", "DemandConfidential", "DemandMode", "Question", "RefusalReason"]
