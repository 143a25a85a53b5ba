"""Cosignatures (C2SP tlog-cosignature) with Ed25519, signature type 0x04: a witness's word, with its time, on a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.engine.errors import BadNote
from ledger.engine.notes import SIGNATURE_LENGTH, Signer, Verifier, known_among, require_text, signature_line, split

COSIGNATURE = 0x04
TIME_LENGTH = 8
LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cosigner(Verifier):
    """The public key of a witness (tlog-cosignature, "Format"); its vkey has type 0x04."""

    kind: ClassVar[int] = COSIGNATURE

    def verify(self, text: str, signature: bytes) -> None:
        """Raise BadNote unless the timestamped signature over the text holds (tlog-cosignature, "Ed25519 signed message")."""
        Verifier.verify(self, message(text, time_of(signature)), signature[TIME_LENGTH:])


@dataclass(frozen=True, slots=True, repr=False)
class CosigningKey(Signer):
    """The private key of a witness (tlog-cosignature, "Format")."""

    public_half: ClassVar[type[Verifier]] = Cosigner

    @property
    def cosigner(self) -> Cosigner:
        """The public half (tlog-cosignature, "Format")."""
        return Cosigner(self.name, self.verifier.public)

    def cosign(self, text: str, *, time: int) -> str:
        """Return the cosignature line over a checkpoint's text at a time in POSIX seconds (tlog-cosignature, "Format")."""
        if not 0 < time <= LATEST:
            raise BadNote("a cosignature's time is positive and below 2^63 (tlog-witness: it must not be zero)")
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(message(require_text(text), time).encode())
        return signature_line(self.name, self.verifier.id + time.to_bytes(TIME_LENGTH, "big") + signature)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature that held: whose, when (POSIX seconds), and its line in the note."""

    cosigner: Cosigner
    time: int
    line: str


def message(text: str, time: int) -> str:
    """Return what is signed: header line, time line, the note's text (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {time}\n{text}"


def time_of(signature: bytes) -> int:
    """Return the timestamp of a timestamped_signature, or raise BadNote when it is none (tlog-cosignature, "Format")."""
    if len(signature) != TIME_LENGTH + SIGNATURE_LENGTH:
        raise BadNote("an Ed25519 cosignature has 8 bytes of time and 64 of signature")
    time = int.from_bytes(signature[:TIME_LENGTH], "big")
    if time > LATEST:
        raise BadNote("the time of a cosignature is below 2^63")
    return time


def cosignatures(note: str, trusted: Sequence[Cosigner]) -> list[Cosigned]:
    """Return the cosignatures of trusted witnesses, the latest of each (tlog-proof, "Verifying a tlog proof", step 3).

    Those of others are ignored; a trusted witness's cosignature that does not hold raises BadNote (signed-note, "Signatures").
    The note's own signature by its log is checked by `open_checkpoint`, not here.
    """
    text, signatures = split(note)
    found: dict[Cosigner, Cosigned] = {}
    for cosigner, signature in known_among(signatures, trusted):
        cosigner.verify(text, signature.data)
        one = Cosigned(cosigner, time_of(signature.data), signature.line)
        if cosigner not in found or found[cosigner].time < one.time:
            found[cosigner] = one
    return list(found.values())
