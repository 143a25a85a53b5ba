"""Money is an integer count of fen with its currency; floats never touch it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

Key = TypeVar("Key", UUID, str)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in fen; arithmetic refuses mixed currencies with ValueError."""

    fen: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if type(self.fen) is not int:  # a bool is an int by inheritance, and no amount
            raise TypeError("Money is a whole number of fen.")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix.")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.fen + other.fen, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.fen - other.fen, self.currency)


def split(total_fen: int, weights: Sequence[tuple[Key, int]]) -> dict[Key, int]:
    """Divide fen by whole weights so that the parts sum to the total exactly.

    Largest remainder method (Hamilton): floors first, then one fen each to the largest
    remainders, ties by id in ascending order. Raises ValueError for a negative total or weight,
    a repeated id, or weights that sum to zero while there is something to divide.
    """
    whole = sum(weight for _, weight in weights)
    if total_fen < 0 or any(weight < 0 for _, weight in weights):
        raise ValueError("Amounts and weights are not negative.")
    if len({key for key, _ in weights}) != len(weights):
        raise ValueError("Each id may appear once.")
    if whole == 0:
        if total_fen:
            raise ValueError("There is nobody to divide the amount among.")
        return {key: 0 for key, _ in weights}
    parts = {key: total_fen * weight // whole for key, weight in weights}
    left = total_fen - sum(parts.values())
    by_remainder = sorted(weights, key=lambda item: (-(total_fen * item[1] % whole), str(item[0])))
    for key, _ in by_remainder[:left]:
        parts[key] += 1
    return parts


def basis_points(fen: int, rate: int) -> int:
    """A rate in basis points (1/10,000) of an amount, floored to the fen."""
    return fen * rate // 10_000


def yuan(fen: int) -> str:
    """An amount for people: 12345678 fen is "123,456.78"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


_AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?")


def parse_yuan(text: str) -> int:
    """Fen from a decimal yuan text ("1,234.5" is 123450).

    Commas part thousands and nothing else, so that "1,50" is not read as 150. Raises ValueError
    when the text is not an exact amount of fen.
    """
    read = _AMOUNT.fullmatch(text.strip())
    if read is None:
        raise ValueError(f"{text!r} is not an amount in yuan with at most two decimals.")
    sign, whole, part = read.groups(default="")
    fen = int(whole.replace(",", "")) * 100 + int((part + "00")[:2])
    return -fen if sign else fen


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_MYRIAD, _HUNDRED_MILLION = 10_000, 100_000_000


def _group(number: int) -> str:
    """Four digits in capital numerals, without a leading zero; inner zeros collapse to one 零."""
    out, pending_zero = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit == 0:
            pending_zero = bool(out)
        else:
            out += ("零" if pending_zero else "") + _DIGITS[digit] + _UNITS[power]
            pending_zero = False
    return out


def _whole(number: int) -> str:
    """A whole number in capital numerals: by 亿, by 万, then four digits, with 零 where places are skipped."""
    for size, name in ((_HUNDRED_MILLION, "亿"), (_MYRIAD, "万")):
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return _whole(high) + name + gap + _whole(low)
    return _group(number)


def capital(fen: int) -> str:
    """The amount in Chinese capital numerals (大写) as bills and contracts write it.

    Source: the People's Bank of China's rules for filling in bills (支付结算办法, annex 1).
    """
    if fen < 0:
        return "负" + capital(-fen)
    yuan_part, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    text = _whole(yuan_part)
    if text:
        text += "元"
    if jiao == 0 and cent == 0:
        return (text or "零元") + "整"
    if jiao:
        text += ("零" if text and yuan_part % 10 == 0 else "") + _DIGITS[jiao] + "角"
    if cent:
        text += ("零" if text and not jiao else "") + _DIGITS[cent] + "分"
    return text if cent else text + "整"
