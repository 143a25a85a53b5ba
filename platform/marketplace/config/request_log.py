"""The log lines of each request: the address in them is the one that the proxies we know have seen."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.http import StreamingHttpResponse
from django_structlog.middlewares.request import RequestMiddleware, logger
from rest_framework.throttling import BaseThrottle
from structlog.contextvars import bind_contextvars, clear_contextvars

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class RequestLog(RequestMiddleware):
    """django_structlog's own lines, without asking settings for what is never set, or who else would add to them: nobody does.

    Its own would believe every header that names an address; a visitor chooses no id either.
    """

    def prepare(self, request: "HttpRequest") -> None:
        asked: Any = request  # it is asked for its headers alone, which a page's request has as the API's does
        bind_contextvars(request_id=str(uuid4()), ip=BaseThrottle().get_ident(asked))
        logger.info("request_started", request=self.format_request(request), user_agent=request.META.get("HTTP_USER_AGENT"))

    def handle_response(self, request: "HttpRequest", response: "HttpResponseBase") -> None:
        if hasattr(request, "_raised_exception") or isinstance(response, StreamingHttpResponse):
            super().handle_response(request, response)  # type: ignore[arg-type]  # it asks for less than it says
            return
        self.bind_user_id(request)
        level = self._log_level_for_status_code(response.status_code)
        logger.log(level, "request_finished", code=response.status_code, request=self.format_request(request))
        clear_contextvars()
