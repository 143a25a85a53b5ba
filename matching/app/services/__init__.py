"""The matcher's door: hand in documents, take them out, rank, and keep the table of names."""

from matching.app.services.indexing import Indexed, index_documents, remove_documents
from matching.app.services.inputs import CORPORA, DocumentInput, Filters, MatchingError, QueryInput
from matching.app.services.ranking import FIXED, LEARNED, NEUTRAL, Match, Order, rank
from matching.engine.documents import SoftShare, TermShare

__all__ = [
    "CORPORA",
    "FIXED",
    "LEARNED",
    "NEUTRAL",
    "DocumentInput",
    "Filters",
    "Indexed",
    "Match",
    "MatchingError",
    "Order",
    "QueryInput",
    "SoftShare",
    "TermShare",
    "index_documents",
    "rank",
    "remove_documents",
]
