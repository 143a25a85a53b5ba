"""What a witness keeps, in one folder: its key, the logs that it watches, and the newest checkpoint that it cosigned of each."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.engine.cosignature import CosigningKey
from ledger.engine.errors import LedgerFault
from ledger.engine.notes import Verifier

OTHERS = 0o077


class Store:
    """One witness's folder: `key` (secret), `logs` (a vkey in a line), and `<SHA-256 of origin>/checkpoint` for each log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, *, name: str) -> "Store":
        """Make the folder with a fresh key that only its owner can read; raise LedgerFault where there is a key."""
        key = CosigningKey.generate(name)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise LedgerFault(f"{folder / 'key'} exists: a key is never overwritten") from error
        with os.fdopen(descriptor, "w") as file:
            file.write(key.to_text() + "\n")
        return cls(folder)

    def key(self) -> CosigningKey:
        """Read the witness's key; raise LedgerFault when there is none or others may read it."""
        path = self.folder / "key"
        if not path.is_file():
            raise LedgerFault(f"{path} does not exist: make it with `python -m ledger.witness keygen`")
        if path.stat().st_mode & OTHERS:
            raise LedgerFault(f"{path} can be read by others: chmod 600 it, and think of making a new key")
        return CosigningKey.parse(path.read_text())

    def logs(self) -> list[Verifier]:
        """Return the keys of the logs that this witness watches; the file is read each time, so it may change while we serve."""
        path = self.folder / "logs"
        lines = path.read_text().splitlines() if path.is_file() else []
        return [Verifier.parse(line) for line in lines if line.strip() and not line.startswith("#")]

    def trust(self, vkey: str) -> Verifier:
        """Watch one more log, or one more key of a log; its name is the log's origin."""
        verifier = Verifier.parse(vkey)
        if verifier not in self.logs():
            path = self.folder / "logs"
            # A line written by hand may lack its end.
            written = path.read_text() if path.is_file() else ""
            with path.open("a") as file:
                file.write(("\n" if written and not written.endswith("\n") else "") + verifier.vkey + "\n")
        return verifier

    @contextmanager
    def locked(self, origin: str) -> Iterator[None]:
        """Hold this log for one request: threads and further processes on the same folder take turns."""
        place = self._place(origin)
        place.mkdir(mode=0o700, exist_ok=True)
        with (place / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def latest(self, origin: str) -> str | None:
        """Return the note kept last, None when this log was never cosigned."""
        return self.by_hash(hash_of(origin))

    def by_hash(self, name: str) -> str | None:
        """Return the note kept last of the log whose origin has this SHA-256 in hex."""
        path = self.folder / name / "checkpoint"
        return path.read_text() if path.is_file() else None

    def keep(self, origin: str, note: str) -> None:
        """Keep a note in place of the last one: all of it or, whenever the machine stops, still the last one; durable on return."""
        place = self._place(origin)
        fresh = place / "checkpoint.fresh"
        with fresh.open("w") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place / "checkpoint")
        for folder in (place, self.folder):
            _sync_folder(folder)

    def _place(self, origin: str) -> Path:
        return self.folder / hash_of(origin)


def hash_of(origin: str) -> str:
    """Return a log's name in addresses and folders (tlog-witness, "Monitor Retrieval Mechanism")."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
