"""The public ledger: its home, search, one entry with its proof, one object's entries, verifying and witnessing."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from ledger.app import exploring as log
from ledger.app import selectors as entries
from marketplace.common import clock
from marketplace.common.actor import actor_of
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.desk import exploring
from marketplace.desk.web import activity, wording
from marketplace.desk.web.proof_picture import proof_view
from marketplace.web.navigation import localised

JSON = "application/json"
PAGE = 20
DAYS = 30


@require_safe
def ledger_home(request: HttpRequest) -> HttpResponse:
    """How high the log stands and who vouches for it, what came in day by day, and its newest entries."""
    of, before = request.GET.get("type", ""), _place(request.GET.get("before", ""))
    rows = log.newest(PAGE + 1, before=before, of=of)
    now = clock.now()
    checkpoint, keys, witnesses = entries.latest_checkpoint(), entries.keys(), entries.cosigners()
    days = activity.filled(log.activity(activity.first_day(now, DAYS), zone=activity.ZONE), now=now, days=DAYS)
    context = {
        "entries": [wording.public_row(entry) for entry in rows[:PAGE]],
        "checkpoint": checkpoint,
        "age": " ".join(map(str, activity.age(now - checkpoint.signed_at))) if checkpoint else "",
        "keys": keys,
        "vkeys": [key.verifier.vkey for key in keys if key.until is None],
        "figures": _figures(entries.height(), checkpoint, witnesses, days, now),
        "witnesses": witnesses,
        "days": days,
        "days_chart": activity.chart(days),
        "families": _families(log.types()),
        "of": of,
        "next_url": f"?type={of}&before={rows[PAGE - 1].seq}#entries" if len(rows) > PAGE else "",
        "newest_url": f"?type={of}#entries" if before is not None else "",
        "host": request.build_absolute_uri("/ledger"),
    }
    return render(request, "desk/ledger.html", context)


@require_safe
def ledger_activity(request: HttpRequest) -> HttpResponse:
    """The days of the home page's picture as CSV."""
    now = clock.now()
    days = activity.filled(log.activity(activity.first_day(now, DAYS), zone=activity.ZONE), now=now, days=DAYS)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ledger-activity.csv"'
    writer = csv.writer(response)
    writer.writerow(["day", "public", "sealed", "total"])
    writer.writerows([day.day.isoformat(), day.public, day.sealed, day.total] for day in days)
    return response


@require_safe
def ledger_search(request: HttpRequest) -> HttpResponse:
    """Lead to what a number, hash or id names; otherwise say what could have been meant."""
    words = request.GET.get("q", "").strip()[:200]
    place = exploring.find(words, actor_of(request)) if words else None
    if place and place.certificate:
        return HttpResponseRedirect(localised(f"/certificates/{place.certificate}/"))
    if place and place.seq is not None:
        return HttpResponseRedirect(localised(f"/ledger/entries/{place.seq}/"))
    if place and place.thing:
        return HttpResponseRedirect(localised(f"/ledger/objects/{place.thing.kind}/{place.thing.obj.pk}/"))
    return render(request, "desk/ledger_search.html", {"query": words, "height": entries.height()})


@require_safe
def ledger_object(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """All entries of one object that this reader may link with it, the newest first; 404 for whoever may not see the object."""
    found = exploring.thing(kind, pk, actor_of(request))
    rows = exploring.rows_of(found)
    context = {
        "thing": found,
        "title": wording.title_of(found.obj),
        "home": wording.home_of(found),
        "entries": [wording.own_row(row) for row in reversed(rows)],
        "total": len(rows),
    }
    return render(request, "desk/ledger_object.html", context)


@require_safe
@vary_on_headers("Accept")
def ledger_entry(request: HttpRequest, seq: int) -> HttpResponse:
    """One entry: what it says, its exact bytes, its neighbours, and its proof, which the browser recomputes; as JSON for a program."""
    entry = entries.entry(seq)
    if entry is None:
        raise NotFound
    if request.get_preferred_type(["text/html", JSON]) == JSON:
        return HttpResponseRedirect(reverse("ledger:entry-json", args=[seq]))
    proof = entries.proof(seq)
    found = exploring.thing_behind(entry, actor_of(request))
    own = next((row for row in exploring.rows_of(found) if row.id == entry.id), None) if found else None
    context = {
        "entry": entry,
        "row": wording.own_row(own) if own else wording.public_row(entry),
        "thing": found,
        "title": wording.title_of(found.obj) if found else "",
        "all_url": localised(f"/ledger/objects/{found.kind}/{found.obj.pk}/") if found else "",
        "said": None
        if entry.entry.sealed and own is None
        else wording.said(own.type if own else entry.type, own.body if own else entry.entry.body),
        "exact": entry.raw.decode(),
        "pretty": json.dumps(json.loads(entry.raw), ensure_ascii=False, indent=2),
        "proof": proof_view(proof) if proof else None,
        "vkeys": entries.vkeys(),
        "witness_keys": [one.vkey for one in entries.cosigners()],
        "height": entries.height(),
        "host": request.build_absolute_uri("/ledger"),
    }
    return render(request, "desk/entry.html", context)


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Check a certificate or a proof in the reader's own browser; nothing is sent here."""
    checkpoint, keys = entries.latest_checkpoint(), entries.keys()
    context = {
        "vkeys": [key.verifier.vkey for key in keys],
        "retired": [f"{key.verifier.vkey} {key.until}" for key in keys if key.until is not None],
        "witness_keys": [one.vkey for one in entries.cosigners()],
        "example": f"/ledger/entries/{checkpoint.size - 1}.tlog-proof" if checkpoint and checkpoint.size else "",
        "host": request.build_absolute_uri("/ledger"),
    }
    return render(request, "desk/verify.html", context)


@require_safe
def witness(request: HttpRequest) -> HttpResponse:
    """How to run a witness of one's own, with the commands for this very log."""
    context = {"vkeys": entries.vkeys(), "witnesses": entries.cosigners(), "host": request.build_absolute_uri("/ledger")}
    return render(request, "desk/witness.html", context)


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _families(types: list[str]) -> list[dict[str, object]]:
    """What can be chosen: each family of events, and in it each type that the log holds."""
    families: dict[str, list[str]] = {}
    for name in types:
        families.setdefault(name.partition(".")[0], []).append(name)
    return [
        {"value": family, "label": wording.family_words(family), "types": [(name, wording.event_label(name) or name) for name in held]}
        for family, held in families.items()
    ]


def _figures(
    height: int,
    checkpoint: entries.PublishedCheckpoint | None,
    witnesses: Sequence[entries.WitnessState],
    days: Sequence[log.Day],
    now: datetime,
) -> list[dict[str, Any]]:
    """What stands at the head of the ledger's home."""
    behind, today = height - (checkpoint.size if checkpoint else 0), days[-1]
    number, unit = activity.age(now - checkpoint.signed_at) if checkpoint else ("—", "")
    independent = sum(not one.ours for one in witnesses)
    waiting = bi(f"其中 {behind:,} 条待签", f"{behind:,} to be signed") if behind else bi("全部已签入校验点", "all under a checkpoint")
    return [
        {"label": bi("账本高度", "Height"), "value": f"{height:,}", "unit": bi("条", "entries"), "note": waiting},
        {
            "label": bi("最近校验点", "Latest checkpoint"),
            "value": number,
            "unit": unit,
            "note": f"{timezone.localtime(checkpoint.signed_at):%Y-%m-%d %H:%M:%S}" if checkpoint else "",
        },
        {
            "label": bi("见证方", "Witnesses"),
            "value": len(witnesses),
            "unit": bi("家", "in all"),
            "note": bi(f"其中独立 {independent} 家", f"{independent} independent of this site"),
        },
        {
            "label": bi("今日", "Today"),
            "value": f"{today.total:,}",
            "unit": bi("条", "entries"),
            "note": bi(f"{today.public:,} 条公开，{today.sealed:,} 条密封", f"{today.public:,} public, {today.sealed:,} sealed"),
        },
    ]
