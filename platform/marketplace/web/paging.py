"""Lists of the pages in pages: so many rows, and the addresses of the page before and of the one after."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

R = TypeVar("R", bound=Model)
# Nobody reads on for longer; whoever seeks an old row searches for it.
LAST_PAGE = 1000


def paged(request: HttpRequest, rows: QuerySet[R], *, size: int, anchor: str = "") -> tuple[list[R], dict[str, Any]]:
    """The rows of the page that the address asks for, and for components/pagination.html the pages beside it.

    One query, whatever the number of rows: one row more than shown tells that there is a next page. What else the
    address asks for stays asked; a page that is no number is the first.
    """
    number = _number(request.GET.get("page", ""))
    found = list(rows[(number - 1) * size : number * size + 1])
    following = number + 1 if len(found) > size and number < LAST_PAGE else 0
    return found[:size], {
        "previous_url": _address(request, number - 1, anchor),
        "next_url": _address(request, following, anchor),
    }


def _number(text: str) -> int:
    return min(int(text), LAST_PAGE) if text.isdecimal() and text.isascii() and 0 < len(text) < 9 and int(text) else 1


def _address(request: HttpRequest, number: int, anchor: str) -> str:
    if not number:
        return ""
    asked = request.GET.copy()
    asked["page"] = str(number)
    return f"?{asked.urlencode()}{anchor and f'#{anchor}'}"
