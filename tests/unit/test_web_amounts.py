from collections.abc import Callable

import pytest
from django.template import Context, Template
from django.utils.translation import override

from marketplace.web.templatetags import money


def in_language(language: str, words: Callable[[], object]) -> str:
    with override(language):
        return str(words())


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (12_000_000, "12\u00a0万元", "¥120,000"),
        (1_050_000, "1.05\u00a0万元", "¥10,500"),
        (123_456_789, "123.46\u00a0万元", "¥1,234,567.89"),
        (-9_400_000, "−9.4\u00a0万元", "−¥94,000"),
        (0, "0\u00a0万元", "¥0"),
    ],
)
def test_an_amount_in_a_sentence_is_ten_thousands_in_chinese_and_yuan_in_english(fen: int, zh: str, en: str) -> None:
    assert in_language("zh-hans", lambda: money.wan_text(fen)) == zh
    assert in_language("en", lambda: money.wan_text(fen)) == en


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (112_500_000, "112.50 <small>万元</small>", "¥1.13 <small>million</small>"),
        (19_400_000_000, "1.94 <small>亿元</small>", "¥194.00 <small>million</small>"),
        (6_000_000, "6.00 <small>万元</small>", "¥60,000"),
    ],
)
def test_a_large_figure_carries_its_unit_small_beside_it(fen: int, zh: str, en: str) -> None:
    assert in_language("zh-hans", lambda: money.big(fen)) == zh
    assert in_language("en", lambda: money.big(fen)) == en


def test_an_amount_that_is_not_there_is_a_dash_or_nothing_never_zero() -> None:
    assert money.big(None) == "—"
    assert money.yuan(None) == money.wan(None) == money.both(None) == money.capital(None) == ""


def test_the_full_amount_has_the_rounded_one_beside_it_in_chinese() -> None:
    assert in_language("zh-hans", lambda: money.both(12_000_000)) == "¥120,000.00（12\u00a0万元）"
    assert in_language("en", lambda: money.both(12_000_000)) == "¥120,000.00"


def test_capital_numerals_name_the_currency() -> None:
    assert money.capital(45_100_000) == "人民币肆拾伍万壹仟元整"


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (120_000_000, 180_000_000, "120–180 万元", "¥1.2–1.8 million"),
        (45_000_000, 90_000_000, "45–90 万元", "¥450,000–900,000"),
        (30_000_000, None, "30 万元", "¥300,000"),
    ],
)
def test_a_budget_is_a_range_in_one_unit(low: int, high: int | None, zh: str, en: str) -> None:
    def plain() -> str:
        return (
            str(money.money_range(low, high))
            .replace('<span class="money"><b>', "")
            .replace("</b>", "")
            .replace('<span class="unit">', "")
            .replace("</span>", "")
        )

    assert in_language("zh-hans", plain) == zh
    assert in_language("en", plain) == en


def test_a_text_with_values_chooses_its_language_and_escapes_them() -> None:
    page = Template('{% load bi %}{% bi "共 {n} 条：{who}" "{n} items by {who}" n=3 who=name %}')
    with override("en"):
        assert page.render(Context({"name": "<b>A & B</b>"})) == "3 items by &lt;b&gt;A &amp; B&lt;/b&gt;"
    with override("zh-hans"):
        assert page.render(Context({"name": "甲"})) == "共 3 条：甲"


class Pair:
    title_zh, title_en = "密封环", ""


def test_a_stored_pair_falls_back_to_the_side_that_exists_and_says_which() -> None:
    page = Template('{% load bi %}{{ it|pair:"title" }} {{ it|pair_lang:"title" }}')
    with override("en"):
        assert page.render(Context({"it": Pair()})) == "密封环 zh-Hans"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(bytes.fromhex("7c1e04ab" + "5d" * 24 + "e1f09d33"), "7c1e04ab...e1f09d33"), ("ab12", "ab12"), (None, "")],
)
def test_a_hash_is_cut_in_the_middle(value: bytes | str | None, shown: str) -> None:
    assert Template("{% load ledger %}{{ v|short }}").render(Context({"v": value})) == shown
