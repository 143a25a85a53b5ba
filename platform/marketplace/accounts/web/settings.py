"""Pages of a person's own account: who they are, the terms, and their keys."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts import acting, terms
from marketplace.accounts.selectors import keys as key_reads
from marketplace.accounts.services import erasing, keys
from marketplace.accounts.web.forms import KeyForm, PersonForm
from marketplace.common.errors import DomainError
from marketplace.common.text import bi, is_english
from marketplace.web.form_pages import show_refusal


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Name and language, and the doors to password, addresses, sessions, two-step verification and keys."""
    person = acting.person_of(request)
    form = PersonForm(request.POST or None, initial={"name": person.name, "language": person.language})
    if request.method == "POST" and form.is_valid():
        person.name, person.language = form.cleaned_data["name"], form.cleaned_data["language"]
        person.save(update_fields=["name", "language"])
        messages.success(request, str(bi("已保存。", "Saved.")))
        return redirect("account_settings")
    context = {"form": form, "actor": acting.actor_of(request), "consents": person.consents.order_by("-at")}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@require_GET
def terms_page(request: HttpRequest) -> HttpResponse:
    """The terms of service in force, with the hash that consents record."""
    points = terms.CURRENT.en if is_english() else terms.CURRENT.zh
    return render(request, "accounts/terms.html", {"terms": terms.CURRENT, "points": points})


@login_required
def api_keys(request: HttpRequest) -> HttpResponse:
    """One's keys, and the form to make one; the token is on the answering page only."""
    actor = acting.actor_of(request)
    form = KeyForm(request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        try:
            _, token = keys.make_key(actor=actor, reauthenticated=acting.has_reauthenticated(request), **form.cleaned_data)
        except keys.ReauthenticationNeeded:
            return _password_first(request)
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            form = KeyForm()
    context = {"form": form, "token": token, "rows": key_reads.keys_of(actor), "actor": actor}
    response = render(request, "accounts/api_keys.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a key at once."""
    keys.revoke_key(actor=acting.actor_of(request), key_id=pk)
    messages.success(request, str(bi("密钥已撤销。", "The key is revoked.")))
    return redirect("api-keys")


@login_required
def erase(request: HttpRequest) -> HttpResponse:
    """Have one's personal data forgotten, after entering the password again and saying so once more."""
    if not acting.has_reauthenticated(request):
        return _password_first(request)
    errors = []
    if request.method == "POST":
        try:
            erasing.erase(person=acting.person_of(request))
        except DomainError as refusal:
            errors.append(str(refusal))
        else:
            logout(request)
            return redirect("account_login")
    context = {
        "heading": bi("删除我的个人信息", "Delete my personal data"),
        "intro": bi("姓名、邮箱、成员身份和密钥将被清除，账号不能恢复；业务记录保留，但不再指向您。",
                    "Name, address, memberships and keys are removed for good; business records stay, no longer naming you."),
        "submit_label": bi("删除", "Delete"),
        "danger": True,
        "errors": errors,
    }  # fmt: skip
    return render(request, "web/confirm.html", context, status=409 if errors else 200)


def _password_first(request: HttpRequest) -> HttpResponse:
    """Lead through entering the password (or code) again and back to this page."""
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")
