"""Lists come in pages that cost the same everywhere, lose nothing and repeat nothing while rows are added."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.demands.models import Question
from tests.factories.world import World

# The best k, by score; what two conditions take out; the newest letters, in the demonstration alone; as much as one payment file takes;
# fifty versions of a table at a time, before a given one; the latest fifty learned mixes.
NO_PAGES = {
    "/api/v1/matches/", "/api/v1/matches/conditions/", "/api/v1/demo/mail/", "/api/v1/payment-orders/waiting/", "/api/v1/lexicon/versions/",
    "/api/v1/matches/mixes/",
}  # fmt: skip


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def test_every_list_of_the_api_comes_in_pages() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    lists, pages = set(), set()
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        shape = resolved(document, content["schema"]) if content else {}
        lists |= {path} if shape.get("type") == "array" else set()
        pages |= {path} if {"next", "previous", "results"} <= set(shape.get("properties", {})) else set()
    assert lists == NO_PAGES
    assert {"/api/v1/demands/", "/api/v1/demands/{id}/questions/", "/api/v1/staff/", "/api/v1/organisations/{id}/members/"} <= pages


def asked(world: World, count: int) -> list[str]:
    now, shared = clock.now(), {"demand": world.objects["demand.open"], "organisation": world.organisations["bidder"]}
    rows = [Question(id=uuid7(), text=f"{n}?", asked_at=now + timedelta(seconds=n), **shared) for n in range(count)]
    return [str(row.pk) for row in Question.objects.bulk_create(rows)]


@pytest.mark.django_db
def test_pages_lose_and_repeat_nothing_while_rows_are_added(world: World) -> None:
    first = str(world.objects["question"].pk)
    ids = [first, *asked(world, 24)]
    client, seen = Client(), []
    address = f"/api/v1/demands/{world.objects['demand.open'].pk}/questions/?page_size=10"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
        asked(world, 1)
    assert seen == sorted(ids, reverse=True)


@pytest.mark.django_db
@pytest.mark.parametrize(("wanted", "given"), [("1", 1), ("100", 100), ("101", 100), ("0", 20), ("many", 20)])
def test_a_page_has_one_to_a_hundred_rows(world: World, wanted: str, given: int) -> None:
    asked(world, 120)
    answer = Client().get(f"/api/v1/demands/{world.objects['demand.open'].pk}/questions/", {"page_size": wanted})
    assert len(answer.json()["results"]) == given
