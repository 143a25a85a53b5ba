"""The addresses of the API, version 1: each feature's own, and the document that describes them."""

from django.urls import URLPattern, URLResolver, path

from marketplace.config.documentation import ApiDocument
from marketplace.config.rooms import addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", ApiDocument.as_view(), name="api-schema"),
    *addresses("api"),
]
