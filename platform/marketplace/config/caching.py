"""The cache in Redis, by clients that are made once: Django makes one for every question, which costs more than to ask it."""

import hashlib
from functools import cached_property
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import NoScriptError

# A list of moments, the newest first: those that are too old leave it, and the new one enters where fewer than so many are left.
COUNT = """
local now, within, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and tonumber(oldest) <= now - within do
  redis.call('RPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], -1)
end
if redis.call('LLEN', KEYS[1]) >= most then return oldest or ARGV[1] end
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return false
"""
_COUNT_SHA1 = hashlib.sha1(COUNT.encode(), usedforsecurity=False).hexdigest()  # Redis knows a script by this name


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

    def count(self, key: str, *values: float) -> Any:
        client, sent = self.get_client(key, write=True), (1, key, *map(repr, values))
        try:
            return client.evalsha(_COUNT_SHA1, *sent)
        except NoScriptError:  # the first time, or Redis has begun anew
            return client.eval(COUNT, *sent)


class Cache(RedisCache):
    """Django's own, with clients that are kept, and with counting by one question."""

    def count(self, key: str, *, at: float, within: int, most: int) -> float | None:
        """Count this moment if fewer than `most` were counted `within` so many seconds: else the oldest of those. All in one step."""
        oldest = self._cache.count(self.make_and_validate_key(key), at, within, most)
        return None if oldest is None else float(oldest)

    @cached_property
    def _cache(self) -> _KeptClients:
        return _KeptClients(self._servers, **self._options)  # type: ignore[attr-defined]  # as above
