"""Both languages stand side by side where they are used; the reader's language chooses."""

from typing import TYPE_CHECKING

from django.utils.functional import lazy
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def is_english() -> bool:
    """Whether the reader's language is English; Chinese is the default."""
    return (get_language() or "zh-hans").startswith("en")


def pick(zh: str, en: str) -> str:
    """The text in the reader's language, now; an empty side falls back to the other."""
    return (en or zh) if is_english() else (zh or en)


def bi(zh: str, en: str) -> "StrPromise":
    """A text that chooses its language when it is shown, for labels, choices and errors."""
    return _lazy_pick(zh, en)  # type: ignore[return-value]  # lazy() answers with a promise; its stub says str


_lazy_pick = lazy(pick, str)


def storable(text: str) -> str:
    """The text as a database can be asked for it: NUL, which PostgreSQL refuses, becomes U+FFFD (Unicode 23.8)."""
    return text.replace("\0", "\ufffd")
