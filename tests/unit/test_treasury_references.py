"""Top-up references: what a payer may write, and what never reaches another's wallet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.treasury.services import topups
from marketplace.treasury.services.statement_lines import plain

bodies = st.text(alphabet=topups.ALPHABET, min_size=7, max_size=7)


def code_of(body: str) -> str:
    return f"JQ{body}{topups.check_character(body)}"


def test_a_new_code_is_found_in_what_people_write_around_it() -> None:
    code = topups.new_code()
    for text in (code, f"充值 {topups.shown(code)} 谢谢", f"货款{code}。", f"top-up {code.lower()}", f"JQ {code[2:6]} {code[6:]}"):
        assert topups.codes_in(text) == {code}


def test_full_width_letters_and_letters_read_as_digits_are_the_same_code() -> None:
    code = code_of("1010000")
    assert topups.codes_in(plain("ＪＱ－" + code[2:6] + "－" + code[6:])) == {code}
    assert topups.codes_in(code.replace("0", "O").replace("1", "l")) == {code}


@given(bodies, st.integers(0, 7), st.sampled_from(topups.ALPHABET))
def test_one_wrong_character_is_no_code(body: str, place: int, letter: str) -> None:
    right = code_of(body)[2:]
    wrong = right[:place] + letter + right[place + 1 :]
    assert topups.codes_in(f"JQ{wrong}") == (set() if wrong != right else {f"JQ{right}"})


@pytest.mark.parametrize("text", ["", "JQ", "服务费", "JQ-1234", "XJQ12345678", "JQ123456789012"])
def test_other_text_holds_no_code(text: str) -> None:
    assert topups.codes_in(text) == set()


def test_two_codes_in_one_text_are_both_found() -> None:
    first, second = code_of("ABCDEFG"), code_of("2345678")
    assert topups.codes_in(f"{first} {second}") == {first, second}
