"""Every route of the platform, as the URL resolver knows it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver
from django.utils.translation import override

PAGE_METHODS = frozenset({"GET", "POST"})
_REGEX_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One address with `<names>` where its parameters stand, and the methods it answers."""

    path: str
    methods: frozenset[str]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(\w+)>", self.path)

    def filled(self, values: Iterable[object]) -> str:
        """The address with these values for its parameters, in order."""
        given = iter(values)
        return "/" + re.sub(r"<\w+>", lambda _: str(next(given)), self.path)


def every_route() -> list[Route]:
    """All of them, one entry per address, as Chinese has them: whatever language a test before left, no `en/` stands in front."""
    found: dict[str, frozenset[str]] = {}
    with override("zh-hans"):
        for path, pattern in _walk(get_resolver().url_patterns):
            found[path] = found.get(path, frozenset()) | _methods(pattern.callback)
    return [Route(path, methods) for path, methods in found.items()]


def owners() -> dict[str, str]:
    """The module of the view behind every address."""
    with override("zh-hans"):
        return {path: pattern.callback.__module__ for path, pattern in _walk(get_resolver().url_patterns)}


def every_list() -> list[str]:
    """The API's addresses that answer with rows."""
    with override("zh-hans"):
        found = list(_walk(get_resolver().url_patterns))
    return sorted({path for path, pattern in found if (getattr(pattern.callback, "actions", None) or {}).get("get") == "list"})


def _walk(patterns: Iterable[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + _plain(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield path, pattern
        else:
            yield from _walk(pattern.url_patterns, path)


def _plain(pattern: str) -> str:
    named = _CONVERTER.sub(r"<\1>", _REGEX_GROUP.sub(r"<\1>", pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")))
    return named.replace("\\", "")


def _methods(view: Any) -> frozenset[str]:
    if actions := getattr(view, "actions", None):
        # The view adds HEAD to its own table once it has been asked: the same answer as GET.
        return frozenset(name.upper() for name in actions if name != "head")
    shape = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if shape is None:
        return PAGE_METHODS
    return frozenset(name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(shape, name))
