"""Checkpoints (C2SP tlog-checkpoint): the signed size and root of the log."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.engine.errors import BadNote
from ledger.engine.merkle import HASH_LENGTH
from ledger.engine.notes import Signer, Verifier, open_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states: this log, at this size, has this root."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the three lines of the note (tlog-checkpoint, "Note text"); no extension lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def sign(self, signer: Signer, *others: Signer) -> str:
        """Return the note signed by every key given; each key's name must be the origin (tlog-checkpoint, "Signatures")."""
        for one in (signer, *others):
            if one.name != self.origin:
                raise BadNote(f"the key is named {one.name}, the log {self.origin}")
        note = signer.sign(self.to_text())
        for one in others:
            note = countersign(note, one)
        return note


def countersign(note: str, signer: Signer) -> str:
    """Return the note with one signature more, over the same text (signed-note, "Format")."""
    text = note.rpartition("\n\n")[0] + "\n"
    return note + signer.sign(text).rpartition("\n\n")[2]


def parse_text(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint (tlog-checkpoint, "Note text"); extension lines are passed over."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise BadNote("a checkpoint has at least three lines, none of them empty")
    if _SIZE.fullmatch(lines[1]) is None:
        raise BadNote("the size of a checkpoint is a decimal without leading zeroes")
    try:
        root = base64.b64decode(lines[2].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise BadNote("the root of a checkpoint is base64") from error
    if len(root) != HASH_LENGTH or base64.b64encode(root).decode() != lines[2]:
        raise BadNote("the root of a checkpoint has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, trusted: Sequence[Verifier]) -> Checkpoint:
    """Return the checkpoint when a trusted key whose name is its origin signed it; raise BadNote else (tlog-checkpoint, "Signatures")."""
    text, signed = open_note(note, trusted)
    checkpoint = parse_text(text)
    if all(verifier.name != checkpoint.origin for verifier in signed):
        raise BadNote(f"no key of {checkpoint.origin} signed this checkpoint")
    return checkpoint
