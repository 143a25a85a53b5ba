"""Campaign texts promise neither principal nor return, in either language; what denies such a promise may stand."""

import re

import pytest
from django.utils.translation import override

from marketplace.funding import promises, risk


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("本项目保本保息。", ["保本保息"]),
        ("承诺年化收益率 8%", ["承诺年化收益"]),
        ("年化收益率 8%", ["年化收益率"]),
        ("保证您的本金", ["保证您的本金"]),
        ("本金 安全 无忧", ["本金安全无忧"]),
        ("预期收益率可达 10%", ["预期收益率"]),
        ("零风险，稳赚不赔", ["稳赚不赔", "零风险"]),
        ("到期刚性兑付，由母公司兜底", ["刚性兑付", "兜底"]),
        ("ｇｕａｒａｎｔｅｅｄ ｒｅｔｕｒｎ", ["guaranteed return"]),
        ("We guarantee your principal.", ["guarantee your principal"]),
        ("Principal is fully protected", ["Principal is fully protected"]),
        ("a risk-free investment", ["risk-free"]),
        ("An annual yield of 8 %", ["annual yield"]),
        ("There is no risk.", ["no risk"]),
    ],
)
def test_a_promise_is_found_in_either_language_and_any_width(text: str, words: list[str]) -> None:
    assert promises.found_in(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "资金用于中试线建设，按里程碑支付。",
        "样品在零下二十度保持 85% 的容量，成本降低。",
        "本项目不承诺保本，也不保证收益。",
        "不构成对本金的保证，收益不作保证。",
        "平台不得承诺年化收益。",
        "本项目并非零风险。",
        "不提供任何刚性兑付。",
        "The money pays for a pilot line, milestone by milestone.",
        "Capacity is 85 % at minus twenty degrees; the risk of delay is described below.",
        "Interest in the technology is high.",
        "There is no guaranteed return, and the principal is not protected.",
        "We do not promise any return.",
        "Neither the principal nor any return is guaranteed.",
        "This isn’t risk-free.",
    ],
)
def test_a_plain_text_and_a_denial_pass(text: str) -> None:
    promises.check({"text_zh": text})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("并非不保本。", ["保本"]),
        ("我们不得不承诺保本", ["保本"]),
        ("难道不保本吗？", ["保本"]),
        ("不承诺保本，但保证收益", ["保证收益"]),
        ("不错，保本", ["保本"]),
        ("It is not without guaranteed returns.", ["guaranteed returns"]),
        ("Not only guaranteed returns, but more", ["guaranteed returns"]),
        ("No delay. Guaranteed returns.", ["Guaranteed returns"]),
        ("Your capital is not lost but protected: guaranteed income", ["guaranteed income"]),
    ],
)
def test_a_denial_that_is_denied_or_stands_elsewhere_hides_no_promise(text: str, words: list[str]) -> None:
    assert promises.found_in(text) == words


class Counting:
    """A pattern that counts how many characters its searches may look at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.looked_at = pattern, 0

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        end = len(text) if end is None else end
        self.looked_at += end - start
        return self.pattern.search(text, start, end)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_CHINESE_DENIAL", "不保本" * 1_000),
        ("_CHINESE_AGAIN", "不保本" * 1_000),
        ("_ENGLISH_DENIAL", "no fixed income " * 500),
        ("_ENGLISH_AGAIN", "no fixed income " * 500),
    ],
)
def test_the_work_grows_with_the_text_and_not_with_its_square(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    counting = Counting(getattr(promises, name))
    monkeypatch.setattr(promises, name, counting)
    promises.findings(text)
    assert 0 < counting.looked_at <= 1_000 * promises.DENIAL_REACH


def test_of_many_wordings_the_first_fifty_are_told() -> None:
    text = "".join(f"保证{chr(0x4E00 + index)}收益。" for index in range(60))
    assert promises.found_in(text) == [f"保证{chr(0x4E00 + index)}收益" for index in range(promises.MOST_FINDINGS)]


def test_spaces_between_a_denial_and_its_words_do_not_part_them() -> None:
    assert promises.found_in(f"There is no{' ' * 200}guaranteed return.") == []


def test_the_risk_statement_itself_may_stand_in_a_campaign() -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            assert promises.found_in(str(risk.text(risk.VERSION))) == []


def test_the_refusal_names_the_field_and_its_words_and_how_to_write_instead() -> None:
    with pytest.raises(promises.PromisesReturn) as refused:
        promises.check({"title_zh": "好项目", "text_zh": "保本，稳赚", "text_en": "risk free"})
    assert set(refused.value.fields) == {"text_zh", "text_en"}
    assert refused.value.extra["words"] == ["保本", "稳赚", "risk free"]
    with override("zh-hans"):
        assert "「保本」" in str(refused.value.fields["text_zh"][0])
        assert "未达标全部解冻" in str(refused.value.fields["text_zh"][0])
        assert "按协议约定的比例分成" in str(refused.value.fields["text_zh"][1])
    with override("en"):
        assert "Name the risks" in str(refused.value.fields["text_en"][0])
