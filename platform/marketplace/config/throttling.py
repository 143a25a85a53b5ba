"""Rates of the API. Counting is a courtesy to others, not a rule of the exchange: without Redis, reads and money go on."""

from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

if TYPE_CHECKING:  # REST framework reads its settings, and so this module, while it makes this class
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)


class PerAddress(AnonRateThrottle):
    """Counts strangers by their address; lets everybody through while Redis is away."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as trouble:
            log.warning("throttle_open", reason=type(trouble).__name__)
            return True


class PerPerson(UserRateThrottle):
    """Counts people by who they are; lets everybody through while Redis is away."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as trouble:
            log.warning("throttle_open", reason=type(trouble).__name__)
            return True
