"""Whether allauth asks our clock wherever it judges by time, and counts by it how often passwords are tried."""

from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.test import RequestFactory

from marketplace.accounts import allauth_clock
from marketplace.common import clock
from tests.factories.clocks import MINUTE, WRONG, machine_off_by

pytestmark = pytest.mark.django_db


def test_every_module_of_allauth_that_calls_the_time_is_given_our_clock() -> None:
    """What it stamps by `timezone.now()`, such as when a session was last seen, is shown and judges nothing."""
    folder = Path(allauth.__file__).parent
    asking = {
        ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for part in ("account", "core", "mfa", "usersessions")
        for path in (folder / part).rglob("*.py")
        if "time.time()" in path.read_text(encoding="utf-8")
    }
    assert asking == set(allauth_clock.READERS)


def test_wrong_passwords_are_forgotten_after_five_minutes_of_the_database_s(rf: RequestFactory) -> None:
    cache.clear()
    request, rate = rf.post("/"), {"login_failed": "2/5m/key"}
    for name, off in WRONG.items():
        counted: Any = {"app": "allauth.account", "action": "login_failed", "config": rate, "key": name}
        assert ratelimit.consume(request, **counted)  # on a machine that is right
        with machine_off_by(off):
            assert ratelimit.consume(request, **counted)
            assert not ratelimit.consume(request, **counted), name
            with clock.shifted(5 * MINUTE + 1):
                assert ratelimit.consume(request, **counted), name
