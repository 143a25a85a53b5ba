"""System checks: the log has one name, and keeps it from its first entry on."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from ledger.app import witnesses
from ledger.engine import policy
from ledger.engine.errors import BadNote, LedgerFault
from ledger.engine.notes import require_name


@register(Tags.models)
def origin_is_a_name(**_: Any) -> list[CheckMessage]:
    """LEDGER_ORIGIN is set and can name a key."""
    try:
        require_name(getattr(settings, "LEDGER_ORIGIN", ""))
    except BadNote:
        hint = "Set it to the log's address without scheme, such as jinqiao.example/ledger."
        return [Error("LEDGER_ORIGIN is not set, or has spaces or a plus.", hint=hint, id="ledger.E001")]
    return []


@register(Tags.models)
def witnesses_can_be_asked(**_: Any) -> list[CheckMessage]:
    """LEDGER_WITNESSES and LEDGER_POLICY_FILE can be read."""
    try:
        witnesses.configured()
        policy.parse(witnesses.policy_text([]))
    except (ImproperlyConfigured, LedgerFault) as fault:
        hint = "Each witness is `URL VKEY` or `URL VKEY ours`; the policy file is a C2SP tlog-policy. See docs/witness.md."
        return [Error(str(fault), hint=hint, id="ledger.E003")]
    return []


@register(Tags.database)
def origin_never_changes(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Once a log has entries, the setting names that log and no other."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        origin = _origin_in(alias)
        if origin is not None and origin != settings.LEDGER_ORIGIN:
            message = f"The log in this database is {origin}, but LEDGER_ORIGIN is {settings.LEDGER_ORIGIN}."
            hint = "Set LEDGER_ORIGIN back: every entry and every signature names the log, so it cannot be renamed."
            found.append(Error(message, hint=hint, id="ledger.E002"))
    return found


def _origin_in(alias: str) -> str | None:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('ledger_head') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return None
            cursor.execute("SELECT origin FROM ledger_head WHERE height > 0")
            row = cursor.fetchone()
    except DatabaseError:
        return None
    return row[0] if row else None
