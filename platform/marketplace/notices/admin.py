"""Notices in the read-only back office: that something was told and when, not what."""

from django.contrib import admin

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "topic", "organisation", "read_at")
    list_filter = ("topic",)
    list_select_related = ("organisation",)
    exclude = ("text_zh", "text_en", "path")
