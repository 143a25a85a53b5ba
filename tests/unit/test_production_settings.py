"""Production refuses to start with what must not reach it, and says what to change."""

import json
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
import json, os, sys
import celery, django.urls, environ, structlog  # what settings read in first, and by no environment

for env in json.load(sys.stdin):
    answers, end = os.pipe()
    if not os.fork():
        os.environ.clear()
        os.environ.update(env)
        for stream in (1, 2):
            os.dup2(end, stream)
        from django.conf import settings
        print(settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT, settings.DEMO_LOGINS, flush=True)
        os._exit(0)
    os.close(end)
    with os.fdopen(answers) as said:
        words = said.read()
    _, status = os.wait()
    print(json.dumps([status == 0, words]))
"""
REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "no key": ({"SECRET_KEY": None}, "Set the SECRET_KEY environment variable"),
    "a short key": ({"SECRET_KEY": "short"}, "at least 50 characters"),
    "the public key": (
        {"SECRET_KEY": "development-only-secret-that-production-refuses-to-start-with"},
        "the development secret is public",
    ),
    "debugging": ({"DEBUG": "1"}, "DEBUG must be off"),
    "an open line": ({"SITE_URL": "http://jinqiao.example"}, "must start with https://"),
    "no redirect": ({"SECURE_SSL_REDIRECT": "0"}, "must stay on"),
    "any host": ({"ALLOWED_HOSTS": "*"}, "must name the hosts"),
    "play money": ({"PAYMENT_GATEWAY": "sandbox"}, "pays nobody"),
    "no database": ({"DATABASE_URL": None}, "Set the DATABASE_URL environment variable"),
    "no broker": ({"REDIS_URL": None}, "Set the REDIS_URL environment variable"),
    "no origin": ({"LEDGER_ORIGIN": None}, "Set the LEDGER_ORIGIN environment variable"),
}
COMPLETE = "complete"


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[bool, str]]:
    """Whether settings are accepted, and what is said: each read by a process of its own, a fork of one that has the libraries."""
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "PATH": os.environ["PATH"]}
    changes = {COMPLETE: {}, **{name: change for name, (change, _) in REFUSED.items()}}
    sent = [{name: value for name, value in (GOOD | path | change).items() if value is not None} for change in changes.values()]
    done = subprocess.run([sys.executable, "-c", ASK], env=path, input=json.dumps(sent), capture_output=True, text=True, check=True)
    return dict(zip(changes, (tuple(json.loads(line)) for line in done.stdout.splitlines()), strict=True))


def test_complete_settings_are_accepted_and_strict(answers: dict[str, tuple[bool, str]]) -> None:
    assert answers[COMPLETE] == (True, "False True True False\n")


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_reach_production_is_refused_with_what_to_change(answers: dict[str, tuple[bool, str]], name: str) -> None:
    accepted, said = answers[name]
    assert not accepted
    assert REFUSED[name][1] in said
