"""What a campaign offers to its funders: one schema of terms per instrument, versioned, in words and as a hash."""

from marketplace.funding.terms.instruments import Instrument
from marketplace.funding.terms.reading import INCOMPLETE, cleaned, hash_of, revenue_cap_bp, said, schema_of, texts_of
from marketplace.funding.terms.schemas import PRESENT, SCHEMAS, Schema

__all__ = [
    "INCOMPLETE",
    "PRESENT",
    "SCHEMAS",
    "Instrument",
    "Schema",
    "cleaned",
    "hash_of",
    "revenue_cap_bp",
    "said",
    "schema_of",
    "texts_of",
]
