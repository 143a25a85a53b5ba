"""What rooms above show on the page of an achievement, a team or an expert, for whose it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from marketplace.catalogue.models import Achievement, Expert, Team


@dataclass(frozen=True, slots=True)
class Section:
    """A template, and what it is shown with."""

    template: str
    context: dict[str, Any]


Supply = Achievement | Team | Expert
Maker = Callable[[HttpRequest, Supply], Section]
_makers: list[Maker] = []


def add(maker: Maker) -> None:
    """Show what this makes on the pages of supply (called once, at start)."""
    _makers.append(maker)


def sections(request: HttpRequest, supply: Supply, *, owns: bool) -> list[Section]:
    """The sections for this reader: of their own supply alone."""
    return [make(request, supply) for make in _makers] if owns else []
