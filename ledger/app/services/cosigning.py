"""Ask witnesses to cosign the newest checkpoint, beside sequencing and never in its way (C2SP tlog-witness)."""

import base64
import http.client
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.db import DatabaseError, connections

from ledger.app import models, storage, witnesses
from ledger.app.services.sequencing import SEQUENCER
from ledger.app.witnesses import Witness
from ledger.engine import merkle
from ledger.engine.cosignature import Cosigned, cosignatures
from ledger.engine.errors import LedgerFault

TIMEOUT_SECONDS = 5.0
# The newest checkpoint is offered again this often to a witness that has not cosigned it, even when the log rests.
RETRY_SECONDS = 10.0
PAUSE_SECONDS = 1.0
LARGEST_ANSWER = 64 * 1024
SIZE = "text/x.tlog.size"
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
TROUBLE = (LedgerFault, OSError, http.client.HTTPException, DatabaseError)

log = logging.getLogger("ledger.cosigning")


def ask(witness: Witness) -> bool:
    """Ask one witness to cosign the newest checkpoint, keep its cosignature, and say whether there was anything to ask.

    Raises LedgerFault when the witness refuses, or answers with anything but a cosignature that holds; OSError when it is away.
    """
    row = models.SignedCheckpoint.objects.using(SEQUENCER).order_by("-size").first()
    kept = models.Cosignature.objects.using(SEQUENCER).filter(vkey=witness.cosigner.vkey)
    last = kept.order_by("-checkpoint").values_list("checkpoint_id", flat=True).first() or 0
    if row is None or row.size == last:
        return False
    found = _cosignature(witness, row.note, size=row.size, last=last)
    fresh = models.Cosignature(checkpoint_id=row.size, vkey=witness.cosigner.vkey, line=found.line, cosigned_at=_moment(found.time))
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
    """Submit the note, from the size that the witness cosigned last; where it knows another, from that one."""
    status, kind, answer = _submit(witness, note, old=last, size=size)
    if status == 409:
        known = _SIZE.fullmatch(answer) if kind == SIZE else None
        if known is None:
            raise LedgerFault("it answers 409 without the size that it knows")
        old = int(known[1])
        if old > size:
            raise LedgerFault(f"it has cosigned {old} entries of this log, which here has {size}: was the database restored?")
        status, _, answer = _submit(witness, note, old=old, size=size)
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


def _submit(witness: Witness, note: str, *, old: int, size: int) -> tuple[int, str, bytes]:
    proof = merkle.consistency_proof(storage.subtree_hashes(SEQUENCER), old, size) if old else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", note]
    return _post(f"{witness.url}/add-checkpoint", "\n".join(lines).encode())


def _post(url: str, body: bytes) -> tuple[int, str, bytes]:
    """Return status, content type and body of the answer; raise OSError when it is too long or takes too long as a whole."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    with closing(kind(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)) as connection:
        # Each address of the name may take the whole time.
        connection.connect()
        if time.monotonic() > deadline:
            raise OSError("it is too slow to reach")
        # Once the headers of a last answer are read, the connection itself has forgotten the socket.
        with _hung_up_at(deadline, connection.sock):
            connection.request("POST", address.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            data = b""
            while len(data) <= LARGEST_ANSWER and time.monotonic() <= deadline and (chunk := answer.read1(LARGEST_ANSWER)):
                data += chunk
            if len(data) > LARGEST_ANSWER or time.monotonic() > deadline:
                raise OSError("its answer is too long, or too slow")
            return answer.status, answer.headers.get_content_type(), data


@contextmanager
def _hung_up_at(deadline: float, line: socket.socket) -> Iterator[None]:
    """End what is said on this line at that moment: its own timeout begins anew with every byte, of headers and chunks' sizes too."""
    clock = threading.Timer(deadline - time.monotonic(), _hang_up, [line])
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _hang_up(line: socket.socket) -> None:
    # Not by the method of a TLS socket, which takes its state away from under whoever reads.
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise LedgerFault(f"it says that it cosigned at {seconds} s after 1970, which is no date") from error
