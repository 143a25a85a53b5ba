"""Offline proofs (C2SP tlog-proof): one entry, its path to the root, and the signed checkpoint."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.engine import merkle
from ledger.engine.checkpoint import Checkpoint, open_checkpoint
from ledger.engine.cosignature import Cosigned
from ledger.engine.errors import BadProof
from ledger.engine.notes import Verifier
from ledger.engine.policy import Policy, check

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof before it is checked; `extra` holds the entry's bytes, which nothing has to believe until hashed."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def to_text(self) -> str:
        """Return the file's text (tlog-proof, "Format")."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append("extra " + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode() for one in self.path]
        return "\n".join([*lines, "", self.checkpoint])


def parse(text: str) -> Proof:
    """Read a .tlog-proof (tlog-proof, "Format"); raise BadProof when it is not one."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != HEADER:
        raise BadProof(f"a proof begins with {HEADER} and holds a checkpoint")
    rest = lines[1:]
    extra = _unb64(rest.pop(0)[len("extra ") :]) if rest and rest[0].startswith("extra ") else None
    match = _INDEX.fullmatch(rest[0]) if rest else None
    if match is None:
        raise BadProof("a proof names the index of its entry")
    return Proof(int(match[1]), tuple(_unb64(line) for line in rest[1:]), checkpoint, extra)


def verify(proof: Proof, *, leaf: bytes, trusted: Sequence[Verifier]) -> Checkpoint:
    """Return the checkpoint when this leaf hash is proven under it (tlog-proof, "Verifying a tlog proof"); raise else."""
    checkpoint = open_checkpoint(proof.checkpoint, trusted)
    merkle.verify_inclusion(leaf=leaf, index=proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    return checkpoint


def verify_cosigned(proof: Proof, *, leaf: bytes, policy: Policy) -> tuple[Checkpoint, list[Cosigned]]:
    """Return checkpoint and cosignatures of a leaf proven as the policy asks (tlog-proof, "Verifying a tlog proof", steps 2 to 4)."""
    checkpoint, cosigned = check(proof.checkpoint, policy)
    merkle.verify_inclusion(leaf=leaf, index=proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    return checkpoint, cosigned


def _unb64(text: str) -> bytes:
    """Decode base64 that has exactly one spelling (tlog-proof, "Conventions used in this document")."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise BadProof("a line of the proof is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise BadProof("base64 with stray bits")
    return data
