"""Every address: pages in two languages, the API, sign-in over JSON, and what machines ask."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from marketplace.config import health
from marketplace.config.documentation import documentation
from marketplace.config.meanings import meanings
from marketplace.config.rooms import ByFirstWord, addresses

handler400 = "marketplace.config.refusals.unread"
handler404 = "marketplace.config.refusals.not_found"
handler500 = "marketplace.config.refusals.fault"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("_allauth/", include("allauth.headless.urls")),
    path("ledger/", include("ledger.app.urls")),
    ByFirstWord("api/v1/", "marketplace.config.api_urls"),
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("accounts/", include("allauth.urls")),
        path("api/v1/docs/", documentation, name="api-docs"),
        path("api/v1/problems/", meanings, name="api-problems"),
        path("api/v1/problems/<slug:code>/", meanings, name="api-problem"),
        path("", include("marketplace.web.urls")),
        *addresses("web"),
        prefix_default_language=False,
    ),
]
