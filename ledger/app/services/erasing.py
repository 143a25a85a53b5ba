"""Erase: forget a private value for good; what was committed stays provable, and tells nothing any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import router, transaction

from ledger.app import models
from ledger.app.services.recording import Subject, record
from ledger.engine import canonical

ERASED = "ledger.erased"


def erase(value: Any, *, at: datetime, actor: UUID | str | None = None) -> int:
    """Delete every disclosure of exactly this value with its salt, and record that it was done; return how many.

    A value inside another (one field of a sealed body) is not found by itself: use `erase_object` for those.
    """
    wanted = canonical.encode(canonical.normalise(value))
    return _erase(models.Disclosure.objects.filter(value=wanted), at=at, actor=actor)


def erase_object(kind: str, id: UUID, *, at: datetime, actor: UUID | str | None = None) -> int:
    """Delete every disclosure of an object's entries, bodies of sealed ones included, and record it; return how many."""
    ids = models.Subject.objects.filter(kind=kind, object_id=id).values("id")
    return _erase(models.Disclosure.objects.filter(intent_id__in=ids), at=at, actor=actor)


def _erase(found: Iterable[models.Disclosure], *, at: datetime, actor: UUID | str | None) -> int:
    with transaction.atomic(using=router.db_for_write(models.Disclosure)):
        labels: dict[UUID, list[str]] = {}
        for one in found:
            labels.setdefault(one.intent_id, []).append(one.label)
        objects: dict[Subject, list[UUID]] = {}
        for row in models.Subject.objects.filter(id__in=labels):
            objects.setdefault(Subject(row.kind, row.object_id, row.public), []).append(row.id)
        for intent, gone in labels.items():
            models.Disclosure.objects.filter(intent_id=intent, label__in=gone).delete()
        for subject, intents in objects.items():
            body = {"entries": [{"id": intent, "labels": sorted(labels[intent])} for intent in sorted(intents)]}
            record(id=uuid4(), type=ERASED, subject=subject, actor=actor, at=at, body=body)
        return sum(map(len, labels.values()))
