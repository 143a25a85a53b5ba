"""Staff without a second factor are led to its set-up, whatever page they ask for."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from marketplace.accounts import acting
from marketplace.common.errors import DomainError

# Signing in and out, the set-up itself, and the language; the API refuses by itself (see acting).
OPEN_NAMES = ("account_", "mfa_", "set_language")
OPEN_PATHS = ("/api/", "/_allauth/")


class SecondFactorMiddleware:
    """Redirect to the set-up of two-step verification until the office may be used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = (match.url_name or "") if match else ""
        if name.startswith(OPEN_NAMES) or request.path.startswith(OPEN_PATHS):
            return None
        if not request.user.is_authenticated:
            return None
        try:
            waits = acting.resolve(request).awaits_second_factor
        except DomainError:
            return None  # the view meets the same refusal, and there it becomes a page
        return HttpResponseRedirect(reverse("mfa_activate_totp")) if waits else None
