"""Signed notes (C2SP signed-note) with Ed25519 (RFC 8032), signature type 0x01; cosigners (0x04) build on the same keys."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.engine.errors import BadNote

ED25519 = 0x01
KEY_LENGTH = 32
SIGNATURE_LENGTH = 64
MOST_SIGNATURES = 64
LONGEST = 1_000_000
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || type || public key)[:4] (signed-note, "Signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name: what a vkey says (signed-note, "Verifier keys")."""

    kind: ClassVar[int] = ED25519
    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The 4-byte key ID (signed-note, "Signatures")."""
        return key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        """The text form, `name+hex id+base64(type || key)` (signed-note, "Verifier keys")."""
        return f"{self.name}+{self.id.hex()}+{_b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a vkey; raise BadNote unless name, ID and key fit together (signed-note, "Verifier keys")."""
        name, _, rest = vkey.strip().partition("+")
        identifier, _, encoded = rest.partition("+")
        material = _unb64(encoded)
        require_name(name)
        if len(material) != 1 + KEY_LENGTH or material[0] != cls.kind:
            raise BadNote(f"not an Ed25519 verifier key of type 0x{cls.kind:02x}")
        verifier = cls(name, material[1:])
        if _KEY_ID.fullmatch(identifier) is None or verifier.id.hex() != identifier:
            raise BadNote("the key ID does not belong to this name and key")
        return verifier

    def verify(self, text: str, signature: bytes) -> None:
        """Raise BadNote unless the signature over the note text holds (signed-note, "Ed25519 signatures")."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError) as error:
            raise BadNote(f"the signature of {self.name} does not hold") from error


V = TypeVar("V", bound=Verifier)


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name (signed-note, "Signatures")."""

    public_half: ClassVar[type[Verifier]] = Verifier
    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a fresh Ed25519 key under this name (RFC 8032 section 5.1.5)."""
        require_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `PRIVATE+KEY+name+hex id+base64(type || seed)`, after signed-note, "Verifier keys", which defines no private form."""
        words = text.strip().split("+", 4)
        if len(words) != 5 or words[:2] != ["PRIVATE", "KEY"]:
            raise BadNote("not a signing key")
        material = _unb64(words[4])
        if len(material) != 1 + KEY_LENGTH or material[0] != cls.public_half.kind:
            raise BadNote(f"not an Ed25519 signing key of type 0x{cls.public_half.kind:02x}")
        signer = cls(words[2], material[1:])
        if signer.verifier.id.hex() != words[3]:
            raise BadNote("the key ID does not belong to this name and key")
        return signer

    def to_text(self) -> str:
        """Return the text form that `parse` reads (after signed-note, "Verifier keys"); it is secret."""
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{_b64(bytes([self.public_half.kind]) + self.seed)}"

    @property
    def verifier(self) -> Verifier:
        """The public half (RFC 8032 section 5.1.5)."""
        return self.public_half(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the signed note over this text (signed-note, "Format"): text, blank line, one signature line."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(require_text(text).encode())
        return f"{text}\n{signature_line(self.name, self.verifier.id + signature)}"


class Signature(NamedTuple):
    """One signature line before anybody has checked it (signed-note, "Signatures")."""

    name: str
    id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, its newline included (signed-note, "Format")."""
        return signature_line(self.name, self.id + self.data)


def open_note(note: str, trusted: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """Return the text and which trusted keys signed it (signed-note, "Signatures").

    Unknown signatures are ignored; a known key whose signature fails, or no known key at all, raises BadNote.
    """
    text, signatures = split(note)
    signed: list[Verifier] = []
    for verifier, signature in known_among(signatures, trusted):
        verifier.verify(text, signature.data)
        if verifier not in signed:
            signed.append(verifier)
    if not signed:
        raise BadNote("no trusted key signed this note")
    return text, signed


def known_among(signatures: Sequence[Signature], trusted: Sequence[V]) -> Iterator[tuple[V, Signature]]:
    """Yield the signatures that name a trusted key by name and ID, with that key, unchecked (signed-note, "Signatures")."""
    known = {(verifier.name, verifier.id): verifier for verifier in trusted}
    for signature in signatures:
        if (verifier := known.get((signature.name, signature.id))) is not None:
            yield verifier, signature


def split(note: str) -> tuple[str, list[Signature]]:
    """Return a note's text and its signatures, none of them checked; raise BadNote when malformed (signed-note, "Format")."""
    if len(note) > LONGEST:
        raise BadNote("the note is too long")
    _require_clean(note)
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() != "" or not lines:
        raise BadNote("a note is text, a blank line and signature lines, and ends in a newline")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"a note may carry {MOST_SIGNATURES} signatures")
    return text + "\n", [read_line(line) for line in lines]


def read_line(line: str) -> Signature:
    """Read one signature line without its newline; raise BadNote when malformed (signed-note, "Format")."""
    words = line.split(" ")
    if len(words) != 3 or words[0] != "\u2014":
        raise BadNote("a signature line is an em dash, a name and base64")
    require_name(words[1])
    data = _unb64(words[2])
    if len(data) < 5:
        raise BadNote("a signature has a key ID of 4 bytes and at least one more")
    return Signature(words[1], data[:4], data[4:])


def signature_line(name: str, data: bytes) -> str:
    """Return the line for a key ID with its signature: em dash, name, base64, newline (signed-note, "Format")."""
    return f"\u2014 {name} {_b64(data)}\n"


def require_text(text: str) -> str:
    """Return a text that a note may carry, or raise BadNote: clean UTF-8 that ends in a newline (signed-note, "Format")."""
    if not text.endswith("\n"):
        raise BadNote("the text of a note ends in a newline")
    _require_clean(text)
    return text


def require_name(name: str) -> None:
    """Raise BadNote for a key name that is empty or has spaces or a plus (signed-note, "Format")."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise BadNote("a key name is not empty and has neither spaces nor a plus")


def _require_clean(text: str) -> None:
    """Raise BadNote for control characters but newline, and for what is not UTF-8 (signed-note, "Format")."""
    if _CONTROL.search(text):
        raise BadNote("a note has no control characters but newlines")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadNote("a note is valid UTF-8") from error


def _b64(data: bytes) -> str:
    """Encode as RFC 4648 section 4 does (signed-note, "Conventions used in this document")."""
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    """Decode base64 that has exactly one spelling (signed-note, "Conventions used in this document")."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise BadNote("not base64") from error
    if _b64(data) != text:
        raise BadNote("base64 with stray bits")
    return data
