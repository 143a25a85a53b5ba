"""The back office reads campaigns, pledges and payouts; an account number is never shown whole."""

from django.contrib import admin

from marketplace.common.admin import ReadOnlyAdmin
from marketplace.funding.models import BankAccount, Campaign, MatchingPool, Payout, Pledge


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("title", "organisation", "state", "minimum_fen", "optimum_fen", "held_fen", "captured_fen", "deadline")
    list_filter = ("state",)
    list_select_related = ("organisation",)


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyAdmin):
    list_display = ("id", "campaign", "organisation", "state", "fen", "captured_fen", "refunded_fen")
    list_filter = ("state",)
    list_select_related = ("campaign", "organisation")


@admin.register(MatchingPool)
class MatchingPoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "state", "ratio_bp", "campaign_cap_fen", "until")
    list_filter = ("state",)
    list_select_related = ("organisation",)


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ("reference", "organisation", "state", "fen", "purpose_kind", "gateway", "paid_at")
    list_filter = ("state", "gateway")
    list_select_related = ("organisation",)


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnlyAdmin):
    readers = frozenset({"finance", "auditor"})
    list_display = ("organisation", "bank_name", "masked", "frozen_until", "replaced_at")
    list_select_related = ("organisation",)
    exclude = ("number",)
