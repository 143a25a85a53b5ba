"""The matcher's door: hand in documents, take them out, rank, and keep the table of names."""

from matching.app.services.indexing import Indexed, index_documents, remove_documents
from matching.app.services.inputs import CORPORA, DocumentInput, Filters, MatchingError, QueryInput
from matching.app.services.ranking import Match, rank
from matching.engine.documents import SoftShare, TermShare

__all__ = [
    "CORPORA",
    "DocumentInput",
    "Filters",
    "Indexed",
    "Match",
    "MatchingError",
    "QueryInput",
    "SoftShare",
    "TermShare",
    "index_documents",
    "rank",
    "remove_documents",
]
