"""Headings: which column of a file is which of ours."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.catalogue.importing import limits
from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import FileFault, RowFault
from marketplace.catalogue.importing.rows import Row

Columns = Mapping[str, str]


def plain(heading: object) -> str:
    """A heading without the differences that people do not see."""
    return unicodedata.normalize("NFKC", str(heading)).strip().lower() if heading is not None else ""


def accepted(adapter: type[Adapter[Any]]) -> Columns:
    """Our name for each heading that is accepted."""
    return {plain(alias): name for name, aliases in adapter.columns.items() for alias in (name, *aliases)}


def of_headings(headings: Sequence[object], adapter: type[Adapter[Any]]) -> list[str]:
    """Our name for each column of a table. Raises FileFault for headings that are unknown, doubled or missing."""
    known = accepted(adapter)
    cells = [plain(heading) for heading in headings]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > limits.COLUMNS:
        raise FileFault(f"列数超过 {limits.COLUMNS}。", f"More than {limits.COLUMNS} columns.")
    unknown = [cell[:40] or "(空)" for cell in cells if cell not in known]
    if unknown:
        listed, offered = ", ".join(unknown[:10]), ", ".join(adapter.columns)
        raise FileFault(f"有不认识的列：{listed}。可用的列：{offered}", f"Unknown columns: {listed}. Columns that are read: {offered}")
    names = [known[cell] for cell in cells]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise FileFault(f"列出现了两次：{', '.join(doubled)}。", f"Columns that stand twice: {', '.join(doubled)}.")
    for choice in adapter.required:
        if not set(choice) & set(names):
            raise FileFault(f"缺少列：{' / '.join(choice)}。", f"A column is missing: {' or '.join(choice)}.")
    return names


def of_cells(number: int, cells: Sequence[Any], names: Sequence[str]) -> Row | tuple[int, RowFault]:
    """One line of a table by the names of its columns."""
    if any(cell not in (None, "") for cell in cells[len(names) :]):
        return number, RowFault("", "单元格比标题多。", "There are more cells than headings.")
    # A line that ends early has said of the columns behind that they are empty.
    return Row(number, dict.fromkeys(names) | dict(zip(names, cells, strict=False)))
