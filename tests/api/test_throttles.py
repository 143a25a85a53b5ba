"""How often one may ask: the rates that hold where nobody sets others, and that nobody escapes them by naming another address."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from marketplace.config import throttling
from marketplace.config.settings import api
from tests.factories import accounts

STRANGERS, PEOPLE = 120, 600
ADDRESS, ELSEWHERE = "203.0.113.7", "203.0.113.8"
PATH = "/api/v1/terms/"


@pytest.fixture(autouse=True)
def _counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in life: with the classes and rates of the base settings, and nothing counted so far."""
    throttles = [throttling.PerAddress, throttling.PerPerson]
    assert [f"{each.__module__}.{each.__name__}" for each in throttles] == api.REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"]
    monkeypatch.setattr(APIView, "throttle_classes", throttles)
    for each in throttles:
        monkeypatch.setattr(each, "THROTTLE_RATES", api.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": f"throttles-{uuid4()}"}}


def statuses(times: int, client: Client, **headers: str) -> set[int]:
    return {client.get(PATH, headers=headers).status_code for _ in range(times)}


@pytest.mark.django_db
def test_the_stranger_who_asks_once_too_often_is_told_when_to_come_back() -> None:
    stranger = Client(REMOTE_ADDR=ADDRESS)
    assert statuses(STRANGERS, stranger) == {200}
    refused = stranger.get(PATH, headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Content-Type"] == "application/problem+json"
    assert 0 < int(refused["Retry-After"]) <= 60
    assert Client(REMOTE_ADDR=ELSEWHERE).get(PATH).status_code == 200


@pytest.mark.django_db
def test_another_name_in_the_forwarding_header_is_no_other_address() -> None:
    stranger = Client(REMOTE_ADDR=ADDRESS)
    for number in range(STRANGERS):
        stranger.get(PATH, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert stranger.get(PATH, headers={"X-Forwarded-For": "198.51.100.250"}).status_code == 429


@pytest.mark.django_db
def test_behind_our_own_proxy_the_address_that_it_saw_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    behind = Client(REMOTE_ADDR="10.0.0.1")
    for number in range(STRANGERS):
        behind.get(PATH, headers={"X-Forwarded-For": f"198.51.100.{number}, {ADDRESS}"})
    assert behind.get(PATH, headers={"X-Forwarded-For": f"198.51.100.250, {ADDRESS}"}).status_code == 429
    assert behind.get(PATH, headers={"X-Forwarded-For": f"198.51.100.250, {ELSEWHERE}"}).status_code == 200


@pytest.mark.django_db
def test_whoever_is_signed_in_is_counted_by_person_and_not_by_address() -> None:
    person, other = accounts.person(), accounts.person()
    first, second = Client(REMOTE_ADDR=ADDRESS), Client(REMOTE_ADDR=ADDRESS)
    first.force_login(person)
    second.force_login(other)
    assert statuses(STRANGERS + 1, first) == {200}
    now = throttling.PerPerson.timer()
    for _ in range(PEOPLE - STRANGERS - 1):
        assert caches["default"].count(f"rate_user_{person.pk}", at=now, within=60, most=PEOPLE) is None
    assert first.get(PATH).status_code == 429
    assert second.get(PATH).status_code == 200


def test_a_moment_is_counted_for_as_long_as_was_said_and_a_refusal_is_not_counted() -> None:
    key = f"rate-{uuid4()}"

    def counted(at: float) -> float | None:
        oldest: float | None = caches["default"].count(key, at=at, within=60, most=2)
        return oldest

    assert [counted(at) for at in (100.25, 130.5, 159.9, 160.2)] == [None, None, 100.25, 100.25]
    assert [counted(at) for at in (160.25, 190.4, 190.5, 190.6)] == [None, 130.5, None, 160.25]


def test_it_is_counted_also_where_redis_has_forgotten_how() -> None:
    caches["default"]._cache.get_client(write=True).script_flush()
    assert caches["default"].count(f"rate-{uuid4()}", at=1.0, within=60, most=1) is None
