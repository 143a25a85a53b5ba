"""Sealed bids: encrypted at submission to a key whose private half only the opener can unwrap.

X25519 (RFC 7748) key agreement, HKDF-SHA-256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439). The opener
holds one long-lived private key in a file that neither web, database nor back office reads. Each
demand has its own key pair: the public half stands on the demand, the private half is stored only
encrypted to the opener. What is claimed: without the opener's key file nobody who reads the
database can read a sealed bid. The web process does see a bid while it arrives.
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_BID_INFO = b"jinqiao/bid/v1"
_KEY_INFO = b"jinqiao/bid-key/v1"
_NONCE = bytes(12)


class CannotOpen(Exception):
    """The ciphertext was not made for this key, or was changed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed bid: what the database keeps, and what only the bidder takes away."""

    ciphertext: bytes
    commitment: str
    salt: str


def opener_public_key() -> bytes:
    """The opener's public key (32 bytes) from OPENER_PUBLIC_KEY; ImproperlyConfigured without it."""
    text = settings.OPENER_PUBLIC_KEY
    if not text:
        raise ImproperlyConfigured("OPENER_PUBLIC_KEY is not set: make a key with `manage.py opener_keygen FILE` and set it.")
    return bytes.fromhex(text)


def opener_private_key() -> bytes:
    """The opener's private key from OPENER_KEY_FILE: readable only in the opener's process."""
    if not settings.OPENER_KEY_FILE:
        raise ImproperlyConfigured("This process has no OPENER_KEY_FILE: only the opener opens bids.")
    return bytes.fromhex(Path(settings.OPENER_KEY_FILE).read_text(encoding="ascii").strip())


def new_key_pair() -> tuple[bytes, bytes]:
    """A fresh X25519 pair as raw bytes: (private, public)."""
    private = X25519PrivateKey.generate()
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return raw, private.public_key().public_bytes_raw()


def new_demand_key(demand_id: UUID) -> tuple[bytes, bytes]:
    """A key pair for one demand: (public key, private key encrypted to the opener)."""
    private, public = new_key_pair()
    wrapped = _encrypt(opener_public_key(), private, info=_KEY_INFO, bound_to=demand_id.bytes)
    return public, wrapped


def unwrap_demand_key(demand_id: UUID, wrapped: bytes) -> bytes:
    """A demand's private key; only the opener's process can do this. CannotOpen when changed."""
    return _decrypt(opener_private_key(), wrapped, info=_KEY_INFO, bound_to=demand_id.bytes)


def commitment(body: dict[str, Any], salt: str) -> str:
    """HMAC-SHA-256 under the salt over the canonical body: fixes the bid without revealing it."""
    return hmac.new(bytes.fromhex(salt), b"bid\0" + _canonical(body), hashlib.sha256).hexdigest()


def seal(demand_public_key: bytes, bid_id: UUID, body: dict[str, Any]) -> Sealed:
    """Encrypt a bid to its demand's key, bound to the bid's id, with its salted commitment."""
    salt = secrets.token_hex(32)
    plain = _canonical({"body": body, "salt": salt})
    ciphertext = _encrypt(demand_public_key, plain, info=_BID_INFO, bound_to=bid_id.bytes)
    return Sealed(ciphertext, commitment(body, salt), salt)


def unseal(demand_private_key: bytes, bid_id: UUID, ciphertext: bytes) -> tuple[dict[str, Any], str]:
    """The bid's body and salt; CannotOpen for a wrong key, another bid's id or a changed byte."""
    plain = _decrypt(demand_private_key, ciphertext, info=_BID_INFO, bound_to=bid_id.bytes)
    opened = json.loads(plain)
    return opened["body"], opened["salt"]


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _encrypt(public_key: bytes, plain: bytes, *, info: bytes, bound_to: bytes) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    own = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    # A fresh key for every message, so that a constant nonce is used once under each.
    box = ChaCha20Poly1305(_derive(shared, own + public_key, info))
    return own + box.encrypt(_NONCE, plain, bound_to)


def _decrypt(private_key: bytes, message: bytes, *, info: bytes, bound_to: bytes) -> bytes:
    private = X25519PrivateKey.from_private_bytes(private_key)
    ephemeral, ciphertext = message[:32], message[32:]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        salt = ephemeral + private.public_key().public_bytes_raw()
        return ChaCha20Poly1305(_derive(shared, salt, info)).decrypt(_NONCE, ciphertext, bound_to)
    except (InvalidTag, ValueError) as failure:
        raise CannotOpen from failure


def _derive(shared: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(shared)


def write_key_file(path: Path) -> str:
    """Make the opener's key in a new 0600 file and return the public half in hex.

    FileExistsError where the file exists: a key is never overwritten.
    """
    private, public = new_key_pair()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(private.hex() + "\n")
    return public.hex()
