"""Production refuses to start with what must not reach it, and says what to change."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.prod",
    "SECRET_KEY": "k9" * 40,
    "SITE_URL": "https://jinqiao.example",
    "ALLOWED_HOSTS": "jinqiao.example",
    "DATABASE_URL": "postgres://app:x@db/jinqiao",
    "REDIS_URL": "redis://redis:6379/0",
    "LEDGER_ORIGIN": "jinqiao.example/ledger",
    "OPENER_PUBLIC_KEY": "0" * 64,
}
ASK = """
from django.conf import settings
print(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT, settings.DEMO_LOGINS)
"""


def settings_with(**changes: str | None) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "PATH": os.environ["PATH"]}
    env = {name: value for name, value in (GOOD | path | changes).items() if value is not None}
    return subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=False)


def test_complete_settings_are_accepted_and_strict() -> None:
    done = settings_with()
    assert done.stdout == "False True True False\n", done.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": None}, "Set the SECRET_KEY environment variable"),
        ({"SECRET_KEY": "short"}, "at least 50 characters"),
        ({"SECRET_KEY": "development-only-secret-that-production-refuses-to-start-with"}, "the development secret is public"),
        ({"DEBUG": "1"}, "DEBUG must be off"),
        ({"SITE_URL": "http://jinqiao.example"}, "must start with https://"),
        ({"SECURE_SSL_REDIRECT": "0"}, "must stay on"),
        ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
        ({"PAYMENT_GATEWAY": "sandbox"}, "pays nobody"),
        ({"DATABASE_URL": None}, "Set the DATABASE_URL environment variable"),
        ({"REDIS_URL": None}, "Set the REDIS_URL environment variable"),
        ({"LEDGER_ORIGIN": None}, "Set the LEDGER_ORIGIN environment variable"),
    ],
)
def test_what_must_not_reach_production_is_refused_with_what_to_change(changes: dict[str, str | None], words: str) -> None:
    done = settings_with(**changes)
    assert done.returncode != 0
    assert words in done.stderr
