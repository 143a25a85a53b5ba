"""Erase: forget a private value for good; what was committed stays provable, and tells nothing any more."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import router, transaction

from ledger.app import models
from ledger.app.services.recording import Intent, Subject, record_many
from ledger.engine import canonical

ERASED = "ledger.erased"


def erase(value: Any, *, at: datetime, actor: UUID | str | None = None) -> int:
    """Delete every disclosure of exactly this value with its salt, and record that it was done; return how many.

    A value inside another (one field of a sealed body) is not found by itself: use `erase_objects` for those.
    """
    wanted = canonical.encode(canonical.normalise(value))
    return _erase(models.Disclosure.objects.filter(value=wanted), at=at, actor=actor)


def erase_objects(kind: str, ids: Collection[UUID], *, at: datetime, actor: UUID | str | None = None) -> int:
    """Delete every disclosure of these objects' entries, bodies of sealed ones included, and record it; return how many."""
    intents = models.Subject.objects.filter(kind=kind, object_id__in=ids).values("id")
    return _erase(models.Disclosure.objects.filter(intent_id__in=intents), at=at, actor=actor)


def _erase(found: Iterable[models.Disclosure], *, at: datetime, actor: UUID | str | None) -> int:
    """The same few statements however much is found."""
    with transaction.atomic(using=router.db_for_write(models.Disclosure)):
        labels: dict[UUID, list[str]] = {}
        gone = []
        for one in found:
            labels.setdefault(one.intent_id, []).append(one.label)
            gone.append(one.pk)
        objects: dict[Subject, list[UUID]] = {}
        for row in models.Subject.objects.filter(id__in=labels):
            objects.setdefault(Subject(row.kind, row.object_id, row.public), []).append(row.id)
        models.Disclosure.objects.filter(pk__in=gone).delete()
        told = []
        for subject, intents in objects.items():
            body = {"entries": [{"id": intent, "labels": sorted(labels[intent])} for intent in sorted(intents)]}
            told.append(Intent(id=uuid4(), type=ERASED, subject=subject, actor=actor, at=at, body=body))
        record_many(told)
        return len(gone)
