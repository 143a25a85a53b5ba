"""The database's clock for what allauth judges by time: codes of a second factor, confirmations, sign-ins under way, links, rates.

By itself it asks the machine. A web process whose clock was set back by an hour would take codes that somebody saw an hour ago and
an old confirmation for a fresh one; one that is five minutes off would refuse every right code, and one that is ahead
would forget wrong passwords at once.
"""

import time
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone

from marketplace.common import clock

# Every module of its accounts, second factors, sessions and rates that calls `time.time()`; a test holds this list against its files.
READERS = (
    "allauth.account.internal.flows.code_verification",
    "allauth.account.internal.flows.login",
    "allauth.account.internal.flows.password_reset_by_code",
    "allauth.account.internal.flows.reauthentication",
    "allauth.account.internal.stagekit",
    "allauth.account.models",
    "allauth.core.internal.ratelimit",
    "allauth.mfa.internal.flows.trust",
    "allauth.mfa.recovery_codes.internal.auth",
    "allauth.mfa.totp.internal.auth",
)


def install() -> None:
    """From now on these ask our clock, and so do the links that set a password."""
    # How long somebody waits for another's count is of no clock.
    ours = SimpleNamespace(time=lambda: clock.now().timestamp(), monotonic=time.monotonic, sleep=time.sleep)
    for name in READERS:
        import_module(name).__dict__["time"] = ours
    # The hook that Django keeps for it.
    PasswordResetTokenGenerator._now = _without_a_zone  # type: ignore[assignment,method-assign]  # noqa: SLF001


def _without_a_zone(generator: PasswordResetTokenGenerator) -> datetime:
    """The time as these links have always told it, so that those on their way stay good."""
    return timezone.make_naive(clock.now(), timezone.get_default_timezone())
