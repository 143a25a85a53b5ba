"""The addresses of every feature: what stands in `<feature>/web/urls.py` and `<feature>/api/urls.py` is found, not listed again."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any, Literal

from django.conf import settings
from django.urls import ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

OURS = "marketplace."
HEAD = re.compile(r"\^?([a-z0-9-]+)/")  # with which a route begins, or a router's expression


def addresses(side: Literal["web", "api"]) -> list[URLPattern | URLResolver]:
    """Return the pages or the API addresses of each installed feature that has any, from the lowest layer to the highest."""
    features = [app for app in settings.INSTALLED_APPS if app.startswith(OURS)]
    return [path("", include(f"{feature}.{side}.urls")) for feature in features if _has_addresses(f"{feature}.{side}")]


def _has_addresses(package: str) -> bool:
    spec = find_spec(package)
    return bool(spec and spec.submodule_search_locations and find_spec(f"{package}.urls"))


class ByFirstWord(URLResolver):
    """Addresses under a prefix, of which only those are tried that begin with the word that the one asked for begins with."""

    def __init__(self, prefix: str, module: str) -> None:
        super().__init__(RoutePattern(prefix, is_endpoint=False), module)
        self._prefix = prefix

    def resolve(self, path: Any) -> ResolverMatch:
        word = str(path).removeprefix(self._prefix).partition("/")[0]
        small = self._by_word.get(word)
        return small.resolve(path) if small else super().resolve(path)

    @cached_property
    def _by_word(self) -> dict[str, URLResolver]:
        every = [(_head(one), one) for one in _flat(self.url_patterns)]
        return {
            word: URLResolver(RoutePattern(self._prefix, is_endpoint=False), [one for head, one in every if head in (word, None)])
            for word in {head for head, _ in every if head}
        }


def _flat(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[URLPattern | URLResolver]:
    """The addresses in their order, with those of an inclusion that adds nothing to them in its place."""
    for one in patterns:
        bare = isinstance(one, URLResolver) and not (str(one.pattern) or one.namespace or one.app_name or one.default_kwargs)
        yield from _flat(one.url_patterns) if isinstance(one, URLResolver) and bare else [one]


def _head(pattern: URLPattern | URLResolver) -> str | None:
    """The word before the first stroke; None where it may be any."""
    found = HEAD.match(str(pattern.pattern))
    return found[1] if found else None
