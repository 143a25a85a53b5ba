"""Export: the signed log as the files of C2SP tlog-tiles, ready for any static server, and as lines of text."""

from itertools import islice
from pathlib import Path

from ledger.app import selectors, storage
from ledger.engine import canonical, tiles
from ledger.engine.errors import LedgerFault

LINES = "entries.jsonl"
DEFAULT = "default"


def export(folder: Path) -> int:
    """Write checkpoint, keys, tiles, bundles and `entries.jsonl` under a folder; return how many entries.

    The checkpoint is written last, so that a reader of the folder never sees one whose tiles are missing. In
    `entries.jsonl` each line is an entry's bytes; the last line holds the checkpoint. Raises LedgerFault before the
    first checkpoint.
    """
    checkpoint = selectors.latest_checkpoint()
    if checkpoint is None:
        raise LedgerFault("nothing is signed yet: run ledger_checkpoint first")
    for place in tiles.tiles_of(checkpoint.size):
        path = tiles.tile_path(place.level, place.index, place.width)
        _write(folder / path, selectors.tile(place.level, place.index, place.width))
    for index, width in tiles.bundles_of(checkpoint.size):
        _write(folder / tiles.tile_path("entries", index, width), selectors.bundle(index, width))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LINES).open("wb") as lines:
        for row in islice(storage.entries(DEFAULT), checkpoint.size):
            lines.write(bytes(row.bytes) + b"\n")
        lines.write(canonical.encode({"checkpoint": checkpoint.note}) + b"\n")
    _write(folder / "keys", selectors.keys_text(size=checkpoint.size).encode())
    _write(folder / "checkpoint", checkpoint.note.encode())
    return checkpoint.size


def _write(path: Path, data: bytes | None) -> None:
    if data is None:
        raise LedgerFault(f"{path.name} is missing in the database: run ledger_verify")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
