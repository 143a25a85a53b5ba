"""Pages: choose what to certify, a certificate by its number, deposits."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import DomainError, Forbidden, Invalid, Unauthenticated
from marketplace.common.text import bi, pick
from marketplace.evidence import selectors, standing
from marketplace.evidence.downloads import attached, kept_file
from marketplace.evidence.models import Certificate
from marketplace.evidence.services import certifying, depositing, packing, wording
from marketplace.evidence.services.printing import public_page
from marketplace.evidence.sources import source_of
from marketplace.evidence.web import presenting
from marketplace.evidence.web.forms import DepositForm
from marketplace.web.navigation import localised

ROWS = 50


def choose(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """Choose what a certificate of an object discloses; POST issues it."""
    actor = _signed_in(request)
    if request.method == "POST":
        made = certifying.issue(
            actor=actor,
            kind=kind,
            object_id=pk,
            fields=request.POST.getlist("disclose"),
            particulars="particulars" in request.POST,
            documents="documents" in request.POST,
        )
        return HttpResponseRedirect(localised(f"/certificates/{made.number}/"))
    offered = certifying.offer(actor=actor, kind=kind, object_id=pk)
    context = {
        "offer": offered,
        "objects": presenting.objects(offered),
        "issued": selectors.certificates_of(actor, kind, pk),
        "home": localised(offered.source.home(offered.obj)),
    }
    return render(request, "evidence/choose.html", context)


@require_safe
def certificate_page(request: HttpRequest, number: str) -> HttpResponse:
    """What anybody who can name its number may know of a certificate, and its files for the side that asked."""
    found = selectors.certificate(number)
    actor = actor_of(request)
    mine = selectors.asked_by(actor, found)
    context = {
        "certificate": found,
        "label": source_of(found.kind).label,
        "entries": presenting.covered(found, actor),
        "mine": mine,
        "choice": _choice(found) if mine else [],
        "qr": presenting.qr(public_page(found)),
        "address": public_page(found),
        "boxes": [_box(wording.PROVED), _box(wording.NOT_PROVED)],
        "steps": [pick(*step) for step in wording.STEPS],
        "command": wording.COMMAND,
    }
    return render(request, "evidence/certificate.html", context)


@require_safe
def certificate_zip(request: HttpRequest, number: str) -> HttpResponse:
    """The evidence file, for the side that asked."""
    actor = _signed_in(request)
    found = selectors.certificate(number)
    return attached(packing.packed(actor=actor, certificate=found), "application/zip", f"{found.number}.zip")


@require_safe
def certificate_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate on paper, for the side that asked."""
    actor = _signed_in(request)
    found = selectors.certificate(number)
    return attached(packing.printed(actor=actor, certificate=found), "application/pdf", f"{found.number}.pdf")


def deposit_list(request: HttpRequest) -> HttpResponse:
    """The deposits of the reader's side, newest first, and the form to make one more."""
    actor = _signed_in(request)
    refusal = _refusal(actor)
    form = DepositForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if refusal is not None:
            raise refusal
        if form.is_valid():
            try:
                made = depositing.deposit_make(actor=actor, **depositing.given(form.cleaned_data))
            except Invalid as fault:
                for name, told in (fault.fields or {"": [fault.detail]}).items():
                    form.add_error(name if name in form.fields else None, [str(text) for text in told])
            else:
                messages.success(request, str(bi("已存证。", "Deposited.")))
                return HttpResponseRedirect(localised(f"/deposits/{made.pk}/"))
    wanted = request.GET.get("sha256", "").strip()
    pages = Paginator(selectors.deposits_for(actor, sha256=wanted), ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form if refusal is None else None,
        "refusal": refusal,
        "own": actor.organisation_id is None,
        "may_be_own": actor.organisation_id is not None and actor.person_id is not None and standing.is_verified(actor.person_id),
        "deposits": pages,
        "total": pages.paginator.count,
        "wanted": wanted,
        "previous_url": f"?{urlencode({'sha256': wanted, 'page': pages.previous_page_number()})}" if pages.has_previous() else "",
        "next_url": f"?{urlencode({'sha256': wanted, 'page': pages.next_page_number()})}" if pages.has_next() else "",
    }
    return render(request, "evidence/deposits.html", context, status=422 if form.errors else 200)


@require_safe
def deposit_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One deposit: its hash, its place on the ledger, the earlier ones of the same hash."""
    deposit = selectors.deposit_for(_signed_in(request), pk)
    context = {
        "deposit": deposit,
        "earlier": selectors.earlier_of(deposit),
        "entries": presenting.strip(depositing.KIND, deposit.pk),
        "evidence_url": localised(f"/evidence/{depositing.KIND}/{deposit.pk}/"),
        "all_url": localised("/ledger/"),
    }
    return render(request, "evidence/deposit.html", context)


@require_safe
def deposit_file(request: HttpRequest, pk: UUID) -> FileResponse:
    """The file itself, where it was kept."""
    return kept_file(selectors.deposit_for(_signed_in(request), pk))


def _signed_in(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if actor.is_anonymous:
        raise Unauthenticated
    return actor


def _refusal(actor: Actor) -> DomainError | None:
    """Why this reader cannot deposit, told before a form is shown."""
    try:
        depositing.require_depositor(actor)
    except Forbidden as refusal:
        return refusal
    return None


def _choice(found: Certificate) -> list[dict[str, Any]]:
    shown = sum(len(labels) for labels in found.shown.values())
    yes, no = bi("有", "included"), bi("无", "left out")
    return [
        {"label": bi("披露的字段", "Fields disclosed"), "value": shown},
        {"label": bi("未披露的字段", "Fields withheld"), "value": found.withheld},
        {"label": bi("当事方与金额", "Parties and amounts"), "value": yes if found.particulars else no},
        {"label": bi("文件原件", "Documents"), "value": yes if found.documents else no},
    ]


def _box(box: wording.Box) -> dict[str, Any]:
    return {"title": pick(*box[0]), "points": [pick(*point) for point in box[1]]}
