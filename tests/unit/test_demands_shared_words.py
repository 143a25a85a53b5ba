"""What stands beside a near text as shared."""

from types import SimpleNamespace
from typing import Any

from django.utils import translation

from marketplace.demands.web.matching import _shared_words


def shared(*terms: tuple[str, float]) -> str:
    match: Any = SimpleNamespace(terms=[SimpleNamespace(text=text, share=share) for text, share in terms])
    return _shared_words(match)


def test_formulas_are_named_to_a_chinese_reader_by_what_they_gave() -> None:
    with translation.override("zh-hans"):
        assert shared(("密封", 0.04), ("SiC", 0.2), ("电", 0.5), ("SiC", 0.1)) == "相同用词：SiC · 密封"


def test_single_characters_are_named_where_there_is_nothing_else() -> None:
    with translation.override("zh-hans"):
        assert shared(("电", 0.1), ("力", 0.2)) == "相同用词：力 · 电"
