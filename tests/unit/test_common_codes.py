"""The public standards' codes: as many as the standards have, and wrong ones named for what is wrong."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.codes import contracts, industries, readiness, regions, uscc
from marketplace.common.errors import Invalid

PUBLISHED = "91350100M000100Y43"
bodies = st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17)


def refusal(code: str) -> str:
    with pytest.raises(uscc.BadCreditCode) as refused, override("en"):
        uscc.check(code)
    with override("en"):
        return str(refused.value)


def test_the_published_example_is_a_credit_code_however_it_is_typed() -> None:
    assert uscc.check(PUBLISHED) == PUBLISHED
    assert uscc.check(f" {PUBLISHED.lower()} ") == PUBLISHED


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91350100M000100Y4Z", "not allowed: Z"),
        ("91350100M000100Y44", "check character"),
        ("91350100M000100Y4", "this one has 17"),
        ("", "this one has 0"),
        ("9135010OM000100YI3", "not allowed: I O"),
        ("９1350100M000100Y43", "not allowed: ９"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong(code: str, why: str) -> None:
    assert why in refusal(code)


def test_a_remainder_of_nothing_makes_the_check_character_nought() -> None:
    # Where the weighted sum is divisible by 31, "31 less the remainder" would name a character that does not exist.
    assert uscc.check_character("0" * 17) == "0"
    assert uscc.check_character("W1" + "0" * 15) == "0"
    assert uscc.check_character("Y1" + "0" * 15) == "X"


@given(bodies, st.integers(0, 16), st.sampled_from(uscc.ALPHABET))
def test_one_miscopied_character_is_always_noticed(body: str, place: int, wrong: str) -> None:
    code = body + uscc.check_character(body)
    assert uscc.check(code) == code
    changed = code[:place] + wrong + code[place + 1 :]
    if changed != code:
        assert "check character" in refusal(changed)


@given(bodies, st.integers(0, 15))
def test_two_neighbours_that_changed_places_are_always_noticed(body: str, place: int) -> None:
    code = body + uscc.check_character(body)
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if changed != code:
        assert "check character" in refusal(changed)


def test_the_region_has_forty_three_districts_and_cities() -> None:
    by_province = {province: sum(one.province == province for one in regions.REGIONS.values()) for province in regions.PROVINCES}
    assert by_province == {"11": 16, "12": 16, "13": 11}
    assert all(code == region.code and len(code) == 6 for code, region in regions.REGIONS.items())


def test_a_region_is_named_with_its_province_in_either_language() -> None:
    with override("zh-hans"):
        assert regions.name_of("120116") == "天津 滨海新区"
    with override("en"):
        assert regions.name_of("120116") == "Binhai New Area, Tianjin"
    assert regions.name_of("999999") == "999999"


def test_the_industries_are_the_ninety_seven_divisions() -> None:
    assert sorted(industries.DIVISIONS) == [f"{number:02d}" for number in range(1, 98)]
    assert all(zh and en for zh, en in industries.DIVISIONS.values())
    assert industries.DIVISIONS["38"][0] == "电气机械和器材制造业"


@pytest.mark.parametrize(
    ("check", "wrong"), [(regions.check, "310115"), (industries.check, "98"), (industries.check, "1"), (regions.check, "")]
)
def test_a_code_that_the_standard_does_not_have_is_refused(check, wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(wrong)
    assert len(refused.value.fields) == 1


def test_readiness_has_nine_levels_and_contracts_the_civil_code_s_kinds() -> None:
    assert [level for level, _ in readiness.choices()] == list(range(1, 10))
    assert {code.partition(".")[0] for code in contracts.CONTRACT_TYPES} >= {"development", "transfer", "license", "consulting", "service"}
    assert all(zh and en for zh, en in contracts.CONTRACT_TYPES.values())
