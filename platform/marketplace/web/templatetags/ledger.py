"""Hashes and entry numbers in templates."""

from django import template

register = template.Library()


@register.filter
def hexed(value: bytes | memoryview | str | None) -> str:
    """A hash as lower-case hexadecimal, whatever it is kept as."""
    if value is None:
        return ""
    return value if isinstance(value, str) else bytes(value).hex()


@register.filter
def short(value: bytes | memoryview | str | None) -> str:
    """First 8 and last 8 digits; three full stops, because an ellipsis of a Chinese font floats at mid-height."""
    text = hexed(value)
    return text if len(text) <= 19 else f"{text[:8]}...{text[-8:]}"


@register.filter
def entry(seq: int | None) -> str:
    """An entry's number: #48,217; empty while it waits to be sealed."""
    return "" if seq is None else f"#{seq:,}"


@register.filter
def thousands(number: int | None) -> str:
    """A count with separators: 48,217."""
    return "" if number is None else f"{number:,}"
