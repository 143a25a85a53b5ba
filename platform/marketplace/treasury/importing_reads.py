"""Reads of statements on their way in and of mappings. Callers have checked permission."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from marketplace.common.errors import NotFound
from marketplace.treasury.models import BankStatement, StatementImport, StatementMapping, StatementPhase


def statement_imports() -> QuerySet[StatementImport]:
    """Every file that was looked at, newest first, without its bytes."""
    return StatementImport.objects.defer("content").select_related("mapping").order_by("-created_at", "-id")


def open_imports() -> QuerySet[StatementImport]:
    """Files that are to be confirmed, being booked, or stopped."""
    return statement_imports().filter(phase__in=(StatementPhase.PREVIEWED, StatementPhase.RUNNING, StatementPhase.FAILED))


def statement_import(id: UUID | str) -> StatementImport:
    """One file on its way in; NotFound."""
    found = statement_imports().filter(pk=id).first()
    if found is None:
        raise NotFound
    return found


def sample(run: StatementImport) -> list[dict[str, Any]]:
    """The file's first lines as they were read, with their moments."""
    return [{**line, "booked_at": datetime.fromisoformat(line["booked_at"])} for line in run.sample]


def imported_before(run: StatementImport) -> BankStatement | None:
    """The statement that these very bytes made before, if they did."""
    return BankStatement.objects.filter(sha256=run.sha256).first()


def mappings() -> QuerySet[StatementMapping]:
    """Every mapping by its name."""
    return StatementMapping.objects.order_by("name", "id")


def mapping(id: UUID | str) -> StatementMapping:
    """One mapping; NotFound."""
    found = StatementMapping.objects.filter(pk=id).first()
    if found is None:
        raise NotFound
    return found
