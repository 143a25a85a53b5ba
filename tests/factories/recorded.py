"""Intents recorded through the ledger's own door, for tests that commit."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from ledger.app import services as ledger

MOMENT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def record(*, kind: str = "demand", object_id: UUID | None = None, public: bool = True, **changes: Any) -> UUID:
    """Commit one intent and return its id."""
    fields = {"id": uuid4(), "type": "demand.published", "actor": UUID(int=1), "at": MOMENT, "body": {"title": "需求"}, **changes}
    with transaction.atomic():
        ledger.record(subject=ledger.Subject(kind, object_id or uuid4(), public), **fields)
    return fields["id"]
