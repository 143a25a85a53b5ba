"""The log's signed checkpoints as the world sees them: with the cosignatures of the witnesses that watch the log."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, QuerySet, Subquery

from ledger.app import models, witnesses
from ledger.engine.cosignature import cosignatures

# How many checkpoints back a cosigned one is looked for.
RECENT = 8


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
    row = _checkpoints().first()
    return None if row is None else _published(row)


def cosigners() -> list[WitnessState]:
    """Return the witnesses that this log asks, in the order of the settings, each with what it cosigned last."""
    return [_state(one) for one in witnesses.configured()]


def cosigned_over(seq: int, *, logs: list[str]) -> PublishedCheckpoint | None:
    """Return the newest checkpoint by the present key that covers a place and that enough witnesses cosigned.

    None where they stay away. `logs` are the vkeys that may sign.
    """
    newest = models.SignedCheckpoint.objects.order_by("-size").values_list("vkey", flat=True).first()
    if newest is None or not witnesses.configured():
        return None
    enough = witnesses.own_policy(logs)
    cosigned = models.Cosignature.objects.filter(checkpoint__size__gt=seq).values("checkpoint")
    for row in _checkpoints().filter(pk__in=cosigned, vkey=newest)[:RECENT]:
        found = _published(row)
        if enough.met_by([one.cosigner for one in cosignatures(found.note, list(enough.witnesses.values()))]):
            return found
    return None


def _checkpoints() -> QuerySet[models.SignedCheckpoint]:
    """The checkpoints, the newest first, each with its cosignature lines: one query, as every page asks."""
    lines = models.Cosignature.objects.filter(checkpoint=OuterRef("pk")).order_by().values("checkpoint")
    joined = lines.annotate(joined=StringAgg("line", delimiter="", order_by="id")).values("joined")
    return models.SignedCheckpoint.objects.annotate(lines=Subquery(joined)).order_by("-size")


def _published(row: models.SignedCheckpoint) -> PublishedCheckpoint:
    lines: str | None = vars(row)["lines"]
    return PublishedCheckpoint(row.size, bytes(row.root), row.note + (lines or ""), row.vkey, row.signed_at)


def _state(witness: witnesses.Witness) -> WitnessState:
    vkey = witness.cosigner.vkey
    last = models.Cosignature.objects.filter(vkey=vkey).order_by("-checkpoint").first()
    size, at = (None, None) if last is None else (last.checkpoint_id, last.cosigned_at)
    return WitnessState(witness.cosigner.name, vkey, witness.url, witness.ours, size, at)
