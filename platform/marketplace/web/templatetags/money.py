"""Amounts in templates; every argument is whole fen."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.common.money import capital as in_capitals
from marketplace.web import amounts

register = template.Library()


def _marked(parts: tuple[str, str, str], css: str) -> SafeString:
    before, figure, unit = parts
    tail = format_html(' <span class="unit">{}</span>', unit) if unit else ""
    return format_html('<span class="{}"><b>{}{}</b>{}</span>', css, before, figure, tail)


def _worded(parts: tuple[str, str, str]) -> str:
    before, figure, unit = parts
    return f"{before}{figure}\u00a0{unit}" if unit else f"{before}{figure}"


@register.filter
def yuan(fen: int | None) -> str:
    """The full amount: ¥120,000.00; empty for None."""
    return "" if fen is None else amounts.exact(fen)


@register.filter
def yuan_bare(fen: int | None) -> str:
    """The amount for a column headed 元 / CNY: 441,000.00."""
    return "" if fen is None else amounts.exact(fen).replace("¥", "")


@register.filter
def wan(fen: int | None) -> SafeString | str:
    """The amount for a row or column of one unit, number strong: 30.00 万元; ¥300,000 in English."""
    return "" if fen is None else _marked(amounts.parts(fen), "money")


@register.filter
def wan_text(fen: int | None) -> str:
    """The same without markup, for sentences: 30 万元; ¥300,000 in English."""
    if fen is None:
        return ""
    before, figure, unit = amounts.parts(fen)
    trimmed = figure.rstrip("0").rstrip(".") if "." in figure and unit else figure
    return _worded((before, trimmed, unit))


@register.filter
def big(fen: int | None) -> SafeString | str:
    """A large figure with a small unit, for the figure block: 112.50 万元, 1.94 亿元, ¥1.13 million."""
    if fen is None:
        return "—"
    before, figure, unit = amounts.headline(fen)
    return format_html("{}{}{}", before, figure, format_html(" <small>{}</small>", unit) if unit else "")


@register.filter
def percent(basis_points: int | None) -> str:
    """A share kept in basis points, in percent without idle zeros: 3750 is "37.5%"."""
    return "—" if basis_points is None else f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + "%"


@register.filter
def both(fen: int | None) -> str:
    """The full amount with the rounded one beside it: ¥120,000.00（12 万元）; English needs only the first."""
    if fen is None:
        return ""
    unit = amounts.parts(fen)[2]
    return f"{amounts.exact(fen)}（{wan_text(fen)}）" if unit else amounts.exact(fen)


@register.filter
def capital(fen: int | None) -> str:
    """Capital numerals with the currency, as contracts write them: 人民币壹拾贰万元整."""
    return "" if fen is None else f"人民币{in_capitals(fen)}"


@register.simple_tag
def money_range(low: int | None, high: int | None, *, large: bool = False) -> SafeString | str:
    """A budget: 120–180 万元; one amount when both ends are equal; empty when there is none."""
    if low is None and high is None:
        return ""
    bottom, top = (low if low is not None else high), (high if high is not None else low)
    assert bottom is not None
    assert top is not None
    before, figure, unit = amounts.between(bottom, top)
    shown = (before, figure.split("–")[0] if bottom == top else figure, unit)
    if large:
        return format_html("{}{}{}", shown[0], shown[1], format_html(" <small>{}</small>", unit) if unit else "")
    return _marked(shown, "money")
