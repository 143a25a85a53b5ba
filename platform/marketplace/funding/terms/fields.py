"""The kinds of values that terms are made of: each refuses what it is not, and says itself in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from marketplace.common.text import bi, pick

NEEDED = bi("必填", "Needed")
_UNKEPT = re.compile("[\0\ud800-\udfff]")  # NUL and halves of characters: neither the database nor JSON keeps them
LONGEST = 500  # characters of a text of the terms, in either language


class Unit(Enum):
    """What a whole number counts; a percentage is kept in basis points."""

    PERCENT = "bp"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"

    def words(self, value: int) -> str:
        """So many of this unit in the reader's language: 150 basis points are 1.5%."""
        if self is Unit.PERCENT:
            return f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".") + "%"
        zh = {Unit.DAYS: "天", Unit.MONTHS: "个月", Unit.YEARS: "年"}[self]
        return pick(f"{value} {zh}", f"{value} {self.value if value != 1 else self.value.removesuffix('s')}")


class Field(Protocol):
    """One thing that the terms of an instrument say."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> Any: ...

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the stored values."""

    def faults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What is wrong with the given values, by name; nothing where they may stand."""

    def words(self, terms: Mapping[str, Any]) -> Any:
        """The stored value for people, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most` of its unit."""

    name: str
    label: Any
    unit: Unit
    least: int
    most: int
    hint: Any = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name,)

    def faults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        value = given.get(self.name)
        if value is None:
            return {self.name: NEEDED}
        # bool is an int to Python, but no number to anybody who writes terms.
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            return {self.name: self.bounds}
        return {}

    @property
    def bounds(self) -> Any:
        """The sentence that says which numbers are taken."""
        if self.unit is Unit.PERCENT:
            low, high = self.unit.words(self.least), self.unit.words(self.most)
            return bi(f"须为 {low} 至 {high}，以万分之一计的整数。", f"Between {low} and {high}, as a whole number of basis points.")
        return bi(f"须为 {self.least} 至 {self.most} 的整数。", f"A whole number from {self.least} to {self.most}.")

    @property
    def span(self) -> Any:
        """The bounds in the unit that people write."""
        low, high = self.unit.words(self.least), self.unit.words(self.most)
        return bi(f"{low} 至 {high}。", f"{low} to {high}.")

    def words(self, terms: Mapping[str, Any]) -> Any:
        return self.unit.words(terms[self.name])


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few named options."""

    name: str
    label: Any
    options: Mapping[str, Any]

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name,)

    def faults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        value = given.get(self.name)
        if value is None or value == "":
            return {self.name: NEEDED}
        if not isinstance(value, str) or value not in self.options:
            known = ", ".join(self.options)
            return {self.name: bi(f"只能是：{known}。", f"One of: {known}.")}
        return {}

    def words(self, terms: Mapping[str, Any]) -> Any:
        return self.options[terms[self.name]]


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in Chinese, English or both, kept as `<name>_zh` and `<name>_en`."""

    name: str
    label: Any
    needed: bool = True
    hint: Any = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"{self.name}_zh", f"{self.name}_en")

    def faults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in self.keys:
            value = given.get(key, "")
            if not isinstance(value, str):
                found[key] = bi("须为文字。", "Must be a text.")
            elif len(value.strip()) > LONGEST:
                found[key] = bi(f"最多 {LONGEST} 字。", f"At most {LONGEST} characters.")
            elif _UNKEPT.search(value):
                found[key] = bi("含有不可用的字符。", "There is a character in it that cannot be kept.")
        if not found and self.needed and not any(str(given.get(key, "")).strip() for key in self.keys):
            found[self.keys[0]] = bi("请填写（中文或英文）。", "Write it, in Chinese or in English.")
        return found

    def words(self, terms: Mapping[str, Any]) -> Any:
        return pick(*(terms[key] for key in self.keys))
