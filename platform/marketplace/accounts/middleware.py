"""What every request of somebody signed in passes: the list of their sessions, and the set-up of a second factor for staff."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from marketplace.accounts import acting
from marketplace.common.errors import DomainError

# Signing in and out, the set-up itself, and the language; the API refuses by itself (see acting).
OPEN_NAMES = ("account_", "mfa_", "set_language")
OPEN_PATHS = ("/api/", "/_allauth/")

NOTED_SECONDS = 300.0
_MOST_REMEMBERED = 10_000


class SessionActivityMiddleware:
    """Keep each person's list of sessions true to five minutes, and a new address or browser true at once.

    allauth's own middleware writes at every request; this one remembers, in its process, what it has just written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.noted: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and self._is_due(key, request):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_due(self, key: str, request: HttpRequest) -> bool:
        seen = (key, get_adapter().get_client_ip(request), request.headers.get("User-Agent", ""))
        now = time.monotonic()
        if now - self.noted.get(seen, -NOTED_SECONDS) < NOTED_SECONDS:
            return False
        self.noted[seen] = now
        if len(self.noted) > _MOST_REMEMBERED:
            self.noted.popitem(last=False)
        return True


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
