"""What an address answers that nobody has, and a fault of ours: programs get a problem document, people a page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from marketplace.common import errors
from marketplace.common.problems import CONTENT_TYPE, of_domain_error

FOR_PROGRAMS = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the form that the caller reads."""
    if request.path_info.startswith(FOR_PROGRAMS):
        return _problem(errors.NotFound())
    return defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 500 in the form that the caller reads; what went wrong stands in the log alone."""
    if request.path_info.startswith(FOR_PROGRAMS):
        return _problem(errors.Fault())
    return defaults.server_error(request)


def _problem(error: errors.DomainError) -> HttpResponse:
    told = {"ensure_ascii": False}
    return JsonResponse(of_domain_error(error), status=error.status, content_type=CONTENT_TYPE, json_dumps_params=told)
