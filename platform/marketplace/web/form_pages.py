"""Pages of one form: what is valid is saved, what a rule refuses is said at the field it concerns."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from marketplace.common.errors import Conflict, DomainError, Invalid, NotVerified
from marketplace.common.text import bi
from marketplace.web.navigation import localised

Save = Callable[[dict[str, Any]], str]


def form_page(
    request: HttpRequest,
    form: BaseForm,
    save: Save,
    *,
    heading: Any,
    back: str,
    intro: Any = "",
    submit: Any = None,
    template: str = "web/form.html",
    beside: Callable[[], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Show a form; save what is valid and go where `save` says (`back` and that address without language prefix).

    What is refused for its content, for the present state, or until the organisation is verified is told in the form, so that
    nothing typed is lost; who may not do it at all is answered with a page. A `template` of one's own extends web/form.html and
    shows what stands `beside` the form, which is asked for only where the form is shown.
    """
    status = None
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(localised(save(dict(form.cleaned_data))))
        except (Invalid, Conflict) as refusal:
            show_refusal(form, refusal)
        except NotVerified as refusal:
            show_refusal(form, refusal)
            status = refusal.status
    context = {
        "form": form,
        "heading": heading,
        "intro": intro,
        "submit_label": submit or bi("保存草稿", "Save the draft"),
        "back_url": localised(back),
        **(beside() if beside else {}),
    }
    return render(request, template, context, status=status or (422 if form.errors else 200))


def show_refusal(form: BaseForm, refusal: DomainError) -> None:
    """Say a rule's refusal at the fields it names, and above the form what belongs to none of them."""
    for name, told in (refusal.fields or {"": [refusal.detail]}).items():
        form.add_error(name if name in form.fields else None, [str(text) for text in told])
