"""Supply in the read-only back office."""

from django.contrib import admin

from marketplace.catalogue.models import Achievement, Expert, ImportRun, Team
from marketplace.common.admin import ReadOnlyAdmin


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "state", "region_code")
    list_filter = ("state",)
    list_select_related = ("organisation",)
    search_fields = ("name_zh", "name_en", "ref")
    exclude = ("search",)


@admin.register(Expert)
class ExpertAdmin(ReadOnlyAdmin):
    list_display = ("person", "organisation", "state", "region_code")
    list_filter = ("state",)
    list_select_related = ("organisation", "person")
    exclude = ("search",)


@admin.register(Achievement)
class AchievementAdmin(ReadOnlyAdmin):
    list_display = ("title", "organisation", "ref", "state", "declared")
    list_filter = ("state", "declared")
    list_select_related = ("organisation",)
    search_fields = ("title_zh", "title_en", "ref")
    exclude = ("search",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "organisation", "phase", "total", "created", "updated", "unchanged", "bad")
    list_filter = ("phase", "kind")
    list_select_related = ("organisation",)
    exclude = ("tree",)
