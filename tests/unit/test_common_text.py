"""Two languages side by side: the reader's is shown, when it is shown."""

import pytest
from django.utils.translation import override

from marketplace.common.text import bi, is_english, pick


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh-hans", "发布需求"), ("en", "Publish a demand"), ("en-gb", "Publish a demand"), ("fr", "发布需求"), (None, "发布需求")],
)
def test_the_reader_s_language_chooses_and_chinese_is_the_rest(language: str | None, shown: str) -> None:
    with override(language):
        assert pick("发布需求", "Publish a demand") == shown


def test_a_label_chooses_when_it_is_shown_not_when_it_is_made() -> None:
    with override("en"):
        label = bi("草稿", "Draft")
    with override("zh-hans"):
        assert f"{label}" == "草稿"
        assert not is_english()
    with override("en"):
        assert f"{label}" == "Draft"
        assert is_english()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_where_one_side_is_missing_the_other_is_shown(language: str) -> None:
    with override(language):
        assert pick("只有中文", "") == "只有中文"
        assert pick("", "English alone") == "English alone"
