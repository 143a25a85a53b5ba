"""One clock, the database's; what is read together is of one moment."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from marketplace.common import clock
from marketplace.web.middleware import OneMoment

pytestmark = pytest.mark.django_db


def times(method: str) -> list[datetime]:
    """What the clock says to one request at its beginning and a moment later."""
    told: list[datetime] = []

    def view(request: HttpRequest) -> HttpResponse:
        for _ in range(2):
            told.append(clock.now())
            time.sleep(0.002)
        return HttpResponse()

    OneMoment(view)(RequestFactory().generic(method, "/"))
    return told


def test_the_clock_is_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)


def test_a_reading_request_is_of_one_moment_and_asks_for_it_once(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        first, second = times("GET")
    assert first == second
    assert clock.now() > second


def test_time_goes_on_within_a_request_that_changes_something() -> None:
    first, second = times("POST")
    assert first < second


def test_a_moved_clock_moves_within_one_moment_too() -> None:
    with clock.one_moment():
        first = clock.now()
        with clock.shifted(60):
            assert clock.now() - first == timedelta(seconds=60)
