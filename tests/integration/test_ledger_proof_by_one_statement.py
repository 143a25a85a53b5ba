"""A proof from the tables: whole and true at every shape of the tree, by one statement, of rows that stay few."""

import pytest
from django.db import connection, connections, transaction

from ledger.app import models, selectors, storage
from ledger.engine import merkle, proof, tiles
from ledger.engine.checkpoint import Checkpoint
from ledger.engine.notes import Signer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])

RAW = [b"entry %d" % number for number in range(66_000)]
LEAVES = [merkle.leaf_hash(raw) for raw in RAW]
# Trees of one, two and three levels of tiles, whole and with an edge in each level.
SIZES = (1, 2, 255, 256, 257, 513, 65_535, 65_536, 65_537, 66_000)
ENTRY = "INSERT INTO ledger_entry (seq, id, type, at, leaf_hash, bytes) VALUES (%s, gen_random_uuid(), 'test.entry', now(), %s, %s)"


def some_places(size: int) -> set[int]:
    return {place for place in (0, 1, 254, 255, 256, 511, 512, 65_279, 65_280, 65_535, 65_536, size // 2, size - 1) if place < size}


@pytest.fixture
def signer(settings) -> Signer:
    """The key of a log that has every one of SIZES as a checkpoint, and the entries that are asked for."""
    settings.LEDGER_WITNESSES = []
    signer = Signer.generate(settings.LEDGER_ORIGIN)
    wanted = sorted({place for size in SIZES for place in some_places(size)})
    with transaction.atomic(using="sequencer"), connections["sequencer"].cursor() as cursor:
        cursor.executemany(ENTRY, [(place, LEAVES[place], RAW[place]) for place in wanted])
    return signer


def grow(signer: Signer, before: int, size: int) -> None:
    root = merkle.root_of(LEAVES[:size])
    with transaction.atomic(using="sequencer"):
        storage.append("sequencer", before, LEAVES[before:size])
        note = Checkpoint(signer.name, size, root).sign(signer)
        models.SignedCheckpoint.objects.using("sequencer").create(size=size, root=root, note=note, vkey=signer.verifier.vkey)


def test_every_proof_leads_to_the_newest_root_at_every_shape_of_the_tree(signer):
    before = 0
    for size in SIZES:
        grow(signer, before, size)
        before = size
        for place in some_places(size):
            found = selectors.proof(place)
            assert found is not None
            assert found.extra == RAW[place]
            assert proof.verify(found, leaf=LEAVES[place], trusted=[signer.verifier]).size == size
        assert selectors.proof(size) is None


def test_a_proof_under_an_older_checkpoint_leads_to_that_one(signer):
    for before, size in zip((0, *SIZES[:-1]), SIZES, strict=True):
        grow(signer, before, size)
    parts = storage.proof_parts("default", 255, size=257)
    assert parts is not None
    path = merkle.inclusion_proof(parts.subtree, 255, parts.size)
    merkle.verify_inclusion(leaf=LEAVES[255], index=255, size=257, proof=path, root=merkle.root_of(LEAVES[:257]))
    assert storage.proof_parts("default", 257, size=257) is None
    assert storage.proof_parts("default", 0, size=300) is None


def test_a_proof_is_one_statement_of_at_most_two_tiles_in_a_level(signer, django_assert_num_queries):
    grow(signer, 0, 66_000)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE ledger_tile")
    with django_assert_num_queries(1):
        assert selectors.proof(511) is not None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'ledger_tile'")
        before = cursor.fetchone()
        cursor.execute(
            "SELECT level, sixteenth, length(hashes), length(halfway) FROM ledger_proof(%s, NULL, false) ORDER BY level, sixteenth", [511]
        )
        # Of 66,000 leaves the last tile holds 208, and 257 roots of tiles lie in two more: 512 bytes of each are enough, and the row above.
        assert cursor.fetchall() == [(0, 31, 512, 512), (0, 4124, 512, 416), (1, 0, 512, 512), (1, 16, 32, 0), (2, 0, 32, 0)]
        cursor.execute("SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'ledger_tile'")
        # Of the table's 261 rows, five.
        assert [now - then for now, then in zip(cursor.fetchone(), before, strict=True)] == [0, 5]


def test_the_database_makes_the_same_row_halfway_up_a_tile_as_the_tree_has(signer):
    before = 0
    for size in (1, 15, 16, 17, 255, 256, 300, 66_000):
        grow(signer, before, size)
        before = size
        for tile in {(0, 0), (0, (size - 1) // 256), (1, 0)}:
            hashes = storage.tile_reader("default")(*tile)
            assert storage.halfway_reader("default")(*tile) == b"".join(
                merkle.root_of([hashes[place : place + 32] for place in range(first, first + 512, 32)])
                for first in range(0, len(hashes) // 512 * 512, 512)
            ), (size, tile)
            assert storage.halfway_reader("default")(*tile) == tiles.halfway(hashes)
