"""Digests in the read-only back office: that one was made and when, not of what."""

from django.contrib import admin

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.interests.models import Digest


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "kind", "due_at", "mailed_at")
    list_filter = ("kind",)
    exclude = ("name", "interest", "membership")
