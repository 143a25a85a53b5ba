"""Signed notes (C2SP signed-note) with Ed25519 (RFC 8032), signature type 0x01."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    """A public key with its name: what a vkey says."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The 4-byte key ID."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """The text form, `name+hex id+base64(type || key)` (signed-note, "Verifier keys")."""
        return f"{self.name}+{self.id.hex()}+{_b64(bytes([ED25519]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read a vkey; raise BadNote unless name, ID and key fit together (signed-note, "Verifier keys")."""
        name, _, rest = vkey.strip().partition("+")
        identifier, _, encoded = rest.partition("+")
        material = _unb64(encoded)
        require_name(name)
        if len(material) != 1 + KEY_LENGTH or material[0] != ED25519:
            raise BadNote("only Ed25519 verifier keys (type 0x01) are known")
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


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with its name."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """Make a fresh Ed25519 key under this name."""
        require_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read `PRIVATE+KEY+name+hex id+base64(type || seed)`, the usual text form of a note's signing key."""
        words = text.strip().split("+", 4)
        if len(words) != 5 or words[:2] != ["PRIVATE", "KEY"]:
            raise BadNote("not a signing key")
        material = _unb64(words[4])
        if len(material) != 1 + KEY_LENGTH or material[0] != ED25519:
            raise BadNote("only Ed25519 signing keys are known")
        signer = cls(words[2], material[1:])
        if signer.verifier.id.hex() != words[3]:
            raise BadNote("the key ID does not belong to this name and key")
        return signer

    def to_text(self) -> str:
        """Return the text form that `parse` reads; it is secret."""
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{_b64(bytes([ED25519]) + self.seed)}"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the signed note over this text (signed-note, "Format"): text, blank line, one signature line."""
        if not text.endswith("\n"):
            raise BadNote("the text of a note ends in a newline")
        _require_clean(text)
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n\u2014 {self.name} {_b64(self.verifier.id + signature)}\n"


def open_note(note: str, trusted: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """Return the text and which trusted keys signed it (signed-note, "Signatures").

    Unknown signatures are ignored; a known key whose signature fails, or no known key at all, raises BadNote.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.id): verifier for verifier in trusted}
    signed: list[Verifier] = []
    for line in lines:
        name, identifier, signature = _signature(line)
        verifier = known.get((name, identifier))
        if verifier is None:
            continue
        verifier.verify(text, signature)
        if verifier not in signed:
            signed.append(verifier)
    if not signed:
        raise BadNote("no trusted key signed this note")
    return text, signed


def require_name(name: str) -> None:
    """Raise BadNote for a key name that is empty or has spaces or a plus (signed-note, "Format")."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise BadNote("a key name is not empty and has neither spaces nor a plus")


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > LONGEST:
        raise BadNote("the note is too long")
    _require_clean(note)
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() != "" or not lines:
        raise BadNote("a note is text, a blank line and signature lines, and ends in a newline")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"a note may carry {MOST_SIGNATURES} signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "\u2014":
        raise BadNote("a signature line is an em dash, a name and base64")
    require_name(words[1])
    data = _unb64(words[2])
    if len(data) < 5:
        raise BadNote("a signature has a key ID of 4 bytes and at least one more")
    return words[1], data[:4], data[4:]


def _require_clean(text: str) -> None:
    if _CONTROL.search(text):
        raise BadNote("a note has no control characters but newlines")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadNote("a note is valid UTF-8") from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise BadNote("not base64") from error
    if _b64(data) != text:
        raise BadNote("base64 with stray bits")
    return data
