"""Addresses of certificates and deposits under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.evidence.api import views

router = SimpleRouter()
router.register("deposits", views.DepositViewSet, basename="api-deposit")

urlpatterns = [
    path("evidence/<slug:kind>/<uuid:object_id>/", views.EvidenceView.as_view(), name="api-evidence"),
    path("certificates/<slug:number>/", views.CertificateView.as_view(), name="api-certificate"),
    path("certificates/<slug:number>/zip/", views.CertificateZipView.as_view(), name="api-certificate-zip"),
    path("certificates/<slug:number>/pdf/", views.CertificatePdfView.as_view(), name="api-certificate-pdf"),
    path("timestamps/", views.TimestampsView.as_view(), name="api-timestamps"),
    *router.urls,
]
