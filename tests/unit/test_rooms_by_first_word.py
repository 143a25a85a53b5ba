"""Addresses of the API are found by their first word: the same view with the same parameters as by trying all of them in turn."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern

from marketplace.config.rooms import ByFirstWord
from tests import routes

PREFIX, MODULE = "api/v1/", "marketplace.config.api_urls"


def found(resolver: URLResolver, path: str) -> tuple[Any, ...] | None:
    try:
        match = resolver.resolve(path)
    except Resolver404:
        return None
    return match.func, match.args, match.kwargs, match.url_name, match.route, match.namespaces


def test_every_address_is_the_one_that_all_in_turn_would_give() -> None:
    plain, quick = URLResolver(RoutePattern(PREFIX, is_endpoint=False), MODULE), ByFirstWord(PREFIX, MODULE)
    paths = [route.filled([uuid4()] * 9).removeprefix("/") for route in routes.every_route() if route.path.startswith(PREFIX)]
    assert len(paths) > 90
    answers = {path: found(plain, path) for path in paths}
    assert sum(answer is not None for answer in answers.values()) > 90
    assert {path: found(quick, path) for path in paths} == answers


@pytest.mark.parametrize("path", ["api/v1/", "api/v1/nothing/", "api/v1/pledges", "api/v1/pledges/x/y/", "api/v2/pledges/"])
def test_what_nobody_has_is_not_found(path: str) -> None:
    assert found(ByFirstWord(PREFIX, MODULE), path) is None


def test_only_those_with_the_word_are_tried() -> None:
    quick = ByFirstWord(PREFIX, MODULE)
    match = quick.resolve("api/v1/pledges/")
    assert len(match.tried or []) < 4
