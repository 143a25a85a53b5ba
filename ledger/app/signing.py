"""What the signing process keeps outside the database: the key, and the last checkpoint it signed."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from ledger.engine.errors import LedgerFault
from ledger.engine.notes import Signer

OTHERS = 0o077


def make_key(path: Path, *, origin: str) -> Signer:
    """Write a fresh signing key for this log to a new file that only its owner can read."""
    signer = Signer.generate(origin)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise LedgerFault(f"{path} exists: a key is never overwritten") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(signer.to_text() + "\n")
    return signer


def load_key() -> Signer:
    """Read the key of this process; raise LedgerFault when there is none, or others may read its file."""
    if not settings.LEDGER_KEY_FILE:
        raise LedgerFault("LEDGER_KEY_FILE is not set: this process cannot sign (make a key with ledger_keygen)")
    return read_key(Path(settings.LEDGER_KEY_FILE))


def read_key(path: Path) -> Signer:
    """Read a signing key's file; raise LedgerFault when there is none, or others may read it."""
    if not path.is_file():
        raise LedgerFault(f"{path} does not exist (make a key with ledger_keygen)")
    if path.stat().st_mode & OTHERS:
        raise LedgerFault(f"{path} can be read by others: chmod 600 it, and think of making a new key")
    return Signer.parse(path.read_text())


def last_signed() -> str | None:
    """Return the note signed last, as it was kept outside the database; None when nothing was signed yet."""
    path = _memory()
    return path.read_text() if path.is_file() else None


def remember(note: str, *, key_file: Path | None = None) -> None:
    """Keep a note as the last one signed, durably, before anybody can see it; `key_file` is the next key, which will look beside itself."""
    path = _memory(key_file)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with fresh.open("w") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _memory(key_file: Path | None = None) -> Path:
    """Beside the key unless LEDGER_LAST_CHECKPOINT_FILE names another place."""
    named = settings.LEDGER_LAST_CHECKPOINT_FILE
    return Path(named) if named else Path(f"{key_file or settings.LEDGER_KEY_FILE}.last-checkpoint")
