"""The pages of saved searches: the list, one with what it would bring, writing one, its digests, and stopping its letters."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.common.actor import signed_in
from marketplace.common.text import bi
from marketplace.interests import selectors
from marketplace.interests.services import finding, saving, unsubscribing
from marketplace.interests.web import presenting
from marketplace.interests.web.forms import InterestForm
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.web.paging import paged

ROWS = 20
SAVE = bi("保存", "Save")
ASKED = ("kind", "text", "readiness")
ASKED_LISTS = ("region_codes", "industry_codes")


@require_safe
def interest_list(request: HttpRequest) -> HttpResponse:
    """The reader's saved searches."""
    rows, pages = paged(request, selectors.interests_for(signed_in(request)), size=ROWS)
    shown = [{"row": row, "criteria": presenting.criteria(row), "rhythm": presenting.rhythm(row)} for row in rows]
    return render(request, "interests/list.html", {"rows": shown, "new_url": localised("/interests/new/"), **pages})


@require_safe
def interest_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One saved search: when it is looked at, what it would bring now, what it brought."""
    actor = signed_in(request)
    interest = selectors.interest_for(actor, pk)
    digests, pages = paged(request, selectors.digests_for(actor).filter(interest=interest), size=ROWS, anchor="digests")
    context = {
        "interest": interest,
        "criteria": presenting.criteria(interest),
        "facts": presenting.facts(interest),
        "found": presenting.found(finding.best(interest)),
        "digests": digests,
        **pages,
    }
    return render(request, "interests/detail.html", context)


def interest_new(request: HttpRequest) -> HttpResponse:
    """Save a search; a list's link brings what was searched for."""
    actor = signed_in(request)
    saving.require_member(actor)

    def save(fields: dict[str, Any]) -> str:
        made = saving.interest_save(actor=actor, fields=fields)
        messages.success(request, bi("已关注。", "Saved: you will be told."))
        return f"/interests/{made.pk}/"

    asked: dict[str, Any] = {name: request.GET[name][:200] for name in ASKED if name in request.GET}
    asked |= {name: request.GET.getlist(name)[:50] for name in ASKED_LISTS}
    form = InterestForm(request.POST or None, initial=asked)
    return form_page(request, form, save, heading=bi("新建关注", "Save a search"), back="/interests/", submit=SAVE)


def interest_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is looked for, or when."""
    actor = signed_in(request)
    interest = selectors.interest_for(actor, pk)
    saving.require_member(actor)

    def save(fields: dict[str, Any]) -> str:
        return f"/interests/{saving.interest_change(interest=interest, actor=actor, fields=fields).pk}/"

    form = InterestForm(request.POST or None, initial={name: getattr(interest, name) for name in InterestForm.base_fields})
    return form_page(request, form, save, heading=bi("修改关注", "Change the search"), back=f"/interests/{interest.pk}/", submit=SAVE)


@require_POST
def interest_pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pause it, or resume it where `resume` is sent."""
    actor = signed_in(request)
    interest = selectors.interest_for(actor, pk)
    saving.interest_pause(interest=interest, actor=actor, paused="resume" not in request.POST)
    return HttpResponseRedirect(localised(f"/interests/{interest.pk}/"))


def interest_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask, then delete."""
    actor = signed_in(request)
    interest = selectors.interest_for(actor, pk)
    if request.method == "POST":
        saving.interest_delete(interest=interest, actor=actor)
        messages.success(request, bi("已删除。", "Deleted."))
        return HttpResponseRedirect(localised("/interests/"))
    context = {
        "heading": bi("删除关注", "Delete the saved search"),
        "intro": interest.name,
        "promise": bi("不再推送；已收到的推送仍可查看。", "Nothing more is sent; what was sent can still be read."),
        "submit_label": bi("删除", "Delete"),
        "danger": True,
        "back_url": localised(f"/interests/{interest.pk}/"),
    }
    return render(request, "web/confirm.html", context)


@require_safe
def digest_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one digest held, as it is now."""
    digest = selectors.digest_for(signed_in(request), pk)
    return render(request, "interests/digest.html", {"digest": digest, "told": presenting.told(digest, selectors.shown(digest))})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a saved search's letters: a page that asks, and a POST that does.

    The link's signature is the permission. It is posted without cookies by mail programs (RFC 8058), so no token of a
    page is asked for; opening the link alone changes nothing, since programs open links in letters to check them.
    """
    unsubscribing.named_by(token)
    stopped = request.method == "POST"
    if stopped:
        unsubscribing.letters_stop(token)
    return render(request, "interests/unsubscribe.html", {"stopped": stopped})
