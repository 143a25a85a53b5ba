"""Home, search, the reader's desk, and the demonstration's mail."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.app import selectors as log
from marketplace.accounts.acting import organisation_of
from marketplace.common import clock
from marketplace.common.actor import signed_in
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.demands import selectors as demands
from marketplace.desk import duties, selectors
from marketplace.desk.web import presenting, wording
from marketplace.notices import selectors as notices
from marketplace.notices.services import telling
from marketplace.web.navigation import localised
from marketplace.web.paging import paged

NEWEST = 6
NOTICES = 50


def home(request: HttpRequest) -> HttpResponse:
    """What the exchange is, what is open now, and the newest ledger entries."""
    standing = selectors.standing()
    context = {
        "steps": presenting.steps(standing),
        "figures": presenting.figures(standing),
        "demands": demands.open_demands(clock.now()).order_by("-id")[:NEWEST],
        "now": clock.now(),
        "entries": [wording.public_row(entry) for entry in log.latest(NEWEST + 1)],
        "doors": presenting.doors(),
    }
    return render(request, "desk/home.html", context)


def search(request: HttpRequest) -> HttpResponse:
    """One search over demands, solutions and teams."""
    words = request.GET.get("q", "").strip()[:200]
    found = selectors.search(words) if words else None
    context = {
        "query": words,
        "found": found,
        "search_label": bi("搜索", "Search"),
        "search_hint": bi("描述你的难题或技术", "Your problem or technology"),
    }
    return render(request, "desk/search.html", context)


def dashboard(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, and what is theirs."""
    actor = signed_in(request)
    desk = selectors.desk_of(actor, organisation_of(request))
    context = {
        "desk": desk,
        "duties": duties.duties_of(actor),
        "figures": presenting.desk_figures(desk, notices.unread_count(actor)) if desk.organisation else [],
        "first": presenting.first_step(actor),
        "actor": actor,
        "now": clock.now(),
        "at": localised(""),
    }
    return render(request, "desk/dashboard.html", context)


def notice_list(request: HttpRequest) -> HttpResponse:
    """What the organisation has been told; POST marks all as read."""
    actor = signed_in(request)
    if request.method == "POST":
        telling.notices_read(actor=actor)
    rows, pages = paged(request, notices.notices_for(actor), size=NOTICES)
    return render(request, "desk/notices.html", {"notices": rows, "at": localised(""), **pages})


def demo_mail(request: HttpRequest) -> HttpResponse:
    """The demonstration's stored mail; in production this page does not exist."""
    if not getattr(settings, "DEMO_LOGINS", False):
        raise NotFound
    return render(request, "desk/mail.html", {"mails": notices.mails_to(request.GET.get("to", ""))[: notices.NEWEST_MAILS]})
