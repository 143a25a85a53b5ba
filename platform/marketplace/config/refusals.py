"""What is answered to a request that cannot be read, for an address that nobody has, and where the fault is ours.

Programs get a problem document, people a page.
"""

import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from marketplace.common import errors
from marketplace.common.problems import CONTENT_TYPE, RETRY_AFTER, of_domain_error
from marketplace.common.text import bi
from marketplace.config.language import MACHINE_PATHS


def unread(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 where more was sent than the site takes, and 400 to whatever else cannot be read, in the form that the caller reads."""
    too_large = isinstance(exception, RequestDataTooBig)
    if request.path_info.startswith(MACHINE_PATHS):
        return _problem(errors.TooLarge(_at_most()) if too_large else errors.BadRequest())
    answer = defaults.bad_request(request, exception, "413.html" if too_large else defaults.ERROR_400_TEMPLATE_NAME)
    answer.status_code = errors.TooLarge.status if too_large else errors.BadRequest.status
    return answer


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 in the form that the caller reads."""
    if request.path_info.startswith(MACHINE_PATHS):
        return _problem(errors.NotFound())
    return defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 500 in the form that the caller reads; what went wrong stands in the log alone.

    Where the database is in need (no connection, no time, no disk) it is 503 with Retry-After, wherever in a request that was met.
    """
    in_need = isinstance(sys.exception(), OperationalError)
    if request.path_info.startswith(MACHINE_PATHS):
        answer = _problem(errors.TryAgain() if in_need else errors.Fault())
    else:
        answer = defaults.server_error(request)
    if in_need:
        answer.status_code = errors.TryAgain.status
        answer["Retry-After"] = RETRY_AFTER
    return answer


def _at_most() -> Any:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
    return bi(f"除文件外，一次最多发送 {most} KiB。", f"Beside files, at most {most} KiB are taken at once.")


def _problem(error: errors.DomainError) -> HttpResponse:
    told = {"ensure_ascii": False}
    return JsonResponse(of_domain_error(error), status=error.status, content_type=CONTENT_TYPE, json_dumps_params=told)
