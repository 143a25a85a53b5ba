"""Rotate: let one key sign after another, recorded in the log itself and signed by the key before."""

from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import connections, router, transaction

from ledger.app import models, selectors, signing, storage
from ledger.app.services.publishing import publish_checkpoint
from ledger.app.services.recording import Subject, record
from ledger.app.services.sequencing import SEQUENCER, sequence_batch
from ledger.engine import rotation
from ledger.engine.errors import LedgerFault
from ledger.engine.notes import Signer, Verifier

SUBJECT = "log"


def rotate(file: Path) -> Signer:
    """Record that the present key adds the one in this file, sign the checkpoint that covers this with both, and return the new key.

    Afterwards, and not before, the new key may take the present one's place. Broken off anywhere and called again it goes on: each
    statement has one id, and is recorded once. Raises LedgerFault for a key of another log or one that this log had before.
    """
    present, new = signing.load_key(), signing.read_key(file)
    if new.name != present.name:
        raise LedgerFault(f"the new key is named {new.name}, the log {present.name}")
    # First of all: a key that may not sign must not speak in the log either.
    publish_checkpoint()
    known = {key.verifier: key for key in _keys().all}
    if new == present or (new.verifier in known and known[new.verifier].until is not None):
        raise LedgerFault("the log has or had this key: make a new one with ledger_keygen")
    _state(rotation.ADDED, new.verifier, rotation.added(new, by=present))
    publish_checkpoint(with_next=new)
    signing.remember(signing.last_signed() or "", key_file=file)
    return new


def retire_former() -> list[str]:
    """Record that every key before the present one may sign no more, sign a checkpoint of it, and return their vkeys."""
    present = signing.load_key()
    publish_checkpoint()
    entitled = _keys().entitled
    if present.verifier not in entitled:
        raise LedgerFault("the log has no checkpoint by the present key yet")
    former = entitled[: entitled.index(present.verifier)]
    for one in former:
        _state(rotation.RETIRED, one, rotation.retired(one, by=present))
    publish_checkpoint()
    return [one.vkey for one in former]


def _keys() -> rotation.Keys:
    return storage.keys(SEQUENCER, size=selectors.height(), first=signing.load_key().verifier)


def _state(kind: str, key: Verifier, body: dict[str, Any]) -> None:
    """Record a statement unless it was recorded before, and sequence until it stands in the log."""
    name = _named(key.name, kind, key.vkey)
    alias = router.db_for_write(models.Inbox)
    if not models.Subject.objects.using(alias).filter(id=name).exists():
        with transaction.atomic(using=alias):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT now()")
                (moment,) = cursor.fetchone()
            record(id=name, type=kind, subject=Subject(SUBJECT, _named(key.name), public=True), actor=None, at=moment, body=body)
    while sequence_batch():
        pass


def _named(*words: str) -> UUID:
    return uuid5(NAMESPACE_URL, "\n".join(words))
