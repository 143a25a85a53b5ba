"""The addresses of the API, version 1: each feature's own, and the document that describes them."""

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView

from marketplace.config.rooms import addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *addresses("api"),
]
