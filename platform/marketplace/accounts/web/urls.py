"""Pages of accounts: allauth's own, restyled, under /account/; the organisation's and the keys'."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
]
