"""Certificate numbers: 80 random bits, so that whoever can name one was given it."""

import re
import secrets

# Crockford's base 32: no letter that is read as a digit, none that makes words with U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "JQ"
GROUPS, WIDTH = 4, 4
_MISREAD = str.maketrans("OIL", "011")
_PLAIN = re.compile(rf"{PREFIX}([{ALPHABET}]{{{GROUPS * WIDTH}}})")


def new_number() -> str:
    """A fresh number, such as JQ-7K3M-9QXT-02FD-HV6C."""
    return _spelled("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * WIDTH)))


def read_number(text: str) -> str | None:
    """The number as it is stored, however it was typed: spaces, hyphens, small letters, O for 0; None when it is none."""
    plain = re.sub(r"[\s\-–—‐‑]", "", text).upper()
    match = _PLAIN.fullmatch(plain[: len(PREFIX)] + plain[len(PREFIX) :].translate(_MISREAD))
    return _spelled(match[1]) if match else None


def _spelled(digits: str) -> str:
    return "-".join([PREFIX, *(digits[at : at + WIDTH] for at in range(0, len(digits), WIDTH))])
