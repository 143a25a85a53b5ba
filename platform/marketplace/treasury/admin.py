"""The books in the back office: to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.treasury.models import (
    Account,
    BankStatement,
    LineDecision,
    PaymentOrder,
    StatementImport,
    StatementLine,
    StatementMapping,
    Transfer,
)


class BooksAdmin(ReadOnlyAdmin):
    readers = frozenset({"finance", "auditor"})


class FilesAdmin(BooksAdmin):
    """Rows that hold a file's bytes, which are neither shown nor read."""

    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")


@admin.register(Account)
class AccountAdmin(BooksAdmin):
    list_display = ("kind", "owner_id", "posted_in", "posted_out", "pending_in", "pending_out")
    list_filter = ("kind",)


@admin.register(Transfer)
class TransferAdmin(BooksAdmin):
    list_display = ("created_at", "code", "kind", "fen", "source", "target", "group_id")
    list_filter = ("kind",)
    list_select_related = ("source", "target")


@admin.register(BankStatement)
class BankStatementAdmin(BooksAdmin):
    list_display = ("name", "created_at", "lines_known", "sha256")


@admin.register(StatementLine)
class StatementLineAdmin(BooksAdmin):
    list_display = ("bank_line_id", "booked_at", "direction", "fen", "matched_kind")
    list_filter = ("direction",)


@admin.register(PaymentOrder)
class PaymentOrderAdmin(FilesAdmin):
    list_display = ("number", "form", "payments", "fen", "created_at", "sha256")
    list_filter = ("form",)


@admin.register(LineDecision)
class LineDecisionAdmin(BooksAdmin):
    list_display = ("line", "kind", "state", "organisation", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("line", "organisation")


@admin.register(StatementMapping)
class StatementMappingAdmin(BooksAdmin):
    list_display = ("name", "encoding", "date_format", "kept_at")


@admin.register(StatementImport)
class StatementImportAdmin(FilesAdmin):
    list_display = ("name", "phase", "handled", "total", "created_at")
    list_filter = ("phase",)
