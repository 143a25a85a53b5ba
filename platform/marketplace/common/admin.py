"""The back office reads: no write goes round the one door."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from marketplace.common.actor import actor_of


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """A list and a detail page without add, change or delete, for those offices that may read every row.

    It knows no regions: whoever holds an office for one region reads on the site's own pages, which do.
    """

    readers: ClassVar[frozenset[str]] = frozenset({"admin", "auditor"})
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        actor = actor_of(request)
        return actor.staff in self.readers and not actor.staff_region

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
