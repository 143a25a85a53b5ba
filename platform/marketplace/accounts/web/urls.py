"""Pages of accounts; sign-in itself is allauth's, restyled by the templates beside."""

from django.urls import path

from marketplace.accounts.web import organisation, settings

urlpatterns = [
    path("terms/", settings.terms_page, name="terms"),
    path("settings/", settings.account, name="account_settings"),
    path("settings/erase/", settings.erase, name="account_erase"),
    path("settings/keys/", settings.api_keys, name="api-keys"),
    path("settings/keys/<uuid:pk>/revoke/", settings.revoke, name="api-key-revoke"),
    path("organisation/", organisation.home, name="organisation"),
    path("organisation/new/", organisation.new, name="organisation-new"),
    path("organisation/choose/", organisation.choose, name="organisation-choose"),
    path("organisation/invite/", organisation.invite, name="organisation-invite"),
    path("organisation/invitations/<uuid:pk>/", organisation.answer, name="invitation-answer"),
    path("organisation/members/<uuid:pk>/remove/", organisation.remove, name="member-remove"),
    path("organisations/", organisation.listing, name="organisations"),
    path("organisations/<uuid:pk>/", organisation.profile, name="organisation-profile"),
    path("organisations/<uuid:pk>/actions/<slug:action>/", organisation.OrganisationAction.as_view(), name="organisation-act"),
]
