"""Ask witnesses to cosign the newest checkpoint, beside sequencing and never in its way (C2SP tlog-witness)."""

import base64
import http.client
import logging
import re
import threading
import time
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connections
from django.db.models.functions import Now

from ledger.app import models, posting, storage, witnesses
from ledger.app.services.sequencing import SEQUENCER
from ledger.app.witnesses import Witness
from ledger.engine import merkle
from ledger.engine.cosignature import Cosigned, cosignatures
from ledger.engine.errors import LedgerFault

TIMEOUT_SECONDS = 5.0
# The newest checkpoint is offered again this often to a witness that has not cosigned it, even when the log rests.
RETRY_SECONDS = 10.0
PAUSE_SECONDS = 1.0
RENEWED_AFTER = timedelta(days=1)
SIZE = "text/x.tlog.size"
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
TROUBLE = (LedgerFault, OSError, http.client.HTTPException, DatabaseError)

log = logging.getLogger("ledger.cosigning")


def ask(witness: Witness) -> bool:
    """Ask one witness to cosign the newest checkpoint, keep its cosignature, and say whether there was anything to ask.

    Of a log that rests the same checkpoint is cosigned anew each day: its signature stays the same bytes (RFC 8032), so only a
    witness's time shows that the log had not changed by then.
    Raises LedgerFault when the witness refuses, or answers with anything but a cosignature that holds; OSError when it is away.
    """
    row = models.SignedCheckpoint.objects.using(SEQUENCER).order_by("-size").first()
    kept = models.Cosignature.objects.using(SEQUENCER).filter(vkey=witness.cosigner.vkey)
    last = kept.order_by("-checkpoint").values_list("checkpoint_id", flat=True).first() or 0
    if row is None or kept.filter(checkpoint=row.size, received_at__gt=Now() - RENEWED_AFTER).exists():
        return False
    found = _cosignature(witness, row.note, size=row.size, last=last)
    moment = _moment(found.time)
    if kept.filter(checkpoint=row.size, cosigned_at=moment, received_at__lte=Now() - RENEWED_AFTER).exists():
        raise LedgerFault(f"it says anew that it cosigned at {moment:%Y-%m-%dT%H:%M:%SZ}, as it did a day ago: its clock stands still")
    fresh = models.Cosignature(checkpoint_id=row.size, vkey=witness.cosigner.vkey, line=found.line, cosigned_at=moment)
    models.Cosignature.objects.using(SEQUENCER).bulk_create([fresh], ignore_conflicts=True)
    return True


def ask_all() -> list[str]:
    """Ask every configured witness once, and return what went wrong, one sentence for each that did not cosign."""
    troubles = []
    for witness in witnesses.configured():
        try:
            ask(witness)
        except TROUBLE as trouble:
            troubles.append(f"{witness.cosigner.name}: {trouble}")
    return troubles


class Cosigning:
    """One thread for each witness, so that a slow one delays neither the log nor the other witnesses."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.threads = [_Asker(witness, self.stopped) for witness in witnesses.configured()]

    def start(self) -> "Cosigning":
        for thread in self.threads:
            thread.start()
        return self

    def wake(self) -> None:
        """There is a new checkpoint: return at once, the threads will ask."""
        for thread in self.threads:
            thread.awake.set()

    def stop(self) -> None:
        """End the threads; one that waits for its witness ends with the process."""
        self.stopped.set()
        self.wake()
        for thread in self.threads:
            thread.join(timeout=PAUSE_SECONDS)


class _Asker(threading.Thread):
    def __init__(self, witness: Witness, stopped: threading.Event) -> None:
        super().__init__(name=f"cosigning {witness.cosigner.name}", daemon=True)
        self.witness = witness
        self.stopped = stopped
        self.awake = threading.Event()
        self.trouble = ""

    def run(self) -> None:
        while not self.stopped.is_set():
            self.awake.clear()
            try:
                ask(self.witness)
                self._say("")
            except TROUBLE as trouble:
                self._say(str(trouble).strip() or type(trouble).__name__)
                connections[SEQUENCER].close()
                self.stopped.wait(PAUSE_SECONDS)
            self.awake.wait(RETRY_SECONDS)
        connections[SEQUENCER].close()

    def _say(self, trouble: str) -> None:
        """Log a trouble once, and its end."""
        if trouble == self.trouble:
            return
        if trouble:
            log.warning("The witness %s did not cosign: %s", self.witness.cosigner.name, trouble)
        else:
            log.info("The witness %s cosigns again", self.witness.cosigner.name)
        self.trouble = trouble


def _cosignature(witness: Witness, note: str, *, size: int, last: int) -> Cosigned:
    """Submit the note, from the size that the witness cosigned last; where it knows another, from that one, within the same time."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    status, kind, answer = _submit(witness, note, old=last, size=size, deadline=deadline)
    if status == 409:
        known = _SIZE.fullmatch(answer) if kind == SIZE else None
        if known is None:
            raise LedgerFault("it answers 409 without the size that it knows")
        old = int(known[1])
        if old > size:
            raise LedgerFault(f"it has cosigned {old} entries of this log, which here has {size}: was the database restored?")
        status, _, answer = _submit(witness, note, old=old, size=size, deadline=deadline)
    if status != 200:
        raise LedgerFault(f"it answers {status}: {answer[:200].decode(errors='replace').strip()}")
    try:
        held = cosignatures(note + answer.decode(), [witness.cosigner])
    except UnicodeDecodeError as error:
        raise LedgerFault("its answer is not UTF-8") from error
    if not held:
        raise LedgerFault(f"its answer bears no cosignature by {witness.cosigner.vkey}")
    # An answer with an empty line would move where the note's text ends; only the line is kept, so it must hold by itself.
    (alone,) = cosignatures(note + held[0].line, [witness.cosigner])
    return alone


def _submit(witness: Witness, note: str, *, old: int, size: int, deadline: float) -> tuple[int, str, bytes]:
    proof = merkle.consistency_proof(storage.subtree_hashes(SEQUENCER), old, size) if old else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", note]
    return posting.post(f"{witness.url}/add-checkpoint", "\n".join(lines).encode(), deadline=deadline)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise LedgerFault(f"it says that it cosigned at {seconds} s after 1970, which is no date") from error
