"""The cache in Redis, by clients that are made once: Django makes one for every question, which costs more than to ask it."""

from functools import cached_property
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _KeptClients(RedisCacheClient):
    """A client takes a connection from its pool for each command and gives it back, so that threads may share it."""

    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, **options)
        self._kept: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]  # the stubs know the class by its commands alone
        if pool not in self._kept:
            self._kept[pool] = super().get_client(key, write=write)
        return self._kept[pool]


class Cache(RedisCache):
    """Django's own, with clients that are kept."""

    @cached_property
    def _cache(self) -> _KeptClients:
        return _KeptClients(self._servers, **self._options)  # type: ignore[attr-defined]  # as above
