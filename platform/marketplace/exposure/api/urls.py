"""Addresses of exposure under /api/v1/."""

from django.urls import path

from marketplace.exposure.api.views import ExposureView

urlpatterns = [path("exposure/", ExposureView.as_view(), name="api-exposure")]
