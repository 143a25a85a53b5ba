"""Small logs made by the engine alone: no database, no settings."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.engine import canonical, commitment, entry, merkle, tiles
from ledger.engine.checkpoint import Checkpoint, parse_text
from ledger.engine.notes import Signer
from ledger.engine.proof import Proof

ORIGIN = "log.example/jinqiao"
VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
WITHOUT_VECTORS = "the public test vectors are not beside this checkout (../shared/vectors)"


def intent(number: int, **changes: object) -> bytes:
    """Return an intent whose every field follows from its number."""
    secret = bytes([number % 5]) * 32
    fields = {
        "id": str(uuid.UUID(int=number)),
        "type": "demand.published",
        "at": f"2026-03-01T08:00:{number % 60:02d}.000Z",
        "actor": commitment.actor_handle(secret, "someone"),
        "subject": commitment.subject_handle(secret),
        "body": {"number": number, "title": f"需求 {number}"},
        "commit": {"person": commitment.commit(bytes(32), "person", "张三")},
    }
    return entry.encode_intent(**{**fields, **changes})  # type: ignore[arg-type]


def chain(count: int, *, log: str = ORIGIN, make: Callable[[int], bytes] = intent) -> list[bytes]:
    """Return the first entries of a log."""
    entries: list[bytes] = []
    prev = entry.GENESIS
    for seq in range(count):
        entries.append(entry.assemble(make(seq), log=log, seq=seq, prev=prev).raw)
        prev = merkle.leaf_hash(entries[-1]).hex()
    return entries


def relink(entries: Sequence[bytes]) -> list[bytes]:
    """Return these entries with seq and prev rewritten so that every link holds: what a clever forger does."""
    linked: list[bytes] = []
    prev = entry.GENESIS
    for seq, raw in enumerate(entries):
        linked.append(canonical.encode({**canonical.decode(raw), "seq": seq, "prev": prev}))
        prev = merkle.leaf_hash(linked[-1]).hex()
    return linked


def checkpoint(entries: Sequence[bytes], signer: Signer) -> str:
    """Return the signed checkpoint of these entries."""
    return Checkpoint(signer.name, len(entries), merkle.root_of(map(merkle.leaf_hash, entries))).sign(signer)


def stored_tiles(entries: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Return the tiles of these entries by (level, index)."""
    return tiles.grow(lambda level, index: b"", 0, [merkle.leaf_hash(raw) for raw in entries])


def write_log(folder: Path, entries: Sequence[bytes], note: str) -> Path:
    """Write a tlog-tiles folder under this checkpoint; files are named by the size it signs, and hold what there is."""
    kept, size = stored_tiles(entries), parse_text(note.partition("\n\n")[0] + "\n").size
    for place in tiles.tiles_of(size):
        _write(folder / tiles.tile_path(place.level, place.index, place.width), kept.get((place.level, place.index), b""))
    for index, width in tiles.bundles_of(size):
        first = index * tiles.WIDTH
        held = entries[first : first + tiles.WIDTH] if width == tiles.WIDTH else entries[first:]
        _write(folder / tiles.tile_path("entries", index, width), tiles.encode_bundle(held))
    _write(folder / "checkpoint", note.encode())
    return folder


def write_lines(file: Path, entries: Sequence[bytes], note: str) -> Path:
    """Write entries as lines, the checkpoint last."""
    file.write_bytes(b"".join(raw + b"\n" for raw in [*entries, canonical.encode({"checkpoint": note})]))
    return file


def proof(entries: Sequence[bytes], seq: int, note: str) -> Proof:
    """Return the proof of one entry."""
    kept = stored_tiles(entries)
    subtree = tiles.subtree_hashes(lambda level, index: kept[level, index])
    return Proof(seq, tuple(merkle.inclusion_proof(subtree, seq, len(entries))), note, entries[seq])


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
