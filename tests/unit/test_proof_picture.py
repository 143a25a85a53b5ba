"""The picture of a proof says truly which entries each hash of the path stands for."""

import hashlib

import pytest
from django.utils.translation import override

from ledger.engine import merkle
from marketplace.desk.web.proof_picture import draw, merges, span


def leaf(number: int) -> bytes:
    return hashlib.sha256(b"\0" + str(number).encode()).digest()


def root(first: int, last: int) -> bytes:
    """The root over these leaves, straight from RFC 6962's definition."""
    count = last - first + 1
    if count == 1:
        return leaf(first)
    split = 1 << (count - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(first, first + split - 1) + root(first + split, last)).digest()


def path(index: int, first: int, last: int) -> list[bytes]:
    """The audit path, straight from RFC 6962 section 2.1.1."""
    count = last - first + 1
    if count == 1:
        return []
    split = first + (1 << (count - 1).bit_length() - 1)
    if index < split:
        return [*path(index, first, split - 1), root(split, last)]
    return [*path(index, split, last), root(first, split - 1)]


@pytest.mark.parametrize("size", [*range(1, 35), 64, 65, 100])
def test_each_step_names_the_entries_its_hash_stands_for(size: int) -> None:
    for index in range(size):
        steps = merges(index, size, path(index, 0, size - 1))
        node = leaf(index)
        for step in steps:
            assert step.sibling == root(step.first, step.last)
            pair = (step.sibling, node) if step.side == "left" else (node, step.sibling)
            node = hashlib.sha256(b"\1" + pair[0] + pair[1]).digest()
            assert node == root(*step.covers)
        assert (steps[-1].covers if steps else (index, index)) == (0, size - 1)
        hashes = [step.sibling for step in steps]
        merkle.verify_inclusion(leaf=leaf(index), index=index, size=size, proof=hashes, root=root(0, size - 1))


def test_entries_are_named_alone_or_from_one_to_another() -> None:
    assert (span(7, 7), span(1024, 2047)) == ("#7", "#1,024–2,047")


@pytest.mark.parametrize(("size", "nodes", "left_out"), [(1, 1, 0), (2, 2, 0), (256, 9, 0), (1024, 8, 3)])
def test_a_long_way_is_drawn_by_its_first_and_last_steps(size: int, nodes: int, left_out: int) -> None:
    steps = merges(0, size, path(0, 0, size - 1))
    with override("zh-hans"):
        picture = draw(steps, index=0, size=size)
    assert picture.count('class="ours"') == nodes
    assert ("另" in picture) == bool(left_out)
    if left_out:
        assert f"另 {left_out} 步" in picture
