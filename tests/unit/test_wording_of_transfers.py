"""What a wallet's and an account's lines are called, in the language of whoever reads them."""

import re

import pytest
from django.utils.translation import override

from marketplace.treasury import labels

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize(("language", "in_chinese"), [("zh-hans", True), ("en", False)])
def test_every_kind_of_transfer_is_named_in_the_reader_s_language(language: str, in_chinese: bool) -> None:
    with override(language):
        wrong = {code: str(words) for code, words in labels._labels.items() if bool(HAN.search(str(words))) != in_chinese}
    assert wrong == {}
