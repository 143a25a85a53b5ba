"""The header that lets a page load nothing from anywhere else: the same on every answer, so it is written once."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Django's own pages for developers would stay without their styles.
FOR_DEVELOPERS = (404, 500)


class ContentPolicy:
    """Set CONTENT_SECURITY_POLICY, as django-csp writes it, on every answer; no page of ours has another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.policy = get_response, build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in FOR_DEVELOPERS):
            response.headers.setdefault(HEADER, self.policy)
        return response
