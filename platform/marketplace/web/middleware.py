"""What is read is of one moment; a rule's refusal becomes a page (the API has its own handler)."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

from marketplace.common import clock
from marketplace.common.errors import DomainError


class OneMoment:
    """Answer every reading request as of one moment, asked of the database at most once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with clock.one_moment():
            return self.get_response(request)


class Refusals:
    """Turn a DomainError that leaves a page into an answer with its status; faults stay faults.

    A browser that comes with a method a page does not take is given a page as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content
        if not bare or "text/html" not in request.headers.get("Accept", ""):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal: sign-in for whoever must sign in first, a page for everybody else."""
        if not isinstance(exception, DomainError):
            return None
        status = HTTPStatus(exception.status)
        if status == HTTPStatus.UNAUTHORIZED:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        if status == HTTPStatus.NOT_FOUND:
            # Unknown and forbidden look the same: the error's own words might tell them apart.
            response = render(request, "404.html", status=status)
        else:
            context = {"status": status.value, "heading": exception.title, "detail": exception.detail, "fields": exception.fields}
            response = render(request, "web/refused.html", context, status=status)
        add_never_cache_headers(response)
        return response
