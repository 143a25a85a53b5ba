"""One clock for every rule: the database's, so that web, worker and sweeper agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import DateTimeField, Func

from marketplace.common import prepared

_offset: ContextVar[timedelta] = ContextVar("clock_offset", default=timedelta(0))
_kept: ContextVar[list[datetime] | None] = ContextVar("clock_kept", default=None)


def now() -> datetime:
    """The database's present time in UTC, plus the offset that only test settings allow."""
    kept = _kept.get()
    if kept is None:
        return _asked() + _offset.get()
    if not kept:
        kept.append(_asked())
    return kept[0] + _offset.get()


class Reading(Func):
    """The clock as a column, so that it is read with a row and need not be asked by itself: see `of`."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def of(reading: datetime) -> datetime:
    """The present time by a reading that was just taken; within one moment it is that moment, or begins it."""
    kept = _kept.get()
    if kept is None:
        return reading + _offset.get()
    if not kept:
        kept.append(reading)
    return kept[0] + _offset.get()


@contextmanager
def one_moment() -> Iterator[None]:
    """Inside, the time is asked once and stands still: what is read together is of one moment.

    A change begins its moment only when its rows are locked, since it may have waited for them.
    """
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def _asked() -> datetime:
    with prepared.kept_cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


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
