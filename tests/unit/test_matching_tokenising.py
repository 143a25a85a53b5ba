"""How texts become terms, and how terms find their way back to the characters a person wrote."""

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.normalising import normalise
from matching.engine.tokenising import Reading, is_pair, is_single, terms, tokenise, views_of

# A busy machine may be slow, which is no fault of the rule.
UNHURRIED = settings(deadline=None)
ANY_TEXT = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("锂电池 的LiFe\u200b\u0301ＡＢ㎏ﬁİ+#-.1")), max_size=60)


def read(text: str) -> list[str]:
    return sorted(terms(text, limit=1000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("锂电池", ["池", "电", "电池", "锂", "锂电"]),
        ("LiFePO4 5G C++ C#", ["5g", "c#", "c++", "lifepo4"]),
        ("ＬｉＦｅＰＯ４", ["lifepo4"]),
        ("high-speed trains", ["high", "high speed", "high-speed", "speed", "speed train", "train"]),
        ("the flow of gases", ["flow", "flow gase", "gase"]),
        ("oscillatory 2 flows", ["2", "^oscil", "flow", "oscillatori"]),
        ("PM2.5", ["pm2", "pm2.5"]),
        ("5G基站", ["5g", "基", "基站", "站"]),
        ("bat\u200btery", ["^batte", "batteri"]),
        ("cafe\u0301", ["café"]),
        ("what is the", []),
        ("，。！ 😀 \u200f", []),
    ],
)
def test_a_text_is_read_as(text: str, expected: list[str]) -> None:
    assert read(text) == sorted(expected)


def test_chinese_does_not_run_across_a_gap() -> None:
    assert "池电" not in read("锂电池 电解液")


def test_what_lies_beyond_the_limit_is_not_read() -> None:
    assert terms("光" * 1_000_000, limit=3) == ["光", "光", "光", "光光", "光光"]


@pytest.mark.parametrize("reading", [terms, tokenise])
def test_a_piece_longer_than_a_word_is_read_and_not_kept(reading: Callable[..., object]) -> None:
    reading("ab-" * 3_000, limit=9_000)  # Python itself keeps some thousand tuples to be used again
    tracemalloc.start()
    try:
        for number in range(10):
            reading(f"{reading.__name__}{number}-" + "ab-" * 1_000, limit=4_000)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most > 100_000
    assert kept < 50_000


@UNHURRIED
@given(ANY_TEXT)
def test_both_ways_of_reading_give_the_same_terms(text: str) -> None:
    assert sorted(token.term for token in tokenise(text, limit=50)) == sorted(terms(text, limit=50))


@UNHURRIED
@given(ANY_TEXT)
def test_every_term_stands_where_it_says(text: str) -> None:
    for token in tokenise(text, limit=1000):
        assert 0 <= token.start < token.end <= len(text)
        again = terms(text[token.start : token.end], limit=1000)
        assert token.term in again


@UNHURRIED
@given(ANY_TEXT, st.integers(min_value=1, max_value=5))
def test_what_is_read_once_gives_some_places_and_the_words_as_it_gives_all(text: str, nth: int) -> None:
    reading = Reading.of(text, limit=50)
    every = reading.places()
    only = {place[0] for place in every[::nth]}
    assert reading.places(only) == [place for place in every if place[0] in only]
    unspaced = {term for term, _, _ in every if is_single(term) or is_pair(term)}
    assert list(reading.words()) == [place for place in every if place[0] not in unspaced and not views_of([place[0]])]
    assert reading.says_anything() == bool(every)


@UNHURRIED
@given(ANY_TEXT)
def test_the_normal_form_is_stable(text: str) -> None:
    once = normalise(text).text
    assert terms(once, limit=1000) == terms(text, limit=1000)
