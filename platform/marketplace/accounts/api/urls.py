"""Addresses of accounts under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from marketplace.accounts.api import people
from marketplace.accounts.api.organisations import OrganisationViewSet

router = SimpleRouter()
router.register("organisations", OrganisationViewSet, basename="api-organisation")

urlpatterns = [
    path("me/", people.MeView.as_view(), name="api-me"),
    path("terms/", people.TermsView.as_view(), name="api-terms"),
    path("invitations/", people.InvitationsView.as_view(), name="api-invitations"),
    path("invitations/<uuid:pk>/", people.InvitationView.as_view(), name="api-invitation"),
    path("staff/", people.StaffView.as_view(), name="api-staff"),
    path("staff/<uuid:pk>/", people.AppointmentView.as_view(), name="api-appointment"),
    path("api-keys/", people.ApiKeysView.as_view(), name="api-keys"),
    path("api-keys/<uuid:pk>/", people.ApiKeyView.as_view(), name="api-key"),
    path("", include(router.urls)),
]
