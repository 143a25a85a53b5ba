"""Amounts as people write and read them, and arithmetic that stays whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.money import Money, basis_points, capital, parse_yuan, split, yuan

fen_amounts = st.integers(-(10**18), 10**18)
DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1_000}


def read_whole(text: str) -> int:
    """What a capital numeral says, read left to right as a person would: 亿 and 万 close what came before them."""
    for mark, size in (("亿", 10**8), ("万", 10**4)):
        if mark in text:
            high, _, low = text.rpartition(mark)
            return read_whole(high) * size + read_whole(low)
    total = digit = 0
    for letter in text:
        if letter in DIGITS:
            digit = DIGITS[letter]
        else:
            total, digit = total + digit * PLACES[letter], 0
    return total + digit


def read_fen(text: str) -> int:
    whole, _, rest = text.removesuffix("整").rpartition("元")
    jiao = DIGITS[rest[rest.index("角") - 1]] if "角" in rest else 0
    cent = DIGITS[rest[rest.index("分") - 1]] if "分" in rest else 0
    return read_whole(whole) * 100 + jiao * 10 + cent


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "壹拾万柒仟元零伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (1_000_000, "壹万元整"),
        (1_000_000_100, "壹仟万零壹元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_500_000, "壹亿零伍仟元整"),
        (100_050_000_000_000, "壹万零伍亿元整"),
        (-150, "负壹元伍角整"),
    ],
)
def test_capital_numerals_are_those_of_the_rules_for_bills(fen: int, words: str) -> None:
    assert capital(fen) == words


@given(st.integers(0, 10**18))
def test_capital_numerals_say_the_amount_and_no_other(fen: int) -> None:
    said = capital(fen)
    assert read_fen(said) == fen
    assert "零零" not in said
    assert "零元整" not in said or fen == 0


@given(fen_amounts)
def test_what_is_written_for_people_reads_back_exactly(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1,234.5", 123_450), (" 120000 ", 12_000_000), ("0.01", 1), ("-3.20", -320), ("12,345,678.90", 1_234_567_890)],
)
def test_an_amount_in_yuan_is_read_to_the_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", ".", "-", "1.234", "1,50", "1,2345", ",100", "--5", "1e3", "０.５", "1 000", "¥5", "1.", "NaN", "+1"])
def test_what_is_not_exactly_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_yuan(text)


def test_a_rate_takes_the_floor() -> None:
    assert [basis_points(fen, 200) for fen in (49, 50, 99, 100, 123_456_789)] == [0, 1, 1, 2, 2_469_135]


def test_currencies_do_not_mix_and_fractions_are_not_money() -> None:
    assert Money(70) - Money(100) + Money(5) == Money(-25)
    with pytest.raises(ValueError, match="USD"):
        Money(1) + Money(1, "USD")
    for wrong in (1.0, "1", True):
        with pytest.raises(TypeError):
            Money(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total", "weights"),
    [(-1, [("a", 1)]), (5, [("a", -1), ("b", 2)]), (5, [("a", 1), ("a", 1)]), (5, [("a", 0)]), (5, [])],
)
def test_a_division_that_makes_no_sense_is_refused(total: int, weights: list[tuple[str, int]]) -> None:
    with pytest.raises(ValueError, match=r"[Aa]mount|id"):
        split(total, weights)


@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
def test_nobody_gets_less_than_the_floor_or_more_than_the_ceiling_of_their_quota(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    parts = split(total, [(f"{place:02d}", weight) for place, weight in enumerate(weights)])
    for weight, part in zip(weights, parts.values(), strict=True):
        assert total * weight // whole <= part <= -(-total * weight // whole)
