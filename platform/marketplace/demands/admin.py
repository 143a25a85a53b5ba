"""Demands and bids in the read-only back office; sealed content and confidential fields never appear."""

from django.contrib import admin

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.demands.models import Bid, Demand


@admin.register(Demand)
class DemandAdmin(ReadOnlyAdmin):
    list_display = ("title", "organisation", "state", "mode", "deadline")
    list_filter = ("state", "mode")
    list_select_related = ("organisation",)
    search_fields = ("title_zh", "title_en", "ref")
    exclude = ("bid_wrapped_key", "bid_public_key", "search")


@admin.register(Bid)
class BidAdmin(ReadOnlyAdmin):
    list_display = ("id", "demand", "team", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("demand", "team")
    fields = ("id", "demand", "team", "organisation", "state", "commitment", "created_at")
    readonly_fields = fields
