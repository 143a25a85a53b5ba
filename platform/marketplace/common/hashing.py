"""One way of hashing structured values: SHA-256 over canonical JSON (RFC 8785 profile)."""

import hashlib
from typing import Any

from ledger.engine import canonical


def sha256_of(value: Any) -> str:
    """SHA-256 in hex over the canonical bytes of a JSON value without floats."""
    return hashlib.sha256(canonical.encode(canonical.normalise(value))).hexdigest()


def sha256_of_text(text: str) -> str:
    """SHA-256 in hex over a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()
