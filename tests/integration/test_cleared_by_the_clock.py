"""What grows by use alone is cleared when its time is over, and not before."""

from datetime import datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from marketplace.accounts.tasks import purge_sessions
from marketplace.common import clock, idempotency
from marketplace.common.models import IdempotentAnswer
from marketplace.common.tasks import purge_answers
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def session(ends: datetime) -> str:
    """A session that ends then, with the row by which its owner sees it."""
    store = SessionStore()
    store.create()
    key = store.session_key
    assert key is not None
    Session.objects.filter(pk=key).update(expire_date=ends)
    UserSession.objects.create(user=accounts.member(accounts.organisation()), ip="192.0.2.1", session_key=key, user_agent="x")
    return key


def test_sessions_leave_with_their_rows_once_they_have_ended() -> None:
    now = clock.now()
    session(now - timedelta(seconds=1))
    living = session(now + timedelta(minutes=1))
    purge_sessions()
    assert list(Session.objects.values_list("pk", flat=True)) == [living]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [living]


def test_somebody_who_is_signed_in_stays_signed_in() -> None:
    client = Client()
    client.force_login(accounts.member(accounts.organisation()))
    assert client.get("/settings/").status_code == 200
    purge_sessions()
    assert client.get("/settings/").status_code == 200


def test_an_answer_is_replayed_for_thirty_days_and_then_forgotten() -> None:
    for key, days in (("old", 30), ("young", 29)):
        idempotency.once(actor_key="me", key=key, fingerprint=b"\1" * 32, run=lambda: (201, {}))
        IdempotentAnswer.objects.filter(key=key).update(created_at=clock.now() - timedelta(days=days))
    purge_answers()
    replayed = [idempotency.once(actor_key="me", key=key, fingerprint=b"\1" * 32, run=lambda: (201, {}))[2] for key in ("old", "young")]
    assert replayed == [False, True]
