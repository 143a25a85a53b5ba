"""The waterfall of later revenue over many years, held against the same in fractions."""

from collections.abc import Callable
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.agreements.services.waterfall import Before, Parts, Terms, apportion, divide

A, B, C = (UUID(int=number) for number in (1, 2, 3))
NAMES = ("inventor", "unit", "region")
Years = list[tuple[int, int]]  # what is divided, and the costs that were evidenced

shares = (
    st.tuples(st.integers(0, 1_000_000), st.integers(0, 1_000_000)).map(sorted).map(lambda cut: (cut[0], cut[1] - cut[0], 10**6 - cut[1]))
)
terms = st.builds(
    lambda costs, caps, ppm: Terms(costs, {UUID(int=n): cap for n, cap in enumerate(caps)}, dict(zip(NAMES, ppm, strict=True))),
    st.integers(0, 10**4),
    st.lists(st.integers(0, 10**4), max_size=6),
    shares,
)
# Mostly a few fen, where rounding is everything; sometimes a sum that fills every cap at once.
years = st.lists(st.tuples(st.one_of(st.integers(1, 40), st.integers(1, 10**6)), st.integers(0, 300)), min_size=1, max_size=40)


def played(told: Years, agreed: Terms) -> tuple[Before, list[Parts]]:
    """Every year divided by what the years before it have paid, as the reports are."""
    so_far, parts = Before(), []
    for fen, evidenced in told:
        part = divide(fen, evidenced_fen=evidenced, terms=agreed, before=so_far)
        parts.append(part)
        so_far = Before(
            so_far.evidenced_fen + evidenced,
            so_far.costs_fen + part.costs_fen,
            {pledge: so_far.received.get(pledge, 0) + fen for pledge, fen in part.pledges.items()},
            {name: so_far.rest.get(name, 0) + fen for name, fen in part.rest.items()},
        )
    return so_far, parts


def in_fractions(told: Years, agreed: Terms) -> tuple[Fraction, dict[UUID, Fraction], dict[str, Fraction]]:
    """The model: all years in fractions of a fen, nothing rounded."""
    whole = Fraction(sum(agreed.caps.values()))
    costs = funders = rest = evidenced = Fraction(0)
    for fen, shown in told:
        evidenced += shown
        first = min(Fraction(fen), min(Fraction(agreed.costs_cap_fen), evidenced) - costs)
        second = min(fen - first, whole - funders)
        costs, funders, rest = costs + first, funders + second, rest + fen - first - second
    by_pledge = {pledge: funders * cap / (whole or 1) for pledge, cap in agreed.caps.items()}
    return costs, by_pledge, {name: rest * ppm / 10**6 for name, ppm in agreed.shares.items()}


def holds_over_the_years(told: Years, agreed: Terms) -> None:
    paid, parts = played(told, agreed)
    for (fen, _), part in zip(told, parts, strict=True):
        every = [part.costs_fen, *part.pledges.values(), *part.rest.values()]
        assert sum(every) == fen
        assert min(every) >= 0
    costs, pledges, rest = in_fractions(told, agreed)
    assert paid.costs_fen == costs
    assert sum(paid.received.values()) == sum(pledges.values())
    for pledge, cap in agreed.caps.items():
        assert paid.received[pledge] <= cap
        assert abs(paid.received[pledge] - pledges[pledge]) < len(told)
    for name, ideal in rest.items():
        assert abs(paid.rest[name] - ideal) < 1


def test_many_years_come_to_what_fractions_come_to(at_size: Callable[[int, int], int]) -> None:
    settings(max_examples=at_size(60, 5_000), deadline=None)(given(years, terms)(holds_over_the_years))()


def test_costs_come_first_then_funders_to_their_caps_and_then_the_shares() -> None:
    agreed = Terms(1_000, {A: 120, B: 40}, {"inventor": 500_000, "unit": 400_000, "region": 100_000})
    told = [(600, 700), (450, 100), (101, 0), (77, 900)]
    paid, parts = played(told, agreed)
    assert [part.costs_fen for part in parts] == [600, 200, 0, 77]  # 800 are evidenced, and 100 stay claimed; then the cap bounds
    assert [part.pledges for part in parts] == [{A: 0, B: 0}, {A: 120, B: 40}, {A: 0, B: 0}, {A: 0, B: 0}]
    assert [part.rest for part in parts[1:3]] == [{"inventor": 45, "unit": 36, "region": 9}, {"inventor": 51, "unit": 40, "region": 10}]
    assert (paid.costs_fen, paid.received) == (877, {A: 120, B: 40})


def test_what_rounding_gave_one_year_it_takes_into_account_the_next() -> None:
    half, third, fifth = 500_000, 300_000, 200_000
    paid, _ = played([(1, 0)] * 100, Terms(0, {}, {"inventor": half, "unit": third, "region": fifth}))
    assert paid.rest == {"inventor": 50, "unit": 30, "region": 20}
    # Rounded each year by itself, the largest share would take every single fen.
    assert apportion(1, shares={"inventor": half, "unit": third, "region": fifth}, paid={}) == {"inventor": 1, "unit": 0, "region": 0}


@pytest.mark.parametrize(("room", "parts"), [((10, 10, 1), (4, 4, 0)), ((2, 2, 2), (2, 2, 2)), ((0, 0, 9), (0, 0, 8))])
def test_funders_share_by_what_remains_to_each_cap(room: tuple[int, ...], parts: tuple[int, ...]) -> None:
    caps = dict(zip((A, B, C), room, strict=True))
    divided = divide(8, evidenced_fen=0, terms=Terms(0, caps, {"unit": 1_000_000}), before=Before())
    assert tuple(divided.pledges.values()) == parts
    assert divided.rest == {"unit": 8 - sum(parts)}
