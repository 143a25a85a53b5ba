"""Sequence: give waiting intents their place in the log, one batch per transaction."""

from io import StringIO

from django.conf import settings
from django.db import connections, transaction

from ledger.app import models, storage
from ledger.engine import entry, merkle
from ledger.engine.errors import LedgerFault

SEQUENCER = "sequencer"
BATCH = 512
# Rows as a stream: a statement would spend as long on reading its values as on storing them.
COPY = "COPY ledger_entry (seq, id, type, at, leaf_hash, bytes) FROM STDIN"


def sequence_batch(limit: int = BATCH) -> int:
    """Move up to `limit` intents, oldest first, from the inbox into the log, and return how many.

    The head row's lock lets rival sequencers run side by side: the log stays one unbroken row of entries, each intent
    enters once, and a process killed at any point leaves either the whole batch or none of it.
    """
    if not models.Inbox.objects.using(SEQUENCER).exists():
        return 0
    with transaction.atomic(using=SEQUENCER):
        head = lock_head()
        waiting = list(models.Inbox.objects.using(SEQUENCER).order_by("position").values_list("position", "fields")[:limit])
        if not waiting:
            return 0
        entries, leaves = _place([bytes(fields) for _, fields in waiting], head)
        _insert(entries, leaves)
        storage.append(SEQUENCER, head.height, leaves)
        _empty([position for position, _ in waiting])
        models.Head.objects.using(SEQUENCER).filter(pk=head.pk).update(height=head.height + len(entries), tail=leaves[-1].hex())
        return len(entries)


def lock_head() -> models.Head:
    """Return the head row FOR UPDATE; raise LedgerFault when this database holds another log."""
    heads = models.Head.objects.using(SEQUENCER)
    heads.bulk_create([models.Head(origin=settings.LEDGER_ORIGIN, tail=entry.GENESIS)], ignore_conflicts=True)
    head = heads.select_for_update().get()
    if head.origin != settings.LEDGER_ORIGIN:
        raise LedgerFault(f"this database holds the log {head.origin}, not {settings.LEDGER_ORIGIN}")
    return head


def _place(intents: list[bytes], head: models.Head) -> tuple[list[entry.Entry], list[bytes]]:
    """Return the entries in order, each linked to the one before it, and their leaf hashes."""
    entries, leaves = [], []
    prev = head.tail
    for seq, intent in enumerate(intents, start=head.height):
        entries.append(entry.assemble(intent, log=head.origin, seq=seq, prev=prev))
        leaves.append(merkle.leaf_hash(entries[-1].raw))
        prev = leaves[-1].hex()
    return entries, leaves


def _insert(entries: list[entry.Entry], leaves: list[bytes]) -> None:
    # Identifier, type and moment were checked to hold neither tab nor backslash, the marks of this format.
    rows = [
        f"{one.seq}\t{one.id}\t{one.type}\t{one.at}\t\\\\x{leaf.hex()}\t\\\\x{one.raw.hex()}\n"
        for one, leaf in zip(entries, leaves, strict=True)
    ]
    connection = connections[SEQUENCER]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(COPY, StringIO("".join(rows)))


def _empty(positions: list[int]) -> None:
    """Take intents out of the inbox: the database lets each go only when its entry stands in the log."""
    with connections[SEQUENCER].cursor() as cursor:
        cursor.execute("DELETE FROM ledger_inbox WHERE position = ANY(%s)", [positions])
