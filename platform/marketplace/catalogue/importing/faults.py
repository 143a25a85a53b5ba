"""What can be wrong with a file or with one of its rows, in both languages at once: faults are stored, then shown to anyone."""

from typing import Any

from django.utils import translation


class FileFault(Exception):
    """The file as a whole is not taken; nothing of it is brought in."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class RowFault(Exception):
    """One row is left out; the others go in."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.field, self.zh, self.en = field[:60], zh, en


def both(text: Any) -> tuple[str, str]:
    """A text that chooses its language when shown, as (Chinese, English)."""
    with translation.override("zh-hans"):
        zh = str(text)
    with translation.override("en"):
        return zh, str(text)
