"""Canonical JSON: the part of RFC 8785 (JCS) in which equal values have equal bytes in every language.

The profile is narrower than RFC 8785 on purpose: ASCII keys (so code point order is UTF-16 order), no floating
point numbers, integers below 2**53 in size (RFC 8785 section 3.2.2.3 speaks of IEEE 754 doubles), text in NFC.
Inside it the standard library's encoder gives the bytes of RFC 8785.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.engine.errors import NotCanonical

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32


def encode(value: Any) -> bytes:
    """Return the RFC 8785 section 3.2 bytes of a value of the profile; raise NotCanonical outside it."""
    _require(value, depth=0)
    return _ENCODER.encode(value).encode("utf-8")


def decode(data: bytes) -> Any:
    """Parse bytes that are exactly canonical (RFC 8785 section 3.2); raise NotCanonical for anything else."""
    value = load(data)
    if encode(value) != data:
        raise NotCanonical("the JSON is valid but its bytes are not the canonical ones")
    return value


def load(data: bytes) -> Any:
    """Parse JSON however it is spelt; duplicate keys (forbidden by RFC 8785 section 3.1) and floats raise NotCanonical.

    What it returns is in the profile only once `encode` has accepted it.
    """
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise NotCanonical(f"not JSON of the profile: {error}") from error


def normalise(value: Any) -> Any:
    """Turn Python's dates, identifiers, decimals and any text into values of the profile (RFC 8785 section 3.1); floats stay refused."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): normalise(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [normalise(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(normalise(item) for item in value)
    if isinstance(value, float | bytes):
        raise NotCanonical(f"{type(value).__name__} has no place in an entry: use integers, or text")
    return unicodedata.normalize("NFC", str(value))


def instant(moment: datetime) -> str:
    """Write a moment as RFC 3339 section 5.6 has it, in UTC with milliseconds (cut, not rounded); a naive datetime is refused."""
    if moment.tzinfo is None:
        raise NotCanonical("a moment without a time zone cannot be recorded")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def _require(value: Any, *, depth: int) -> None:
    """Raise NotCanonical for a value outside the profile (RFC 8785 section 3.1: JSON data that I-JSON allows, and narrower)."""
    if depth > DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST}")
    if isinstance(value, str):
        _require_text(value)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{value} is beyond 2**53 - 1: write it as a decimal string")
    elif isinstance(value, list):
        for item in value:
            _require(item, depth=depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise NotCanonical(f"the key {key!r} is not ASCII text")
            _require(item, depth=depth + 1)
    else:
        raise NotCanonical(f"{type(value).__name__} is outside the profile")


def _require_text(text: str) -> None:
    """Raise NotCanonical for a lone surrogate (RFC 8785 section 3.2.2.2) and for text that is not in NFC."""
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("text holds a lone surrogate") from error
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("text is not in Unicode normal form C")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raise NotCanonical where a key stands twice (RFC 8785 section 3.1)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a key stands twice in one object")
    return found


def _refuse_number(text: str) -> Any:
    """Raise NotCanonical for what RFC 8785 section 3.2.2.3 writes as an IEEE 754 double, or refuses."""
    raise NotCanonical(f"{text} is not an integer")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_float=_refuse_number, parse_constant=_refuse_number)
