"""The tree as tiles (C2SP tlog-tiles): paths, geometry, bundles of entries, and proofs read from tiles."""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledger.engine import merkle
from ledger.engine.errors import BadEntry, BadProof
from ledger.engine.merkle import HASH_LENGTH

HEIGHT = 8
WIDTH = 1 << HEIGHT
HALF = HEIGHT // 2

_PATH = re.compile(r"(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(x[0-9]{3}/)*[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The place of a tile: level (0 holds leaf hashes), index within the level, and width (256 when full)."""

    level: int
    index: int
    width: int = WIDTH


# (level, index) -> the stored hashes of that tile, at least as many as asked for.
TileReader = Callable[[int, int], bytes]


def index_path(index: int) -> str:
    """Return an index in 3-digit elements, all but the last with an x (tlog-tiles, "Merkle Tree")."""
    elements = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        elements.append(f"x{index % 1000:03d}")
    return "/".join(reversed(elements))


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return `tile/<L>/<N>[.p/<W>]`; level "entries" names a bundle (tlog-tiles, "Merkle Tree", "Log entries")."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{index_path(index)}{partial}"


def parse_path(path: str) -> tuple[int | None, int, int]:
    """Read `<L>/<N>[.p/<W>]` as level (None: entries), index and width; raise BadProof for other spellings (tlog-tiles, "Merkle Tree")."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise BadProof("not the path of a tile")
    index = int(match["index"].replace("x", "").replace("/", ""))
    level = None if match["level"] == "entries" else int(match["level"])
    width = int(match["width"] or WIDTH)
    if index_path(index) != match["index"] or width > WIDTH or (match["width"] and width == WIDTH):
        raise BadProof("not the path of a tile")
    if level is not None and level > 63:
        raise BadProof("not the path of a tile")
    return level, index, width


def width_at(level: int, index: int, size: int) -> int:
    """Return how many hashes this tile has in a tree of this size, 0 to 256 (tlog-tiles, "Partial Tiles")."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a tree of this size, level by level (tlog-tiles, "Merkle Tree")."""
    level = 0
    while count := size >> (HEIGHT * level):
        for index in range((count + WIDTH - 1) // WIDTH):
            yield Tile(level, index, width_at(level, index, size))
        level += 1


def bundles_of(size: int) -> Iterator[tuple[int, int]]:
    """Yield (index, width) of every entry bundle of a tree of this size (tlog-tiles, "Log entries")."""
    for index in range((size + WIDTH - 1) // WIDTH):
        yield index, width_at(0, index, size)


def subtree_hashes(read: TileReader, *, height: int = HEIGHT) -> merkle.SubtreeHash:
    """Return a reader of any perfect subtree's hash from tiles of this height: levels between are hashed again (tlog-tiles, "Merkle Tree").

    Each tile is read once and kept for the reader's life, so make one reader for one proof.
    """
    known: dict[tuple[int, int], tuple[bytes, ...]] = {}
    width = 1 << height

    def subtree(level: int, index: int) -> bytes:
        stored, above = divmod(level, height)
        first = index << above
        place = (stored, first // width)
        if place not in known:
            hashes = read(*place)
            shared = stored * height >= HEIGHT or len(hashes) < width * HASH_LENGTH
            known[place] = _shared_rows(hashes, height) if shared else _rows(hashes, height)
        offset = (first % width >> above) * HASH_LENGTH
        found = known[place][above][offset : offset + HASH_LENGTH]
        if len(found) != HASH_LENGTH:
            raise BadProof(f"tile {tile_path(*place)} is too short for this tree")
        return found

    return subtree


def halfway(hashes: bytes) -> bytes:
    """Return the nodes that lie halfway up between a tile's hashes and its root, those that are complete (RFC 6962 section 2.1)."""
    return _rows(hashes, HALF)[HALF]


def _rows(hashes: bytes, height: int) -> tuple[bytes, ...]:
    """Return the rows of a tile, from its hashes to its root; of a partial tile what is complete (RFC 6962 section 2.1)."""
    rows = [hashes]
    for _ in range(height):
        rows.append(merkle.parents(rows[-1]))
    return tuple(rows)


# The upper tiles and those at the right edge stand in every proof: 64 of them lie above four million entries, and take 1.5 MB.
_shared_rows = lru_cache(maxsize=64)(_rows)


def grow(read: TileReader, size: int, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Return what to append to which tile when these leaf hashes follow a tree of this size (tlog-tiles, "Partial Tiles")."""
    added: dict[tuple[int, int], bytes] = {}
    level, fresh = 0, list(leaves)
    while fresh:
        start, rising = 0, list[bytes]()
        while start < len(fresh):
            index, before = divmod((size >> (HEIGHT * level)) + start, WIDTH)
            row = fresh[start : start + WIDTH - before]
            added[level, index] = b"".join(row)
            if before + len(row) == WIDTH:
                earlier = read(level, index)[: before * HASH_LENGTH] if before else b""
                rising.append(_rows(earlier + added[level, index], HEIGHT)[HEIGHT])
            start += len(row)
        level, fresh = level + 1, rising
    return added


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as big-endian uint16 length-prefixed bytes (tlog-tiles, "Log entries")."""
    return b"".join(struct.pack(">H", len(raw)) + raw for raw in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; raise BadEntry when it ends within one (tlog-tiles, "Log entries")."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data) or place + 2 > len(data):
            raise BadEntry("the bundle ends within an entry")
        entries.append(data[place + 2 : end])
        place = end
    return entries
