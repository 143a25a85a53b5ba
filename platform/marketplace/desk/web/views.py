"""Home, search, the reader's desk, the public ledger, and the demonstration's mail."""

import base64
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ledger.app import selectors as log
from marketplace.common import clock
from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import NotFound, Unauthenticated
from marketplace.common.text import bi
from marketplace.demands import selectors as demands
from marketplace.desk import duties, selectors
from marketplace.desk.web import presenting
from marketplace.notices import selectors as notices
from marketplace.notices.services import telling
from marketplace.web.navigation import localised

NEWEST = 6
LEDGER_PAGE = 50


def home(request: HttpRequest) -> HttpResponse:
    """What the exchange is, what is open now, and the newest ledger entries."""
    standing = selectors.standing()
    context = {
        "steps": presenting.steps(standing),
        "figures": presenting.figures(standing),
        "demands": demands.open_demands(clock.now()).order_by("-id")[:NEWEST],
        "now": clock.now(),
        "entries": [presenting.public_row(entry) for entry in log.latest(NEWEST + 1)],
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
    actor = _signed_in(request)
    desk = selectors.desk_of(actor)
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
    actor = _signed_in(request)
    if request.method == "POST":
        telling.notices_read(actor=actor)
    rows = notices.notices_for(actor)[:LEDGER_PAGE]
    return render(request, "desk/notices.html", {"notices": rows, "at": localised("")})


def ledger_home(request: HttpRequest) -> HttpResponse:
    """The newest entries as the world sees them, and the last signed checkpoint."""
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    rows = log.latest(LEDGER_PAGE, before=start)
    context = {
        "entries": [presenting.public_row(entry) for entry in rows],
        "checkpoint": log.latest_checkpoint(),
        "height": log.height(),
        "vkeys": log.vkeys(),
        "next_url": f"?before={rows[-1].seq}" if rows and rows[-1].seq > 0 else "",
    }
    return render(request, "desk/ledger.html", context)


def ledger_entry(request: HttpRequest, seq: int) -> HttpResponse:
    """One entry: its bytes, its neighbours, and its proof, which the browser recomputes."""
    entry = log.entry(seq)
    if entry is None:
        raise NotFound
    proof = log.proof(seq)
    fields = json.loads(entry.raw)
    context = {
        "entry": presenting.public_row(entry),
        "entry64": base64.b64encode(entry.raw).decode(),
        "pretty": json.dumps(fields, ensure_ascii=False, indent=2),
        "proof": presenting.proof_view(proof) if proof else None,
        "previous_url": localised(f"/ledger/entries/{seq - 1}/") if seq > 0 else "",
        "next_url": localised(f"/ledger/entries/{seq + 1}/") if seq + 1 < log.height() else "",
    }
    return render(request, "desk/entry.html", context)


def demo_mail(request: HttpRequest) -> HttpResponse:
    """The demonstration's stored mail; in production this page does not exist."""
    if not getattr(settings, "DEMO_LOGINS", False):
        raise NotFound
    return render(request, "desk/mail.html", {"mails": notices.mails_to(request.GET.get("to", ""))[: notices.NEWEST_MAILS]})


def _signed_in(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if actor.is_anonymous:
        raise Unauthenticated
    return actor
