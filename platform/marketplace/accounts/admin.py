"""Accounts in the back office: to look at, never to change."""

from django.contrib import admin

from marketplace.accounts.models import Affiliation, ApiKey, Consent, Membership, Organisation, Person, StaffAppointment
from marketplace.common.admin import ReadOnlyAdmin


class AccountsAdmin(ReadOnlyAdmin):
    readers = frozenset({"admin", "security", "auditor"})


@admin.register(Person)
class PersonAdmin(AccountsAdmin):
    list_display = ("email", "name", "language", "is_active", "created_at")
    search_fields = ("email", "name")
    exclude = ("password",)


@admin.register(Organisation)
class OrganisationAdmin(AccountsAdmin):
    list_display = ("name", "kind", "uscc", "region_code", "state", "due_at")
    list_filter = ("state", "kind")
    search_fields = ("name_zh", "name_en", "uscc")


@admin.register(Membership)
class MembershipAdmin(AccountsAdmin):
    list_display = ("organisation", "person", "roles", "created_at")
    list_select_related = ("organisation", "person")


@admin.register(StaffAppointment)
class StaffAppointmentAdmin(AccountsAdmin):
    list_display = ("person", "role", "region_code", "created_at", "ended_at")
    list_select_related = ("person",)


@admin.register(Affiliation)
class AffiliationAdmin(AccountsAdmin):
    list_display = ("first", "second", "created_at")
    list_select_related = ("first", "second")


@admin.register(ApiKey)
class ApiKeyAdmin(AccountsAdmin):
    list_display = ("name", "prefix", "organisation", "person", "scopes", "expires_at", "revoked_at")
    list_select_related = ("organisation", "person")
    exclude = ("sha256",)


@admin.register(Consent)
class ConsentAdmin(AccountsAdmin):
    list_display = ("person", "terms_version", "at")
    list_select_related = ("person",)
