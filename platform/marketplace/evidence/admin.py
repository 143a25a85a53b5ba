"""Certificates in the read-only back office: numbers and dates, never what was disclosed; deposits are their depositors' alone."""

from django.contrib import admin

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.evidence.models import Certificate


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ("number", "kind", "issued_at", "organisation", "asked_as")
    list_filter = ("kind",)
    list_select_related = ("organisation",)
    exclude = ("shown",)
