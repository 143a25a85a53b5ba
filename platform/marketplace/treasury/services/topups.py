"""Top-up references: the short code by which money from a bank finds its wallet."""

import re
import secrets

from django.db import IntegrityError, transaction

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import LimitReached
from marketplace.treasury.models import TopUpReference
from marketplace.treasury.permissions import require_verified, whose_wallet

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is read as something else
PREFIX = "JQ"
BODY = 7
TRIES = 5
_PATTERN = re.compile(r"(?<![0-9A-Z])JQ[\s-]?([0-9A-Z]{4})[\s-]?([0-9A-Z]{4})(?![0-9A-Z])")
_READ_AS = str.maketrans("OIL", "011")


def issue_reference(*, actor: Actor) -> tuple[TopUpReference, bool]:
    """Give the actor's organisation its standing reference, the same one every time: (reference, newly made).

    Raises Unauthenticated, ForTheirFinanceOnly, MissingScope, NotVerified.
    """
    organisation_id = whose_wallet(actor, scope="write")
    require_verified(actor)
    for _ in range(TRIES):
        found = TopUpReference.objects.filter(organisation_id=organisation_id).first()
        if found is not None:
            return found, False
        try:
            with transaction.atomic():
                made = TopUpReference.objects.create(organisation_id=organisation_id, code=new_code(), created_at=clock.now())
        except IntegrityError:
            continue  # a twin made this organisation's, or another organisation has this code
        return made, True
    raise LimitReached


def new_code() -> str:
    """A random reference with its check character: "JQ" and eight characters, 35 bits of chance."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(BODY))
    return f"{PREFIX}{body}{check_character(body)}"


def shown(code: str) -> str:
    """The code as people write it: JQ-XXXX-XXXX."""
    return f"{code[:2]}-{code[2:6]}-{code[6:]}"


def codes_in(text: str) -> set[str]:
    """Every well-formed reference in a line's message, whatever its case, spaces or hyphens.

    A code whose check character is wrong is not returned: one wrong character never reaches another's wallet.
    """
    found = set()
    for match in _PATTERN.finditer(text.upper()):
        letters = "".join(match.groups()).translate(_READ_AS)
        if set(letters) <= set(ALPHABET) and check_character(letters[:-1]) == letters[-1]:
            found.add(PREFIX + letters)
    return found


def check_character(body: str) -> str:
    """The check character of a body (Luhn's algorithm modulo 32): it finds every single wrong character."""
    total = 0
    for index, letter in enumerate(reversed(body)):
        value = ALPHABET.index(letter) * (2 if index % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]
