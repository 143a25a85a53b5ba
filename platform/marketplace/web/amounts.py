"""How amounts are worded for people: 万元 for Chinese readers, ¥ and million for English ones."""

from decimal import Decimal

from marketplace.common.money import yuan
from marketplace.common.text import is_english

WAN = 1_000_000
YI = 10_000_000_000
MILLION = 100_000_000


def _figure(fen: int, unit: int, places: int) -> str:
    """A whole number of fen as a decimal of a larger unit, exact to the places asked for, half away from zero."""
    quantum = Decimal(1).scaleb(-places)
    return f"{(Decimal(fen) / unit).quantize(quantum, rounding='ROUND_HALF_UP'):,}"


def _plain(figure: str) -> str:
    """Without empty decimals: "120.00" is "120", "1.20" is "1.2"."""
    return figure.rstrip("0").rstrip(".") if "." in figure else figure


def exact(fen: int) -> str:
    """The full amount: ¥120,000.00."""
    return f"−¥{yuan(-fen)}" if fen < 0 else f"¥{yuan(fen)}"


def parts(fen: int, *, places: int = 2) -> tuple[str, str, str]:
    """Sign or currency before, figure, and unit after, for a column of one unit: ("", "30.00", "万元") or ("¥", "300,000", "").

    English shows whole yuan with a separator unless there are fen.
    """
    sign = "−" if fen < 0 else ""
    size = abs(fen)
    if is_english():
        return f"{sign}¥", (yuan(size)[:-3] if size % 100 == 0 else yuan(size)), ""
    return sign, _figure(size, WAN, places), "万元"


def headline(fen: int) -> tuple[str, str, str]:
    """A large figure: ("", "1.94", "亿元"), ("", "112.50", "万元"), ("¥", "1.13", "million")."""
    sign = "−" if fen < 0 else ""
    size = abs(fen)
    if is_english():
        if size >= MILLION:
            return f"{sign}¥", _figure(size, MILLION, 2), "million"
        return f"{sign}¥", yuan(size)[:-3] if size % 100 == 0 else yuan(size), ""
    if size >= YI:
        return sign, _figure(size, YI, 2), "亿元"
    return sign, _figure(size, WAN, 2), "万元"


def between(low: int, high: int) -> tuple[str, str, str]:
    """A range in one unit: ("", "120–180", "万元"), ("¥", "1.2–1.8", "million"), ("¥", "450,000–900,000", "")."""
    if is_english():
        if high >= MILLION:
            return "¥", f"{_plain(_figure(low, MILLION, 2))}–{_plain(_figure(high, MILLION, 2))}", "million"
        return "¥", f"{yuan(low)[:-3]}–{yuan(high)[:-3]}", ""
    return "", f"{_plain(_figure(low, WAN, 2))}–{_plain(_figure(high, WAN, 2))}", "万元"
