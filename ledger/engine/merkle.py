"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: roots, inclusion and consistency proofs, compact ranges.

Proofs are built from a function that gives the hash of an aligned perfect subtree, so the same code reads stored
tiles, a list in memory, or anything else.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ledger.engine.errors import BadProof

HASH_LENGTH = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
# To cut a row with a loop takes a fifth of the time that its hashing takes.
_pairs_of = re.compile(b".{%d}" % (2 * HASH_LENGTH), re.DOTALL).findall

# (level, index) -> MTH(D[index * 2**level : (index + 1) * 2**level])
SubtreeHash = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return MTH({d}) = SHA-256(0x00 || d), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def parents(row: bytes) -> bytes:
    """Return the node hashes above a row of hashes, one for each whole pair, RFC 6962 section 2.1."""
    sha256 = hashlib.sha256
    return b"".join([sha256(b"\x01" + pair).digest() for pair in _pairs_of(row)])


@dataclass(slots=True)
class CompactRange:
    """The roots of the perfect subtrees of D[0:size], largest first: enough to go on appending, O(log n) memory."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash and merge the subtrees that became perfect (RFC 6962 section 2.1)."""
        self.peaks.append(leaf)
        position = self.size
        while position & 1:
            right = self.peaks.pop()
            self.peaks.append(node_hash(self.peaks.pop(), right))
            position >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return MTH(D[0:size]), RFC 6962 section 2.1."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the RFC 6962 section 2.1 root of a sequence of leaf hashes."""
    compact = CompactRange()
    for leaf in leaves:
        compact.append(leaf)
    return compact.root()


def range_hash(subtree: SubtreeHash, start: int, end: int) -> bytes:
    """Return MTH(D[start:end]) for a range that begins a subtree of the recursion of RFC 6962 section 2.1."""
    width = end - start
    if width == 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return subtree(level, start >> level)
    split = start + _split(width)
    return node_hash(range_hash(subtree, start, split), range_hash(subtree, split, end))


def compact_range(subtree: SubtreeHash, size: int) -> CompactRange:
    """Return the compact range of D[0:size] from stored subtree hashes (RFC 6962 section 2.1)."""
    peaks = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(subtree(level, start >> level))
            start += 1 << level
    return CompactRange(size=size, peaks=peaks)


def inclusion_proof(subtree: SubtreeHash, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]), RFC 6962 section 2.1.1: from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise BadProof(f"there is no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            proof.append(range_hash(subtree, split, end))
            end = split
        else:
            proof.append(range_hash(subtree, start, split))
            start = split
    proof.reverse()
    return proof


def consistency_proof(subtree: SubtreeHash, old: int, new: int) -> list[bytes]:
    """Return PROOF(old, D[new]), RFC 6962 section 2.1.2."""
    if not 0 < old <= new:
        raise BadProof(f"no consistency proof leads from {old} to {new}")
    proof: list[bytes] = []
    start, end, known = 0, new, True
    while end != old:
        split = start + _split(end - start)
        if old <= split:
            proof.append(range_hash(subtree, split, end))
            end = split
        else:
            proof.append(range_hash(subtree, start, split))
            start, known = split, False
    if not known:
        proof.append(range_hash(subtree, start, end))
    proof.reverse()
    return proof


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise BadProof unless the leaf hash stands at index in the tree of this root (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise BadProof(f"index {index} is outside a tree of {size}")
    _require_hashes([leaf, root, *proof])
    inner, border = _shape(index, size)
    _require_length(proof, inner + border)
    if _climb_border(_climb(leaf, proof[:inner], index), proof[inner:]) != root:
        raise BadProof("the inclusion proof leads to another root")


def verify_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise BadProof unless the new tree only appended to the old one (RFC 6962 section 2.1.2); old is not 0."""
    if not 0 < old <= new:
        raise BadProof(f"sizes {old} and {new} cannot be consistent")
    if old == new:
        _require_length(proof, 0)
        if old_root != new_root:
            raise BadProof("two roots for one size: the log was forked")
        return
    _require_hashes([old_root, new_root, *proof])
    # The proof starts at the largest perfect subtree that ends the old tree; when that is all of it, its root is known.
    perfect = (old & -old).bit_length() - 1
    whole = old == 1 << perfect
    inner, border = _shape(old - 1, new)
    inner -= perfect
    _require_length(proof, inner + border + (0 if whole else 1))
    seed, rest = (old_root, proof) if whole else (proof[0], proof[1:])
    position = (old - 1) >> perfect
    if _climb_border(_climb_left(seed, rest[:inner], position), rest[inner:]) != old_root:
        raise BadProof("the consistency proof does not begin at the old root")
    if _climb_border(_climb(seed, rest[:inner], position), rest[inner:]) != new_root:
        raise BadProof("the consistency proof does not end at the new root")


def _shape(index: int, size: int) -> tuple[int, int]:
    """Return how many siblings a leaf meets below and above the point where its path joins the right edge (RFC 6962 section 2.1.1)."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(seed: bytes, siblings: Sequence[bytes], position: int) -> bytes:
    """Return the node that a path leads to from a place among its like (RFC 6962 section 2.1.1)."""
    for level, sibling in enumerate(siblings):
        seed = node_hash(sibling, seed) if position >> level & 1 else node_hash(seed, sibling)
    return seed


def _climb_left(seed: bytes, siblings: Sequence[bytes], position: int) -> bytes:
    """Climb as the smaller tree did, which had nothing to the right of this path (RFC 6962 section 2.1.2)."""
    for level, sibling in enumerate(siblings):
        if position >> level & 1:
            seed = node_hash(sibling, seed)
    return seed


def _climb_border(seed: bytes, siblings: Sequence[bytes]) -> bytes:
    """Return the root that the right edge leads to: there every sibling stands to the left (RFC 6962 section 2.1.1)."""
    for sibling in siblings:
        seed = node_hash(sibling, seed)
    return seed


def _split(width: int) -> int:
    """Return the largest power of two smaller than width: the k of RFC 6962 section 2.1."""
    return 1 << ((width - 1).bit_length() - 1)


def _require_hashes(hashes: Iterable[bytes]) -> None:
    """Raise BadProof for a hash that is not SHA-256's (RFC 6962 section 2.1)."""
    if any(len(one) != HASH_LENGTH for one in hashes):
        raise BadProof("a SHA-256 hash has 32 bytes")


def _require_length(proof: Sequence[bytes], length: int) -> None:
    """Raise BadProof for a proof of another length than the tree asks for (RFC 6962 sections 2.1.1 and 2.1.2)."""
    if len(proof) != length:
        raise BadProof(f"the proof has {len(proof)} hashes where {length} are needed")
