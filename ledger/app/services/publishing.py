"""Publish: sign the log's size and root, and never two that contradict each other."""

from django.db import transaction
from django.db.models import Max

from ledger.app import models, selectors, signing, storage
from ledger.app.services.sequencing import SEQUENCER, lock_head
from ledger.engine import merkle
from ledger.engine.audit import Audit
from ledger.engine.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.engine.errors import BadNote, LedgerFault
from ledger.engine.notes import Signer, Verifier, open_note


def outgrown() -> bool:
    """Return whether the log has entries that no published checkpoint covers, whoever placed them."""
    signed = models.SignedCheckpoint.objects.using(SEQUENCER).aggregate(size=Max("size"))["size"] or 0
    return models.Head.objects.using(SEQUENCER).filter(height__gt=signed).exists()


def publish_checkpoint(*, with_next: Signer | None = None) -> selectors.PublishedCheckpoint | None:
    """Sign a checkpoint of the whole log when it grew since the last one, and return it; None when it did not grow.

    Every entry since the last signed checkpoint is hashed again from its bytes, and the new tree must be consistent
    with the checkpoint kept outside the database. Raises LedgerFault instead of signing when the database was restored
    to before that checkpoint, was rewritten, or contradicts its own tiles, and when no change of key that was recorded
    under it leads from the key that signed it to the present one. `with_next` signs too, while one key hands over to another.
    """
    signer = signing.load_key()
    with transaction.atomic(using=SEQUENCER):
        head = lock_head()
        last = _last_signed(signer, head.height)
        checkpoint = _rederive(head, last)
        published = models.SignedCheckpoint.objects.using(SEQUENCER)
        if head.height == 0 or published.filter(size=head.height).exists():
            return None
        if last == checkpoint:
            # Signed before, but the process died before the database knew.
            note = signing.last_signed() or ""
            _, (by, *_) = open_note(note, _entitled(signer, head.height))
        else:
            note, by = checkpoint.sign(signer, *([with_next] if with_next else [])), signer.verifier
            signing.remember(note)
        row = published.create(size=checkpoint.size, root=checkpoint.root, note=note, vkey=by.vkey)
        row.refresh_from_db(using=SEQUENCER)
        return selectors.PublishedCheckpoint(row.size, checkpoint.root, row.note, row.vkey, row.signed_at)


def _last_signed(signer: Signer, height: int) -> Checkpoint | None:
    """Return the checkpoint kept outside the database, which must be the newest one that the database knows."""
    note = signing.last_signed()
    newest = models.SignedCheckpoint.objects.using(SEQUENCER).order_by("-size").first()
    last = None if note is None else _open_for(signer, note, height)
    if newest is not None and (last is None or last.size < newest.size):
        raise LedgerFault(
            f"the log published a checkpoint of {newest.size} entries that the file of the last signed checkpoint does not "
            "know: put the newest published checkpoint, as somebody outside has it, into that file"
        )
    return last


def _open_for(signer: Signer, note: str, height: int) -> Checkpoint:
    """Return the last checkpoint when keys that may sign had signed it; the signer must be one of them, and still be one now."""
    size = parse_text(note.partition("\n\n")[0] + "\n").size
    if size > height:
        raise LedgerFault(
            f"the database holds {height} entries, but {size} were signed: it was restored to before that "
            "checkpoint. Restore a newer backup; nothing will be signed until the log has them again."
        )
    entitled = _entitled(signer, size)
    if signer.verifier not in entitled or signer.verifier not in _entitled(signer, height):
        raise LedgerFault(
            f"the key in LEDGER_KEY_FILE may not sign this log: no change of key that the last signed checkpoint ({size} entries) covers "
            "leads to it, or it was retired. Sign with the log's key, and change it with ledger_rotate"
        )
    try:
        return open_checkpoint(note, entitled)
    except BadNote as fault:
        raise LedgerFault(f"the file of the last signed checkpoint: {fault}") from fault


def _entitled(signer: Signer, size: int) -> list[Verifier]:
    """Return the keys that may sign this many entries; the first signer of a log is the first of them."""
    return storage.keys(SEQUENCER, size=size, first=signer.verifier).entitled


def _rederive(head: models.Head, last: Checkpoint | None) -> Checkpoint:
    """Compute size and root from the entries' bytes since `last`, and hold them against tiles, head and `last`."""
    signed = last.size if last else 0
    subtree = storage.subtree_hashes(SEQUENCER)
    audit = Audit(log=head.origin, tree=merkle.compact_range(subtree, signed))
    if last is not None:
        if audit.tree.root() != last.root:
            raise LedgerFault(f"the first {signed} entries are not those that were signed: the log was rewritten")
        audit.prev = bytes(models.Entry.objects.using(SEQUENCER).get(seq=signed - 1).leaf_hash).hex()
    audit.take_all(bytes(row.bytes) for row in storage.entries(SEQUENCER, first=signed))
    root = merkle.range_hash(subtree, 0, head.height)
    if (audit.tree.size, audit.tree.root(), audit.prev) != (head.height, root, head.tail):
        raise LedgerFault("entries, tiles and head row disagree: run ledger_verify")
    if last is not None and signed:
        proof = merkle.consistency_proof(subtree, signed, head.height)
        merkle.verify_consistency(old=signed, new=head.height, old_root=last.root, new_root=root, proof=proof)
    return Checkpoint(origin=head.origin, size=head.height, root=root)
