"""Dividing money: to the last fen, the same for everybody who computes it again."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.money import basis_points, split

weights = st.lists(st.tuples(st.uuids(), st.integers(0, 10**9)), min_size=1, max_size=30, unique_by=lambda pair: pair[0])


@given(st.integers(0, 10**13), weights)
def test_the_parts_sum_to_the_whole_and_none_is_a_fen_off_its_share(total: int, shares: list[tuple[UUID, int]]) -> None:
    whole = sum(weight for _, weight in shares)
    if whole == 0:
        shares, whole = [*shares[1:], (shares[0][0], 1)], 1
    parts = split(total, shares)
    assert sum(parts.values()) == total
    for key, weight in shares:
        assert 0 <= parts[key] * whole - total * weight + whole <= 2 * whole
        assert weight or not parts[key]


@given(st.integers(0, 10**13), weights)
def test_the_order_in_which_payees_are_named_changes_nothing(total: int, shares: list[tuple[UUID, int]]) -> None:
    shares = [(key, weight + 1) for key, weight in shares]
    assert split(total, shares) == split(total, shares[::-1])


def test_the_odd_fen_go_to_the_largest_remainders_and_then_by_id() -> None:
    assert split(100, [("c", 1), ("b", 1), ("a", 1)]) == {"a": 34, "b": 33, "c": 33}
    assert split(101, [("a", 1), ("b", 1), ("c", 1)]) == {"a": 34, "b": 34, "c": 33}
    assert split(10, [("a", 1), ("b", 5), ("c", 5)]) == {"a": 1, "b": 5, "c": 4}


def test_nothing_is_divided_among_nobody() -> None:
    assert split(0, [("a", 0)]) == {"a": 0}
    with pytest.raises(ValueError):
        split(1, [("a", 0)])


def test_a_fee_and_what_is_left_are_the_whole() -> None:
    fee = basis_points(99_999, 200)
    assert (fee, 99_999 - fee) == (1_999, 98_000)
