"""Pages of organisations: founding, joining, the public profile, and the reviewer's queue."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts import acting
from marketplace.accounts.models import Organisation
from marketplace.accounts.selectors import organisations as reads
from marketplace.accounts.services import membering, organising
from marketplace.accounts.web.forms import InvitationForm, OrganisationForm
from marketplace.accounts.workflow import MACHINE
from marketplace.common.actor import Actor
from marketplace.common.codes import regions
from marketplace.common.text import bi
from marketplace.web.acting import ActionPage, ReasonForm
from marketplace.web.form_pages import form_page
from marketplace.web.paging import paged
from marketplace.workflow.actions import available_actions

PAGE = 50
REASONED = frozenset({"reject", "suspend"})


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The organisation acted for, its members and invitations; or the ways to get one."""
    actor = acting.actor_of(request)
    context: dict[str, Any] = {
        "memberships": reads.memberships_of(actor.person_id) if actor.person_id else [],
        "offers": reads.invitations_to(acting.person_of(request)),
        "actor": actor,
    }
    if actor.organisation_id:
        row = reads.get_visible(actor, actor.organisation_id)
        context |= {
            "obj": row,
            "facts": _facts(row),
            "members": reads.members_of(actor.organisation_id),
            "sent": reads.invitations_from(actor.organisation_id),
            "form": InvitationForm() if "manager" in actor.roles else None,
            "actions": available_actions(row, actor),
        }
    return render(request, "accounts/organisation.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Found an organisation."""

    def save(fields: dict[str, Any]) -> str:
        row = organising.found(actor=acting.actor_of(request), credit_code=fields.pop("uscc"), **fields)
        acting.forget(request)
        acting.choose(request, row.pk)
        messages.success(request, str(bi("单位已登记。请核对后提交核验。", "The organisation is registered. Check it, then submit it.")))
        return "/organisation/"

    return form_page(
        request,
        OrganisationForm(request.POST or None),
        save,
        heading=bi("登记单位", "Register an organisation"),
        back="/organisation/",
        intro=bi("核验通过后，成员即可以单位名义办理业务。", "Once it is verified, its members can act in its name."),
        submit=bi("登记", "Register"),
    )


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations from now on, or in one's own name, in which one can deposit."""
    if request.POST.get("organisation") == acting.ONESELF:
        acting.choose_oneself(request)
        return redirect("deposits")
    acting.choose(request, _uuid(request.POST.get("organisation", "")))
    return redirect("organisation")


@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an address to the organisation acted for."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        membering.invite(actor=acting.actor_of(request), **form.cleaned_data)
        messages.success(request, str(bi("邀请已发出。", "The invitation is on its way.")))
    else:
        messages.error(request, str(bi("请填写有效邮箱并至少选一个角色。", "Give a valid address and choose at least one role.")))
    return redirect("organisation")


@login_required
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept or decline an invitation."""
    if "accept" in request.POST:
        row = membering.accept(person=acting.person_of(request), invitation_id=pk)
        acting.choose(request, row.organisation_id)
    else:
        membering.decline(person=acting.person_of(request), invitation_id=pk)
    return redirect("organisation")


@login_required
@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a membership of the organisation acted for."""
    try:
        membering.remove(actor=acting.actor_of(request), person_id=pk)
    except membering.LastManager as refusal:
        messages.error(request, str(refusal))
    acting.forget(request)
    return redirect("organisation")


@require_GET
def profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An organisation as the caller may see it, with what they may do with it."""
    actor = acting.actor_of(request)
    row = reads.get_visible(actor, pk)
    context = {
        "obj": row,
        "facts": _facts(row),
        "actions": available_actions(row, actor),
        "reason": row.decision_reason if actor.staff or actor.organisation_id == pk else "",
        "base_url": f"{request.path}actions/",
        "linked": REASONED,
    }
    return render(request, "accounts/profile.html", context)


class OrganisationAction(ActionPage):
    """Every move of an organisation; a refusal's reason is asked for first."""

    machine = MACHINE
    forms: ClassVar = dict.fromkeys(REASONED, ReasonForm)

    def find(self, actor: Actor, pk: str) -> Organisation:
        return reads.get_visible(actor, pk)

    def home(self, obj: Organisation) -> str:
        return f"/organisations/{obj.pk}/"


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Organisations by name; a reviewer first sees those that wait."""
    actor = acting.actor_of(request)
    words = request.GET.get("q", "")
    if actor.staff == "reviewer" and not words:
        found = reads.waiting_for_review(actor)
    else:
        found = reads.named_like(reads.visible_to(actor), words).order_by("-id")
    rows, pages = paged(request, found, size=PAGE)
    context = {"rows": rows, "words": words, "waiting": actor.staff == "reviewer" and not words, **pages}
    return render(request, "accounts/organisations.html", context)


def _facts(row: Organisation) -> list[dict[str, Any]]:
    return [
        {"label": bi("单位类型", "Kind"), "value": row.get_kind_display()},
        {"label": bi("统一社会信用代码", "Unified social credit code"), "value": row.uscc},
        {"label": bi("所在地区", "Region"), "value": regions.name_of(row.region_code)},
    ]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise acting.NotYourOrganisation from fault
