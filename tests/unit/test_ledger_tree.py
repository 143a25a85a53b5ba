import base64
import hashlib
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.engine import merkle, tiles
from ledger.engine.errors import BadEntry, BadProof
from tests.factories.ledger import VECTORS, WITHOUT_VECTORS

FOLDER = VECTORS / "transparency-dev-merkle"
needs_vectors = pytest.mark.skipif(not FOLDER.is_dir(), reason=WITHOUT_VECTORS)
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(70_000)]


def naive_root(leaves):
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def stored(leaves, cuts=()):
    """The tiles of these leaves, appended in pieces."""
    kept = {}
    for start, end in pairwise([0, *sorted(cuts), len(leaves)]):
        for place, added in tiles.grow(lambda level, index: kept.get((level, index), b""), start, leaves[start:end]).items():
            kept[place] = kept.get(place, b"") + added
    return kept


def reader(kept):
    return tiles.subtree_hashes(lambda level, index: kept.get((level, index), b""))


ALL = stored(LEAVES)


def hashes(lines):
    return [base64.b64decode(line) for line in lines or []]


@needs_vectors
def test_roots_of_the_eight_published_leaves():
    published = json.loads((FOLDER / "rfc6962_roots.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in published["leaves_hex"]]
    assert [merkle.root_of(leaves[:size]).hex() for size in range(9)] == published["roots_hex_by_size"]


@needs_vectors
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_every_published_proof_is_judged_as_published(kind):
    cases = [json.loads(path.read_text()) for path in sorted((FOLDER / "testdata" / kind).rglob("*.json"))]
    assert len(cases) == 98
    for case in cases:
        if kind == "inclusion":
            check = merkle.verify_inclusion
            words = {"leaf": case["leafHash"], "root": case["root"]}
            sizes = {"index": case["leafIdx"], "size": case["treeSize"]}
        else:
            check = merkle.verify_consistency
            words = {"old_root": case["root1"], "new_root": case["root2"]}
            sizes = {"old": case["size1"], "new": case["size2"]}
        try:
            check(**{name: base64.b64decode(word or "") for name, word in words.items()}, **sizes, proof=hashes(case["proof"]))
        except BadProof:
            assert case["wantErr"], case["desc"]
        else:
            assert not case["wantErr"], case["desc"]


@given(st.integers(0, 70))
def test_the_compact_range_has_the_root_of_the_specification(size):
    assert merkle.root_of(LEAVES[:size]) == naive_root(LEAVES[:size])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_proofs_from_tiles_hold_and_no_other_leaf_index_or_size_passes(data):
    size = data.draw(st.integers(1, 1500))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    kept = stored(LEAVES[:size])
    root, old_root = naive_root(LEAVES[:size]), naive_root(LEAVES[:old])
    proof = merkle.inclusion_proof(reader(kept), index, size)
    merkle.verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=root)
    with pytest.raises(BadProof):
        merkle.verify_inclusion(leaf=LEAVES[size], index=index, size=size, proof=proof, root=root)
    if size > 1:
        with pytest.raises(BadProof):
            merkle.verify_inclusion(leaf=LEAVES[index], index=(index + 1) % size, size=size, proof=proof, root=root)
    chain = merkle.consistency_proof(reader(kept), old, size)
    merkle.verify_consistency(old=old, new=size, old_root=old_root, new_root=root, proof=chain)
    assert merkle.compact_range(reader(kept), old).root() == old_root
    if old < size:
        forged = naive_root([*LEAVES[: old - 1], LEAVES[size]])
        with pytest.raises(BadProof):
            merkle.verify_consistency(old=old, new=size, old_root=forged, new_root=root, proof=chain)


@given(st.integers(1, 1200), st.sets(st.integers(1, 1199), max_size=6))
@settings(max_examples=40, deadline=None)
def test_tiles_do_not_depend_on_how_entries_came_in_batches(size, cuts):
    assert stored(LEAVES[:size], {cut for cut in cuts if cut < size}) == stored(LEAVES[:size])


def test_a_tree_of_70_000_has_the_tiles_of_the_specifications_example():
    kept = stored(LEAVES)
    assert {place: len(row) // 32 for place, row in kept.items() if place[0] > 0 or place[1] >= 272} == {
        (0, 272): 256,
        (0, 273): 112,
        (1, 0): 256,
        (1, 1): 17,
        (2, 0): 1,
    }
    assert {(tile.level, tile.index): tile.width for tile in tiles.tiles_of(70_000)} == {
        place: len(row) // 32 for place, row in kept.items()
    }
    assert merkle.range_hash(reader(kept), 0, 70_000) == merkle.root_of(LEAVES)


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above():
    assert list(tiles.tiles_of(256)) == [tiles.Tile(0, 0, 256), tiles.Tile(1, 0, 1)]


def test_the_path_of_a_tile_is_that_of_the_specifications_example():
    assert tiles.tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tiles.tile_path("entries", 273, 112) == "tile/entries/273.p/112"


@given(st.integers(0, 63) | st.none(), st.integers(0, 10**9), st.integers(1, 256))
def test_a_path_reads_back_as_it_was_written(level, index, width):
    path = tiles.tile_path("entries" if level is None else level, index, width)
    assert tiles.parse_path(path.removeprefix("tile/")) == (level, index, width)


@pytest.mark.parametrize(
    "path", ["0/1", "64/000", "00/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/../000", "entry/000", ""]
)
def test_a_path_of_another_spelling_is_refused(path):
    with pytest.raises(BadProof):
        tiles.parse_path(path)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_reads_back_and_a_cut_one_is_refused(entries):
    bundle = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(bundle) == entries
    if bundle:
        with pytest.raises(BadEntry):
            tiles.decode_bundle(bundle[:-1])


def test_there_is_no_consistency_proof_from_the_empty_tree():
    with pytest.raises(BadProof):
        merkle.verify_consistency(old=0, new=1, old_root=merkle.EMPTY_ROOT, new_root=LEAVES[0], proof=[])
