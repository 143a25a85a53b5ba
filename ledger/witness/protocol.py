"""What is said between a log and its witness (C2SP tlog-witness, "add-checkpoint"): requests read, answers named."""

import base64
import binascii
import re
from dataclasses import dataclass

from ledger.engine.checkpoint import Checkpoint, parse_text
from ledger.engine.errors import BadNote
from ledger.engine.merkle import HASH_LENGTH
from ledger.engine.notes import Signature, split

MOST_HASHES = 63
PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: str
    content_type: str = PLAIN


class Refused(Exception):
    """The request is answered with a status other than 200, and nothing is kept."""

    def __init__(self, status: int, words: str, content_type: str = PLAIN) -> None:
        super().__init__(words)
        self.answer = Answer(status, f"{words}\n", content_type)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request whose form is right and of which nothing has been verified."""

    old: int
    proof: tuple[bytes, ...]
    note: str
    text: str
    signatures: tuple[Signature, ...]
    checkpoint: Checkpoint


def read(body: bytes) -> Submission:
    """Read the body of an add-checkpoint request; raise Refused with 400 when it has another form."""
    try:
        head, blank, note = body.decode().partition("\n\n")
        first, *rest = head.split("\n")
        match = _OLD.fullmatch(first)
        if match is None or not blank:
            raise Refused(400, "the request is an old size line, proof lines, an empty line and a checkpoint")
        if len(rest) > MOST_HASHES:
            raise Refused(400, f"a consistency proof has at most {MOST_HASHES} lines")
        text, signatures = split(note)
        return Submission(int(match[1]), tuple(_hash(line) for line in rest), note, text, tuple(signatures), parse_text(text))
    except UnicodeDecodeError as error:
        raise Refused(400, "the request is not UTF-8") from error
    except BadNote as fault:
        raise Refused(400, f"not a checkpoint: {fault}") from fault


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise Refused(400, "a proof line is not base64") from error
    if len(value) != HASH_LENGTH or base64.b64encode(value).decode() != line:
        raise Refused(400, "a proof line is the base64 of 32 bytes")
    return value
