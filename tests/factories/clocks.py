"""A process whose machine has a wrong clock, while the database's is right."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from django.contrib.auth import tokens
from django.utils import timezone

MINUTE = 60
# What a rule has to bear: five minutes either way, and a step of an hour back.
WRONG = {"five minutes ahead": 5 * MINUTE, "five minutes behind": -5 * MINUTE, "set back by an hour": -60 * MINUTE}


@contextmanager
def machine_off_by(seconds: int) -> Iterator[None]:
    """Within, this process's machine is so many seconds ahead, or behind.

    Moved is what `time.time()`, `time.time_ns()`, Django's `timezone.now()` and its links that set a password ask; our rules ask it in
    no way (tests/architecture).
    """
    right, right_ns = time.time, time.time_ns

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # Self is for those who go on with it
            return datetime.now(tz) + timedelta(seconds=seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: right() + seconds)
        patch.setattr(time, "time_ns", lambda: right_ns() + seconds * 10**9)
        patch.setattr(timezone, "now", lambda: Moved.now(UTC))
        patch.setattr(tokens, "datetime", Moved)
        yield
