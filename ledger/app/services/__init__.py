"""What other rooms may do with the ledger: record, read what became of it, sequence, publish, show and erase."""

from ledger.app.selectors import (
    EntryRow,
    PublishedCheckpoint,
    Receipt,
    entries_of,
    height,
    lag_seconds,
    latest_checkpoint,
    money_ids,
    receipt,
)
from ledger.app.services.auditing import Finding, audit
from ledger.app.services.erasing import erase, erase_objects
from ledger.app.services.evidence import choosable, evidence
from ledger.app.services.publishing import publish_checkpoint
from ledger.app.services.recording import Intent, Subject, record, record_many
from ledger.app.services.sequencing import sequence_batch
from ledger.engine.errors import LedgerFault

__all__ = [
    "EntryRow",
    "Finding",
    "Intent",
    "LedgerFault",
    "PublishedCheckpoint",
    "Receipt",
    "Subject",
    "audit",
    "choosable",
    "entries_of",
    "erase",
    "erase_objects",
    "evidence",
    "height",
    "lag_seconds",
    "latest_checkpoint",
    "money_ids",
    "publish_checkpoint",
    "receipt",
    "record",
    "record_many",
    "sequence_batch",
]
