"""The shell's own pages: the choice of theme and the style guide."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from marketplace.web import styleguide
from marketplace.web.context import THEMES

_YEAR = 365 * 24 * 3600


@csrf_exempt  # nothing but the visitor's own look can be changed here
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the visitor's choice of light or dark for a year and lead back; anything else forgets the choice."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Every component with invented data."""
    return render(request, "web/styleguide.html", styleguide.samples())
