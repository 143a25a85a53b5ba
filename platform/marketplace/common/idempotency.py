"""One caller's key does its work once: the answer is stored in the transaction that did it."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from marketplace.common import clock, prepared
from marketplace.common.errors import BadRequest, Conflict, Invalid
from marketplace.common.models import IdempotentAnswer
from marketplace.common.text import bi

Answer = tuple[int, Any]
_stored = prepared.Prepared(lambda actor_key, key: IdempotentAnswer.objects.filter(actor_key=actor_key, key=key)[:1], str, str)
KEPT = timedelta(days=30)


class KeyMissing(BadRequest):
    code = "idempotency_key_missing"
    title = bi(
        "请在请求头中提供 Idempotency-Key（每次操作一个新的随机值）",
        "Send an Idempotency-Key header: one new random value for each operation",
    )


class KeyInUse(Conflict):
    code = "idempotency_key_in_use"
    title = bi(
        "相同的请求正在处理，请稍后用同一个键重试",
        "The same request is being worked on: try again with the same key in a moment",
    )


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    title = bi(
        "此 Idempotency-Key 已用于另一个请求，请换一个新值",
        "This Idempotency-Key was used for another request: use a new one",
    )


def once(*, actor_key: str, key: str, fingerprint: bytes, run: Callable[[], Answer], wait: bool = False) -> tuple[int, Any, bool]:
    """Run and store the answer, or replay the stored one: (status, body, replayed).

    The work and its answer commit together; the answer is kept for KEPT. Raises KeyInUse while a twin runs (409), KeyReused
    for the same key with another fingerprint (422). Answers of 5xx are not stored: they raise.
    With `wait` the twin is waited for instead (within the database's lock timeout): for pages,
    where a second click should be shown what the first one did.
    """
    with transaction.atomic():
        if not _lock(actor_key, key, wait=wait):
            raise KeyInUse
        stored = _stored.first(actor_key, key)
        if stored is not None:
            if bytes(stored.fingerprint) != fingerprint:
                raise KeyReused
            return stored.status, stored.body, True
        status, body = run()
        answer = IdempotentAnswer(actor_key=actor_key, key=key, fingerprint=fingerprint, status=status, body=body, created_at=clock.now())
        prepared.insert([answer])
        return status, body, False


def purge_old() -> int:
    """Forget the answers older than KEPT, so that the table does not grow for ever; returns how many."""
    gone, _ = IdempotentAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return gone


def _lock(actor_key: str, key: str, *, wait: bool) -> bool:
    digest = hashlib.sha256(f"{actor_key}\0{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with prepared.kept_cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (mine,) = cursor.fetchone()
    return bool(mine)
