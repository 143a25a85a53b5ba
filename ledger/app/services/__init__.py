"""What other rooms may do with the ledger: record, read what became of it, sequence, publish, show and erase."""

from ledger.app.selectors import EntryRow, Receipt, entries_of, height, lag_seconds, latest_checkpoint, receipt
from ledger.app.services.recording import Subject, record
from ledger.app.services.sequencing import sequence_batch

__all__ = [
    "EntryRow",
    "Receipt",
    "Subject",
    "entries_of",
    "height",
    "lag_seconds",
    "latest_checkpoint",
    "receipt",
    "record",
    "sequence_batch",
]
