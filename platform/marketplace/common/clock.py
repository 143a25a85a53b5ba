"""One clock for every rule: the database's, so that web, worker and sweeper agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))


def now() -> datetime:
    """The database's present time in UTC, plus the offset that only test settings allow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC) + _offset.get()


@contextmanager
def shifted(seconds: float) -> Iterator[None]:
    """Move this context's clock by some seconds; refused unless CLOCK_OFFSET_ALLOWED is set."""
    if not getattr(settings, "CLOCK_OFFSET_ALLOWED", False):
        raise ImproperlyConfigured("The clock may be moved only where CLOCK_OFFSET_ALLOWED is set.")
    token = _offset.set(_offset.get() + timedelta(seconds=seconds))
    try:
        yield
    finally:
        _offset.reset(token)
