"""The addresses of the API, version 1: each feature's own, and the document that describes them."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from marketplace.config.rooms import exists

FEATURES = ("accounts", "treasury", "catalogue", "demands", "funding", "agreements", "notices", "insights", "desk")


def api_of(features: tuple[str, ...]) -> list[URLPattern | URLResolver]:
    """Return the API addresses of each feature that has any."""
    modules = [f"marketplace.{feature}.api.urls" for feature in features]
    return [path("", include(module)) for module in modules if exists(module)]


urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *api_of(FEATURES),
]
