"""Agreements in the read-only back office; keys and texts never appear."""

from django.contrib import admin

from marketplace.agreements.models import Agreement, Milestone, RevenueReport
from marketplace.common.admin import ReadOnlyAdmin


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ("id", "company", "university", "state", "price_fen", "signed_at")
    list_filter = ("state", "contract_type")
    list_select_related = ("company", "university")
    exclude = ("document", "statement", "terms_zh", "terms_en")


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    list_display = ("agreement", "ordinal", "state", "fen", "deliver_by")
    list_filter = ("state",)


@admin.register(RevenueReport)
class RevenueReportAdmin(ReadOnlyAdmin):
    list_display = ("agreement", "period_from", "period_to", "state", "shared_fen")
    list_filter = ("state",)
