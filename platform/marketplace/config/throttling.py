"""Rates of the API. Counting is a courtesy to others, not a rule of the exchange: without Redis, reads and money go on."""

from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

if TYPE_CHECKING:  # REST framework reads its settings, and so this module, while it makes this class
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)


class _Counted(SimpleRateThrottle):
    """Counts by one question to Redis, where REST framework asks twice and two who ask at once are counted as one.

    Lets everybody through while Redis is away.
    """

    cache_format = "rate_%(scope)s_%(ident)s"
    duration: int
    num_requests: int
    oldest: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        key = self.get_cache_key(request, view)
        if self.rate is None or key is None:
            return True
        cache: Any = self.cache  # ours: see caching
        self.now = self.timer()
        try:
            self.oldest = cache.count(key, at=self.now, within=self.duration, most=self.num_requests)
        except RedisError as trouble:
            log.warning("throttle_open", reason=type(trouble).__name__)
        return self.oldest is None

    def wait(self) -> float | None:
        """Seconds until the oldest of those that fill the rate is no longer counted."""
        return None if self.oldest is None else self.oldest + self.duration - self.now


class PerAddress(_Counted, AnonRateThrottle):
    """Counts strangers by their address."""


class PerPerson(_Counted, UserRateThrottle):
    """Counts people by who they are."""
