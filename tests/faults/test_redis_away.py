"""Without Redis the exchange goes on: requests are not counted, readiness says so, nothing else is lost."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from redis.exceptions import ConnectionError as RedisAway
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import AnonRateThrottle

from marketplace.config import throttling
from marketplace.config.devstack import ports


@pytest.fixture
def no_redis(settings: Any) -> None:
    dead = {**settings.CACHES["default"], "LOCATION": f"redis://{ports.LOOPBACK}:{ports.free()}/0"}
    settings.CACHES = {"default": dead}
    with pytest.raises(RedisAway):
        caches["default"].get("anything")


@pytest.fixture
def counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling.PerAddress, "THROTTLE_RATES", {"anon": "2/min"})
    monkeypatch.setattr(throttling.PerAddress, "cache", caches["default"])


def allowed(times: int) -> list[bool]:
    request: Any = APIRequestFactory().get("/", REMOTE_ADDR="203.0.113.9")
    request.user = None
    return [throttling.PerAddress().allow_request(request, None) for _ in range(times)]  # type: ignore[arg-type]


def test_requests_are_counted_while_redis_is_there(counted: None) -> None:
    assert allowed(3) == [True, True, False]


def test_requests_pass_uncounted_while_redis_is_away(no_redis: None, counted: None) -> None:
    assert allowed(3) == [True, True, True]


def test_the_frameworks_own_throttle_would_have_refused_everything(no_redis: None, counted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling.PerAddress, "allow_request", AnonRateThrottle.allow_request)
    with pytest.raises(RedisAway):
        allowed(1)


@pytest.mark.django_db
def test_readiness_names_redis_and_nothing_else(no_redis: None) -> None:
    parts = Client().get("/readyz").json()["parts"]
    assert {name for name, words in parts.items() if words != "ok"} == {"redis"}
