"""The log lines of each request: the address in them is the one that the proxies we know have seen."""

from typing import TYPE_CHECKING, Any

import structlog
from django_structlog.middlewares import RequestMiddleware
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from django.http import HttpRequest


class RequestLog(RequestMiddleware):
    """django_structlog's own, which otherwise believes every header that names an address."""

    @classmethod
    def bind_ip(cls, request: "HttpRequest") -> None:
        asked: Any = request  # it is asked for its headers alone, which a page's request has as the API's does
        structlog.contextvars.bind_contextvars(ip=BaseThrottle().get_ident(asked))
