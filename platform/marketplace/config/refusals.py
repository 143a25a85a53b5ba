"""What an address answers that nobody has, and a fault of ours: programs get a problem document, people a page."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from marketplace.common import errors
from marketplace.common.problems import CONTENT_TYPE, RETRY_AFTER, of_domain_error

FOR_PROGRAMS = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the form that the caller reads."""
    if request.path_info.startswith(FOR_PROGRAMS):
        return _problem(errors.NotFound())
    return defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 500 in the form that the caller reads; what went wrong stands in the log alone.

    Where the database is in need (no connection, no time, no disk) it is 503 with Retry-After, wherever in a request that was met.
    """
    in_need = isinstance(sys.exception(), OperationalError)
    if request.path_info.startswith(FOR_PROGRAMS):
        answer = _problem(errors.TryAgain() if in_need else errors.Fault())
    else:
        answer = defaults.server_error(request)
    if in_need:
        answer.status_code = errors.TryAgain.status
        answer["Retry-After"] = RETRY_AFTER
    return answer


def _problem(error: errors.DomainError) -> HttpResponse:
    told = {"ensure_ascii": False}
    return JsonResponse(of_domain_error(error), status=error.status, content_type=CONTENT_TYPE, json_dumps_params=told)
