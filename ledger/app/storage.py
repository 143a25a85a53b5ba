"""The log as it is stored: entries in order, and the tree as tiles in a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, transaction

from ledger.app import models
from ledger.engine import canonical, tiles
from ledger.engine.merkle import SubtreeHash
from ledger.engine.notes import Verifier
from ledger.engine.rotation import KINDS, Keys

CHUNK = 2000
PROOF = "SELECT size, note, bytes, level, sixteenth, hashes, halfway FROM ledger_proof(%s, %s, %s)"
# A tile that is there grows, another begins; the database lets neither lose a hash.
APPEND = """
INSERT INTO ledger_tile AS tile (level, index, hashes) SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
ON CONFLICT (level, index) DO UPDATE SET hashes = tile.hashes || excluded.hashes
"""


@dataclass(frozen=True, slots=True)
class ProofParts:
    """The size and note of a checkpoint, the bytes of an entry below it, and the hashes from which its proof is made."""

    size: int
    note: str
    raw: bytes
    subtree: SubtreeHash


@contextmanager
def snapshot(alias: str) -> Iterator[None]:
    """Let everything read inside be of one moment, however the log grows meanwhile; inside a transaction, of that transaction."""
    outermost = not connections[alias].in_atomic_block
    with transaction.atomic(using=alias):
        if outermost:
            with connections[alias].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def entries(alias: str, *, first: int = 0) -> Iterator[models.Entry]:
    """Yield the stored entries from a place on, in order, a chunk at a time: no cursor stays open when the reader stops."""
    seq = first - 1
    while chunk := list(models.Entry.objects.using(alias).filter(seq__gt=seq).order_by("seq")[:CHUNK]):
        yield from chunk
        seq = chunk[-1].seq


def keys(alias: str, *, size: int, first: Verifier | None = None) -> Keys:
    """Return the keys that `size` entries entitle to sign, beginning with that of the first checkpoint, or `first` before there is one."""
    signed = models.SignedCheckpoint.objects.using(alias).order_by("size").values_list("vkey", flat=True).first()
    begun = first if signed is None else Verifier.parse(signed)
    found = Keys([] if begun is None else [begun])
    rows = models.Entry.objects.using(alias).filter(type__in=KINDS, seq__lt=size).order_by("seq")
    for row in rows:
        found.take(row.seq, row.type, canonical.decode(bytes(row.bytes))["body"])
    return found


def tile_reader(alias: str) -> tiles.TileReader:
    """Return a reader of stored tiles on this connection."""
    return _column_reader(alias, "hashes")


def halfway_reader(alias: str) -> tiles.TileReader:
    """Return a reader of the rows of nodes that are kept halfway up each tile."""
    return _column_reader(alias, "halfway")


def _column_reader(alias: str, column: str) -> tiles.TileReader:
    def read(level: int, index: int) -> bytes:
        rows = models.TreeTile.objects.using(alias).filter(level=level, index=index)
        held = rows.values_list(column, flat=True).first()
        return b"" if held is None else bytes(held)

    return read


def subtree_hashes(alias: str) -> SubtreeHash:
    """Return the hashes of perfect subtrees, for the proofs of one moment (each tile is read once)."""
    return tiles.subtree_hashes(tile_reader(alias))


def proof_parts(alias: str, index: int, *, size: int | None = None, cosigned: bool = False) -> ProofParts | None:
    """Return what the proof of an entry is made of, by one statement: under the checkpoint of this size, or the newest.

    `cosigned` prefers the newest that anybody cosigned, by the key that signs now. None where no such checkpoint covers the entry.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(PROOF, [index, size, cosigned])
        rows = cursor.fetchall()
    if not rows:
        return None
    signed, note, raw = rows[0][:3]
    # Sixteen hashes, or the sixteen halfway up a tile, are themselves a tile of half the height.
    held: dict[tuple[int, int], bytes] = {}
    for *_, level, sixteenth, hashes, halfway in rows:
        held[2 * level, sixteenth], held[2 * level + 1, sixteenth >> tiles.HALF] = bytes(hashes), bytes(halfway)
    subtree = tiles.subtree_hashes(lambda level, place: held.get((level, place), b""), height=tiles.HALF)
    return ProofParts(signed, note, bytes(raw), subtree)


def append(alias: str, size: int, leaves: list[bytes]) -> None:
    """Add leaf hashes to the tiles of a tree of this size."""
    added = tiles.grow(tile_reader(alias), size, leaves)
    with connections[alias].cursor() as cursor:
        cursor.execute(APPEND, [[level for level, _ in added], [index for _, index in added], list(added.values())])
