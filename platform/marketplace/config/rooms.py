"""The addresses of every feature: what stands in `<feature>/web/urls.py` and `<feature>/api/urls.py` is found, not listed again."""

from importlib.util import find_spec
from typing import Literal

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

OURS = "marketplace."


def addresses(side: Literal["web", "api"]) -> list[URLPattern | URLResolver]:
    """Return the pages or the API addresses of each installed feature that has any, from the lowest layer to the highest."""
    features = [app for app in settings.INSTALLED_APPS if app.startswith(OURS)]
    return [path("", include(f"{feature}.{side}.urls")) for feature in features if _has_addresses(f"{feature}.{side}")]


def _has_addresses(package: str) -> bool:
    spec = find_spec(package)
    return bool(spec and spec.submodule_search_locations and find_spec(f"{package}.urls"))
