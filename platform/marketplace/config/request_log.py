"""The log lines of each request: the address in them is the one that the proxies we know have seen."""

from typing import TYPE_CHECKING

import structlog
from django_structlog.middlewares import RequestMiddleware
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from django.http import HttpRequest


class RequestLog(RequestMiddleware):
    """django_structlog's own, which otherwise believes every header that names an address."""

    @classmethod
    def bind_ip(cls, request: "HttpRequest") -> None:
        structlog.contextvars.bind_contextvars(ip=BaseThrottle().get_ident(request))
