"""What the shell of every page needs to know; kept so cheap that no page has to think about it."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from ledger.app import services as ledger
from marketplace.common.actor import actor_of
from marketplace.web import navigation

THEMES = ("light", "dark")
_KEPT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """The footer's line: how high the ledger stands and what was last signed."""

    height: int
    checkpoint_at: datetime | None
    root: str


class _Kept:
    """One value of this process, renewed after two seconds; the footer may be that late, never wrong for long."""

    def __init__(self) -> None:
        self.value: LedgerLine | None = None
        self.until = 0.0

    def get(self) -> LedgerLine | None:
        if time.monotonic() >= self.until:
            self.value = _read_ledger()
            self.until = time.monotonic() + _KEPT_SECONDS
        return self.value

    def forget(self) -> None:
        self.until = 0.0


def _read_ledger() -> LedgerLine | None:
    """The latest checkpoint, or None where the database does not answer: a footer never breaks a page."""
    try:
        checkpoint = ledger.latest_checkpoint()
    except DatabaseError:
        return None
    if checkpoint is None:
        return LedgerLine(height=0, checkpoint_at=None, root="")
    return LedgerLine(height=checkpoint.size, checkpoint_at=checkpoint.signed_at, root=checkpoint.root.hex())


ledger_line = _Kept()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, theme, the other language's address and the ledger line; at most one query, every two seconds."""
    english = (get_language() or "").startswith("en")
    theme = request.COOKIES.get("theme", "")
    here = request.get_full_path()
    return {
        "shell": {
            "english": english,
            # Whoever reads a page where the bank is played is told so on that page, whichever it is.
            "sandbox": settings.PAYMENT_GATEWAY == "sandbox",
            "theme": theme if theme in THEMES else "",
            "here": here,
            "other_language": translate_url(here, "zh-hans" if english else "en"),
            "home": navigation.localised("/"),
            "rooms": navigation.links(navigation.ROOMS, at=request.path),
            "search": _if_there("/search/"),
            "notices": _if_there("/notices/"),
            "dashboard": _if_there("/dashboard/"),
            "ledger_home": _if_there("/ledger/"),
            "verify": _if_there("/ledger/verify/"),
            "rail": SimpleLazyObject(lambda: _rail_of(request)),
            "ledger": SimpleLazyObject(ledger_line.get),
        }
    }


def _rail_of(request: HttpRequest) -> list[navigation.Link]:
    actor = actor_of(request)
    return navigation.rail(at=request.path, organisation_kind=actor.organisation_kind, office=actor.staff, region=actor.staff_region)


def _if_there(path: str) -> str:
    href = navigation.localised(path)
    return href if navigation.leads_somewhere(href) else ""
