"""Campaign texts promise neither principal nor return, in either language."""

import pytest

from marketplace.funding import promises


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("本项目保本保息。", ["保本", "保息"]),
        ("承诺年化收益率 8%", ["承诺年化收益"]),
        ("保证您的本金", ["保证您的本金"]),
        ("本金 安全 无忧", ["本金安全无忧"]),
        ("预期收益率可达 10%", ["预期收益率"]),
        ("零风险，稳赚不赔", ["零风险", "稳赚"]),
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
        "The money pays for a pilot line, milestone by milestone.",
        "Capacity is 85 % at minus twenty degrees; the risk of delay is described below.",
        "Interest in the technology is high.",
    ],
)
def test_a_plain_text_passes(text: str) -> None:
    promises.check({"text_zh": text})


def test_the_refusal_names_the_field_and_its_words() -> None:
    with pytest.raises(promises.PromisesReturn) as refused:
        promises.check({"title_zh": "好项目", "text_zh": "保本", "text_en": "risk free"})
    assert set(refused.value.fields) == {"text_zh", "text_en"}
    assert refused.value.extra["words"] == ["保本", "risk free"]
    assert "保本" in str(refused.value.fields["text_zh"][0])
