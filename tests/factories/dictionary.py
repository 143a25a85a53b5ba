"""The dictionary attack: whoever has the public log and everybody's names and numbers tries every careless way of hiding them."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any

from ledger.engine import canonical

LABELS = ("person", "name", "id_number", "depositor", "contact", "sealed", "body", "type")
PSEUDONYMS = ("actor", "subject")


def guesses(value: str, known: Iterable[bytes]) -> Iterator[str]:
    """All the ways in which a careless log would have hidden this value; `known` are keys that the attacker has."""
    plain, jcs = value.encode(), canonical.encode(value)
    for text in (plain, jcs):
        yield hashlib.sha256(text).hexdigest()
        yield hashlib.sha256(b"\x00" + text).hexdigest()
    for message in (*(f"{label}\0".encode() + jcs for label in LABELS), *(f"{name}\0".encode() + plain for name in PSEUDONYMS)):
        yield hashlib.sha256(message).hexdigest()
        for key in known:
            yield hmac.digest(key, message, "sha256").hex()


def attack(entries: Iterable[dict[str, Any]], dictionary: Iterable[str], extra: Iterable[bytes]) -> set[str]:
    """The words of a dictionary that the entries confirm, in whatever place of theirs a hash may stand."""
    shown = {text for entry in entries for text in _texts(entry)}
    known = [b"", bytes(32), *extra]
    return {value for value in dictionary for guess in guesses(value, known) if guess in shown}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
