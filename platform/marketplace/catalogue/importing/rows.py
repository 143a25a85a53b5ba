"""One row of a file, by the names of our columns; each reading of a cell says what is wrong with it."""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.catalogue.importing.faults import RowFault, both
from marketplace.common.errors import DomainError

# Line breaks and tabs may stand in a text; other control characters and half characters may not.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SEPARATORS = re.compile(r"[;；,，、|\n]")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line, as text, numbers or lists."""

    line: int
    cells: Mapping[str, Any]

    def text(self, name: str, *, longest: int, required: bool = False) -> str:
        """The cell as text without surrounding space, empty where it is missing. Formulas are text like any other."""
        value = self.cells.get(name)
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            value = int(value)
        if value is None or value == "":
            text = ""
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value).strip()
        else:
            raise RowFault(name, "应为文字。", "This must be text.")
        if _UNWRITABLE.search(text):
            raise RowFault(name, "含有不可见的控制字符。", "It has control characters that cannot be shown.")
        if len(text) > longest:
            raise RowFault(name, f"超过 {longest} 个字符（现有 {len(text)} 个）。", f"Longer than {longest} characters ({len(text)}).")
        if required and not text:
            raise RowFault(name, "不能为空。", "This may not be empty.")
        return text

    def words(self, name: str, *, longest: int, most: int) -> list[str]:
        """The cell as a list without repetitions: a JSON list, or a text cut at commas, semicolons and 、."""
        value = self.cells.get(name)
        parts = value if isinstance(value, list) else _SEPARATORS.split(str(value)) if value not in (None, "") else []
        found = (Row(self.line, {name: part}).text(name, longest=longest) for part in parts)
        words = list(dict.fromkeys(word for word in found if word))
        if len(words) > most:
            raise RowFault(name, f"最多 {most} 项（现有 {len(words)} 项）。", f"At most {most} items ({len(words)}).")
        return words

    def integer(self, name: str, *, lowest: int, highest: int) -> int | None:
        """The cell as a whole number within bounds, None where it is missing."""
        text = self.text(name, longest=40)
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not lowest <= int(text) <= highest:
            raise RowFault(name, f"应为 {lowest} 到 {highest} 的整数。", f"A whole number from {lowest} to {highest} is needed.")
        return int(text)

    def day(self, name: str) -> date | None:
        """The cell as a day, written 2030-12-31; None where it is missing."""
        # A date of a workbook is handed on with the midnight at which it begins.
        text = self.text(name, longest=40).removesuffix("T00:00:00")
        if not text:
            return None
        with suppress(ValueError):
            # Python also reads 20301231 and 2030-W01-1.
            if (day := date.fromisoformat(text)).isoformat() == text:
                return day
        raise RowFault(name, "日期应写作 2030-12-31。", "Write the day as 2030-12-31.")

    def code(self, name: str, check: Callable[[str], str], *, default: str = "") -> str:
        """The cell as a code that `check` accepts, the default where it is missing."""
        text = self.text(name, longest=40)
        if not text:
            return default
        try:
            return check(text)
        except DomainError as refusal:
            raise RowFault(name, *both(refusal.detail)) from refusal
