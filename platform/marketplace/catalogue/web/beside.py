"""What rooms above show on the page of an achievement or a team, for its owner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from marketplace.catalogue.models import Achievement, Team


@dataclass(frozen=True, slots=True)
class Section:
    """A template, and what it is shown with."""

    template: str
    context: dict[str, Any]


Maker = Callable[[HttpRequest, Achievement | Team], Section]
_makers: list[Maker] = []


def add(maker: Maker) -> None:
    """Show what this makes on the pages of supply (called once, at start)."""
    _makers.append(maker)


def sections(request: HttpRequest, supply: Achievement | Team, *, owns: bool) -> list[Section]:
    """The sections for this reader: of their own supply alone."""
    return [make(request, supply) for make in _makers] if owns else []
