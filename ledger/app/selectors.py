"""Reads of the log: what anybody may see, and what a caller who has checked permission may see beside it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from ledger.app import models, published, storage, witnesses
from ledger.engine import canonical, merkle, tiles
from ledger.engine import entry as entries
from ledger.engine.proof import Proof
from ledger.engine.rotation import LogKey

DEFAULT = "default"

# Reads of the signed log too, in a file of their own.
PublishedCheckpoint = published.PublishedCheckpoint
WitnessState = published.WitnessState
latest_checkpoint = published.latest_checkpoint
cosigners = published.cosigners


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an intent: pending without a place, or sealed with one; `leaf_hash` in hex."""

    status: str
    seq: int | None
    leaf_hash: str | None
    at: datetime
    type: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry or waiting intent of an object, as a permitted caller sees it: type and body are the real ones."""

    id: UUID
    kind: str
    object_id: UUID
    type: str
    at: datetime
    public: bool
    money: bool
    status: str
    seq: int | None
    leaf_hash: str | None
    subject: str
    actor: str | None
    body: dict[str, Any]
    commit: dict[str, str]
    disclosures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """One entry as the world sees it."""

    seq: int
    id: UUID
    type: str
    at: datetime
    sequenced_at: datetime
    leaf_hash: str
    raw: bytes
    entry: entries.Entry


def height() -> int:
    """Return how many entries the log has."""
    return models.Head.objects.values_list("height", flat=True).first() or 0


def origin() -> str | None:
    """Return the name of the log in this database, or None before its first sequencing."""
    return models.Head.objects.values_list("origin", flat=True).first()


def keys(*, size: int | None = None) -> list[LogKey]:
    """Return the keys of the signed log, or of its first `size` entries: the newest first, former ones last, each with its seq."""
    history = reversed(storage.keys(DEFAULT, size=_signed_size() if size is None else size).all)
    return sorted(history, key=lambda key: key.until is not None)


def vkeys() -> list[str]:
    """Return the vkeys that may sign checkpoints of this log now, the newest first."""
    return [key.verifier.vkey for key in keys() if key.until is None]


def keys_text(*, size: int | None = None) -> str:
    """Return the keys one in a line, each below a line beginning with # that says from which seq on it holds, and until which it did.

    Those of witnesses stand below a line that says so, and whether the witness is ours; their addresses are in the policy.
    """
    lines = []
    for key in keys(size=size):
        until = "" if key.until is None else f", retired at seq {key.until}"
        lines.append(f"# from seq {key.since}{until}\n{key.verifier.vkey}\n")
    lines += [f"# witness{', run by this platform itself' if one.ours else ''}\n{one.cosigner.vkey}\n" for one in witnesses.configured()]
    return "".join(lines)


def policy_text() -> bytes:
    """Return the trust policy that this log proposes; whoever relies on it writes an own one."""
    return witnesses.policy_text(vkeys())


def lag_seconds() -> float:
    """Return the age in seconds of the oldest intent that waits for its place, 0 when none waits; the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - min(recorded_at)) FROM ledger_inbox")
        (age,) = cursor.fetchone()
    return max(0.0, float(age or 0))


def entry(seq: int) -> PublicEntry | None:
    """Return the entry at this place, or None."""
    row = models.Entry.objects.filter(seq=seq).first()
    return None if row is None else public_entry(row)


def entry_by_id(id: UUID) -> PublicEntry | None:
    """Return the entry of this intent, or None while it waits or was never recorded."""
    row = models.Entry.objects.filter(id=id).first()
    return None if row is None else public_entry(row)


def latest(count: int = 20, *, before: int | None = None) -> list[PublicEntry]:
    """Return up to `count` entries, newest first, those before a place when one is given."""
    rows = models.Entry.objects.order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    return [public_entry(row) for row in rows[:count]]


def proof(seq: int) -> Proof | None:
    """Return the proof of an entry under the newest checkpoint that enough witnesses cosigned, or before that under the newest.

    None while no checkpoint covers the entry.
    """
    watched = bool(witnesses.configured())
    parts = storage.proof_parts(DEFAULT, seq, cosigned=watched)
    if watched and parts is not None and not published.is_cosigned(parts.note):
        parts = storage.proof_parts(DEFAULT, seq, size=published.cosigned_over(seq))
    if parts is None:
        return None
    path = merkle.inclusion_proof(parts.subtree, seq, parts.size)
    return Proof(index=seq, path=tuple(path), checkpoint=parts.note, extra=parts.raw)


def consistency(old: int, new: int) -> list[bytes] | None:
    """Return the proof that the tree of `new` entries only appended to that of `old`; None beyond the newest checkpoint."""
    checkpoint = latest_checkpoint()
    if checkpoint is None or not 0 < old <= new <= checkpoint.size:
        return None
    return merkle.consistency_proof(storage.subtree_hashes(DEFAULT), old, new)


def tile(level: int, index: int, width: int) -> bytes | None:
    """Return the hashes of a tile of this width, or None where the signed tree has no such tile."""
    size = _signed_size()
    if not 0 < width <= tiles.width_at(level, index, size):
        return None
    hashes = storage.tile_reader(DEFAULT)(level, index)[: width * merkle.HASH_LENGTH]
    return hashes if len(hashes) == width * merkle.HASH_LENGTH else None


def bundle(index: int, width: int) -> bytes | None:
    """Return a bundle of this many entries, or None where the signed tree has no such bundle."""
    if not 0 < width <= tiles.width_at(0, index, _signed_size()):
        return None
    first = index * tiles.WIDTH
    rows = models.Entry.objects.filter(seq__gte=first, seq__lt=first + width).order_by("seq")
    return tiles.encode_bundle([bytes(raw) for raw in rows.values_list("bytes", flat=True)])


def receipt(id: UUID) -> Receipt | None:
    """Return what became of an intent, or None when none of this id was recorded. The caller has checked permission."""
    rows = _rows(models.Subject.objects.filter(id=id))
    if not rows:
        return None
    row = rows[0]
    return Receipt(status=row.status, seq=row.seq, leaf_hash=row.leaf_hash, at=row.at, type=row.type)


def entries_of(kind: str, id: UUID) -> list[EntryRow]:
    """Return an object's entries in order, pending ones last, with what is disclosed. The caller has checked permission."""
    return entries_of_all([(kind, id)])


def entries_of_all(objects: Iterable[tuple[str, UUID]]) -> list[EntryRow]:
    """Return the entries of several objects, each named by kind and id, as `entries_of` does for one."""
    named = [Q(kind=kind, object_id=object_id) for kind, object_id in objects]
    return _rows(models.Subject.objects.filter(reduce(or_, named))) if named else []


def entries_recorded_as(ids: Iterable[UUID]) -> list[EntryRow]:
    """Return the entries of these intents in order, whatever they speak of. The caller has checked permission."""
    return _rows(models.Subject.objects.filter(id__in=list(ids)))


def secret_of(kind: str, id: UUID) -> bytes | None:
    """Return an object's handle secret, with which its entries can be linked. The caller has checked permission."""
    secret = models.Handle.objects.filter(kind=kind, object_id=id).values_list("secret", flat=True).first()
    return None if secret is None else bytes(secret)


def money_ids() -> set[UUID]:
    """Return the ids of all intents that move money: the books must have exactly these transfer groups."""
    return set(models.Subject.objects.filter(money=True).values_list("id", flat=True))


def _rows(subjects: QuerySet[models.Subject]) -> list[EntryRow]:
    # Inbox and log in one statement: an intent that is being sequenced is found in one of them, never in neither.
    waiting = models.Inbox.objects.filter(id=OuterRef("id"))
    sealed = models.Entry.objects.filter(id=OuterRef("id"))
    found = subjects.order_by().annotate(
        position=Subquery(waiting.values("position")),
        fields=Subquery(waiting.values("fields")),
        seq=Subquery(sealed.values("seq")),
        raw=Subquery(sealed.values("bytes")),
        leaf=Subquery(sealed.values("leaf_hash")),
    )
    rows: list[Any] = sorted(found, key=lambda row: (row.seq is None, row.position if row.seq is None else row.seq))
    shown: dict[UUID, dict[str, Any]] = {}
    for one in models.Disclosure.objects.filter(intent_id__in=[row.id for row in rows]):
        shown.setdefault(one.intent_id, {})[one.label] = canonical.decode(bytes(one.value))
    return [_row(row, shown.get(row.id, {})) for row in rows]


def _row(subject: Any, shown: dict[str, Any]) -> EntryRow:
    sealed = subject.seq is not None
    fields = canonical.decode(bytes(subject.raw if sealed else subject.fields))
    return EntryRow(
        id=subject.id,
        kind=subject.kind,
        object_id=subject.object_id,
        type=subject.type,
        at=datetime.fromisoformat(fields["at"]),
        public=subject.public,
        money=subject.money,
        status="sealed" if sealed else "pending",
        seq=subject.seq,
        leaf_hash=bytes(subject.leaf).hex() if sealed else None,
        subject=fields["subject"],
        actor=fields["actor"],
        body=fields["body"] if subject.public else shown.get("body", {}),
        commit=fields["commit"],
        disclosures=shown,
    )


def public_entry(row: models.Entry) -> PublicEntry:
    """Return a row of the log as the world sees it."""
    raw = bytes(row.bytes)
    return PublicEntry(
        seq=row.seq,
        id=row.id,
        type=row.type,
        at=row.at,
        sequenced_at=row.sequenced_at,
        leaf_hash=bytes(row.leaf_hash).hex(),
        raw=raw,
        entry=entries.parse(raw),
    )


def _signed_size() -> int:
    return models.SignedCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
