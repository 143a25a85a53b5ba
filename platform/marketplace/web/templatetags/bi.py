"""Both languages stand side by side in a template too: {% bi "共 {n} 条" "{n} items" n=count %}."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from marketplace.common import text

register = template.Library()


@register.simple_tag
def bi(zh: str, en: str, **values: Any) -> SafeString:
    """The text in the reader's language with its {values} put in, escaped."""
    chosen = text.pick(zh, en)
    if values:
        return format_html(chosen, **values)
    return mark_safe(conditional_escape(chosen))  # noqa: S308  escaped in the same breath


def _sides(thing: Any, field: str) -> tuple[str, str]:
    """Both stored sides, of an object or of a mapping such as an indicator."""
    if isinstance(thing, Mapping):
        return thing.get(f"{field}_zh") or "", thing.get(f"{field}_en") or ""
    return getattr(thing, f"{field}_zh", "") or "", getattr(thing, f"{field}_en", "") or ""


@register.filter
def pair(thing: Any, field: str) -> str:
    """The reader's side of a stored pair: {{ demand|pair:"title" }} reads title_zh or title_en, falling back."""
    return text.pick(*_sides(thing, field))


@register.filter
def pair_lang(thing: Any, field: str) -> str:
    """The language of what `pair` returns, for the lang attribute."""
    zh, en = _sides(thing, field)
    english = bool(en) and (text.is_english() or not zh)
    return "en" if english else "zh-Hans"
