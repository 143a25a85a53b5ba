"""Sequence: give waiting intents their place in the log, one batch per transaction."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from ledger.app import models, storage
from ledger.engine import entry, merkle
from ledger.engine.errors import LedgerFault

SEQUENCER = "sequencer"
BATCH = 512


def sequence_batch(limit: int = BATCH) -> int:
    """Move up to `limit` intents, oldest first, from the inbox into the log, and return how many.

    The head row's lock lets rival sequencers run side by side: the log stays one unbroken row of entries, each intent
    enters once, and a process killed at any point leaves either the whole batch or none of it.
    """
    if not models.Inbox.objects.using(SEQUENCER).exists():
        return 0
    with transaction.atomic(using=SEQUENCER):
        head = lock_head()
        waiting = list(models.Inbox.objects.using(SEQUENCER).order_by("position")[:limit])
        if not waiting:
            return 0
        entries = _place(waiting, head)
        models.Entry.objects.using(SEQUENCER).bulk_create(entries)
        storage.append(SEQUENCER, head.height, [one.leaf_hash for one in entries])
        # The database lets an intent go only when its entry stands in the log.
        models.Inbox.objects.using(SEQUENCER).filter(position__in=[one.position for one in waiting]).delete()
        models.Head.objects.using(SEQUENCER).filter(pk=head.pk).update(height=head.height + len(entries), tail=entries[-1].leaf_hash.hex())
        return len(entries)


def lock_head() -> models.Head:
    """Return the head row FOR UPDATE; raise LedgerFault when this database holds another log."""
    heads = models.Head.objects.using(SEQUENCER)
    heads.bulk_create([models.Head(origin=settings.LEDGER_ORIGIN, tail=entry.GENESIS)], ignore_conflicts=True)
    head = heads.select_for_update().get()
    if head.origin != settings.LEDGER_ORIGIN:
        raise LedgerFault(f"this database holds the log {head.origin}, not {settings.LEDGER_ORIGIN}")
    return head


def _place(waiting: list[models.Inbox], head: models.Head) -> list[Any]:
    entries = []
    prev = head.tail
    for seq, intent in enumerate(waiting, start=head.height):
        found = entry.assemble(bytes(intent.fields), log=head.origin, seq=seq, prev=prev)
        leaf = merkle.leaf_hash(found.raw)
        entries.append(
            models.Entry(
                seq=seq,
                id=found.id,
                type=found.type,
                at=datetime.fromisoformat(found.at),
                leaf_hash=leaf,
                bytes=found.raw,
            )
        )
        prev = leaf.hex()
    return entries
