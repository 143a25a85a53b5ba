"""The witness's one decision: is this checkpoint a later state of the log that was cosigned last?"""

import time
from collections.abc import Sequence

from ledger.engine import merkle
from ledger.engine.checkpoint import Checkpoint, parse_text
from ledger.engine.cosignature import CosigningKey, cosignatures
from ledger.engine.errors import BadNote, BadProof, LedgerFault
from ledger.engine.notes import Verifier, known_among
from ledger.witness.protocol import SIZE, Answer, Refused, Submission
from ledger.witness.store import Store


def add_checkpoint(submission: Submission, *, store: Store, key: CosigningKey) -> Answer:
    """Cosign a checkpoint that only appends to the last one, after it is durably kept (tlog-witness, "add-checkpoint").

    Raises Refused with 404 for an unknown log, 403 without its good signature, 400 for an old size beyond the checkpoint's, 409
    with the kept size when the old size is another, 422 when the trees are not consistent. Nothing is kept then.
    """
    checkpoint = submission.checkpoint
    trusted = [verifier for verifier in store.logs() if verifier.name == checkpoint.origin]
    if not trusted:
        raise Refused(404, "this witness does not watch that log")
    signed = _signed_lines(submission, trusted)
    if submission.old > checkpoint.size:
        raise Refused(400, "the old size is larger than the checkpoint's")
    with store.locked(checkpoint.origin):
        last = _last(checkpoint.origin, store=store, key=key)
        if submission.old != (last.size if last else 0):
            raise Refused(409, str(last.size if last else 0), SIZE)
        _require_growth(last, submission)
        line = key.cosign(submission.text, time=int(time.time()))
        store.keep(checkpoint.origin, f"{submission.text}\n{signed}{line}")
    return Answer(200, line)


def _signed_lines(submission: Submission, trusted: Sequence[Verifier]) -> str:
    """Return the log's own signature lines; a known key whose signature fails makes the note malformed."""
    lines: list[str] = []
    try:
        for verifier, signature in known_among(submission.signatures, trusted):
            verifier.verify(submission.text, signature.data)
            if signature.line not in lines:
                lines.append(signature.line)
    except BadNote as fault:
        raise Refused(403, str(fault)) from fault
    if not lines:
        raise Refused(403, "no trusted key of this log signed the checkpoint")
    return "".join(lines)


def _last(origin: str, *, store: Store, key: CosigningKey) -> Checkpoint | None:
    """Return what was cosigned last. A kept note that this witness's key does not vouch for stops it: forgetting allows forks."""
    note = store.latest(origin)
    if note is None:
        return None
    if not cosignatures(note, [key.cosigner]):
        raise LedgerFault(f"the checkpoint kept of {origin} does not bear this witness's own cosignature")
    return parse_text(note.rpartition("\n\n")[0] + "\n")


def _require_growth(last: Checkpoint | None, submission: Submission) -> None:
    """Raise Refused with 422 unless the checkpoint's tree is the last one, or that with entries appended."""
    checkpoint = submission.checkpoint
    if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
        raise Refused(422, "the root of an empty tree is the hash of nothing")
    if submission.old == 0:
        if submission.proof:
            raise Refused(422, "from an empty tree nothing is to be proven")
        return
    assert last is not None  # the old size is the kept one, and that is not zero
    try:
        merkle.verify_consistency(old=last.size, new=checkpoint.size, old_root=last.root, new_root=checkpoint.root, proof=submission.proof)
    except BadProof as fault:
        raise Refused(422, str(fault)) from fault
