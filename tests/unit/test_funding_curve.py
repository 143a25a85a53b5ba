"""The steps of a campaign's curve: none of them is of fewer than three funders."""

from datetime import date, timedelta

import pytest

from marketplace.funding.web import curve

FIRST = date(2026, 11, 2)


def days(*funders: int) -> list[curve.Day]:
    """One day after the other with so many new funders, each of whom pledges 10 fen."""
    totals = [sum(funders[: index + 1]) for index in range(len(funders))]
    return [curve.Day(FIRST + timedelta(days=index), total * 10, total) for index, total in enumerate(totals)]


@pytest.mark.parametrize(
    ("joining", "shown"),
    [
        ((), []),
        ((2,), []),
        ((1, 1), []),
        ((3,), [3]),
        ((1, 1, 1), [3]),
        ((3, 1), [4]),
        ((3, 1, 1), [5]),
        ((3, 1, 2), [3, 6]),
        ((1, 4, 3, 2), [5, 10]),
        ((5, 3), [5, 8]),
    ],
)
def test_days_are_joined_until_three_funders_stand_behind_each_step(joining: tuple[int, ...], shown: list[int]) -> None:
    steps = curve.steps(days(*joining))
    assert [one.funders for one in steps] == shown
    assert [one.fen for one in steps] == [funders * 10 for funders in shown]
    assert [one.day for one in steps[-1:]] == [one.day for one in days(*joining)[-1:] if shown]
