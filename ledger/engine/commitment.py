"""Salted commitments to private values, and the pseudonyms of objects and actors on the public log.

Both are HMAC-SHA-256 (RFC 2104) under 32 random bytes: without the salt or the secret a guess cannot be checked,
and once the salt is deleted the commitment tells nothing.
"""

import hmac
import secrets
from typing import Any

from ledger.engine import canonical

SECRET_LENGTH = 32


def new_secret() -> bytes:
    """Return 32 fresh random bytes for a salt or an object's handle secret (RFC 2104 section 3: no shorter than the hash)."""
    return secrets.token_bytes(SECRET_LENGTH)


def commit(salt: bytes, label: str, value: Any) -> str:
    """Return hex HMAC-SHA-256(salt, label || 0x00 || JCS(value)): binding, and hiding while the salt is unknown (RFC 2104 section 2)."""
    return _hmac(salt, label.encode("ascii") + b"\x00" + canonical.encode(value))


def opens(commitment: str, *, salt: bytes, label: str, value: Any) -> bool:
    """Say whether this salt and value are what the commitment was made of (docs/ledger.md, "An entry")."""
    return hmac.compare_digest(commit(salt, label, value), commitment)


def subject_handle(secret: bytes, *, sealed_in: str | None = None) -> str:
    """Return an object's pseudonym: constant, or bound to one intent id against linking (docs/ledger.md, "What the public sees")."""
    return _handle(secret, ["subject"], sealed_in)


def actor_handle(secret: bytes, actor: str, *, sealed_in: str | None = None) -> str:
    """Return an actor's pseudonym within one object; two objects never share one (docs/ledger.md, "What the public sees")."""
    return _handle(secret, ["actor", actor], sealed_in)


def _handle(secret: bytes, parts: list[str], sealed_in: str | None) -> str:
    """Return a pseudonym over parts kept apart by zero bytes (docs/ledger.md, "What the public sees")."""
    bound = parts if sealed_in is None else [*parts, sealed_in]
    return _hmac(secret, b"\x00".join(part.encode("utf-8") for part in bound))


def _hmac(key: bytes, message: bytes) -> str:
    """Return hex HMAC-SHA-256 (RFC 2104 section 2); raise ValueError for a key of another length than ours."""
    if len(key) != SECRET_LENGTH:
        raise ValueError(f"a salt or secret is {SECRET_LENGTH} bytes, not {len(key)}")
    return hmac.digest(key, message, "sha256").hex()
