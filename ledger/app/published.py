"""The log's signed checkpoints as the world sees them: with the cosignatures of the witnesses that watch the log."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from ledger.app import models, witnesses
from ledger.engine import policy
from ledger.engine.cosignature import cosignatures

# How many checkpoints back a cosigned one is looked for.
RECENT = 8
# The view joins the note and the newest line of every witness. Kept as text: to build it anew would take longer than it runs.
SELECT = "SELECT size, root, note, vkey, signed_at FROM ledger_published "
NEWEST = SELECT + "ORDER BY size DESC LIMIT 1"
COSIGNED = f"""{SELECT}
WHERE vkey = (SELECT vkey FROM ledger_checkpoint ORDER BY size DESC LIMIT 1)
  AND size IN (SELECT size FROM ledger_cosignature WHERE size > %s)
ORDER BY size DESC LIMIT %s
"""  # noqa: S608 - made of constants # nosec B608


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """A signed checkpoint as served: the note bears the cosignatures that witnesses gave so far."""

    size: int
    root: bytes
    note: str
    vkey: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class WitnessState:
    """A witness of this log and what it cosigned last, None before the first; `ours` means run by us, so not independent of us."""

    name: str
    vkey: str
    url: str
    ours: bool
    size: int | None
    at: datetime | None


def latest_checkpoint() -> PublishedCheckpoint | None:
    """Return the newest published checkpoint, or None before the first."""
    return next(iter(_published(NEWEST, [])), None)


def cosigners() -> list[WitnessState]:
    """Return the witnesses that this log asks, in the order of the settings, each with what it cosigned last."""
    return [_state(one) for one in witnesses.configured()]


def cosigned_over(seq: int) -> int | None:
    """Return the size of the newest checkpoint by the present key that covers a place and that enough witnesses cosigned.

    None where they stay away.
    """
    return next((found.size for found in _published(COSIGNED, [seq, RECENT]) if is_cosigned(found.note)), None)


def is_cosigned(note: str) -> bool:
    """Return whether enough witnesses cosigned a checkpoint, by this log's own policy; raise LedgerFault when that is malformed."""
    return _meets(note, witnesses.policy_text([]))


@lru_cache(maxsize=32)
def _meets(note: str, text: bytes) -> bool:
    """Every proof asks this of the same few notes, and a signature takes longer to verify than a proof to read."""
    enough = policy.parse(text)
    return enough.met_by([one.cosigner for one in cosignatures(note, list(enough.witnesses.values()))])


def _published(query: str, parameters: list[Any]) -> list[PublishedCheckpoint]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
    return [PublishedCheckpoint(size, bytes(root), note, vkey, signed_at) for size, root, note, vkey, signed_at in rows]


def _state(witness: witnesses.Witness) -> WitnessState:
    vkey = witness.cosigner.vkey
    last = models.Cosignature.objects.filter(vkey=vkey).order_by("-checkpoint", "-cosigned_at").first()
    size, at = (None, None) if last is None else (last.checkpoint_id, last.cosigned_at)
    return WitnessState(witness.cosigner.name, vkey, witness.url, witness.ours, size, at)
