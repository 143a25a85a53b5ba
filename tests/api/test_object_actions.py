"""Each object lists the actions that its caller may take, and the list is the truth: what is offered can be done, nothing else can."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from marketplace.common.ids import uuid7
from marketplace.workflow.models import Stateful
from tests.factories import bodies
from tests.factories.world import World

BODIES: dict[str, Any] = yaml.load((Path(__file__).parent / "permissions.yaml").read_bytes(), Loader=yaml.CSafeLoader)["bodies"]
# Enough for every move whose body the table does not know.
REASON = {"reason": "理由", "note": "说明"}
# What takes more than a body: somebody's question, which nobody has asked.
UNASKED = {"answer"}
ROLES = ("company", "winner", "funder", "reviewer", "finance")
PLACES = {
    "achievement": "achievements", "agreement": "agreements", "bid": "bids", "campaign": "campaigns", "demand": "demands",
    "expert": "experts", "line_decision": "line-decisions", "milestone": "milestones", "organisation": "organisations", "payout": "payouts",
    "pledge": "pledges", "pool": "pools", "revenue": "revenue-reports", "team": "teams",
}  # fmt: skip


def moved(world: World) -> list[tuple[str, Stateful]]:
    """Every object of the world that requests can move, by its name; a payment file, for one, is made at once and then only read."""
    rows = [(name, row) for name, row in world.objects.items() if isinstance(row, Stateful) and name != "unknown"]
    return [(name, row) for name, row in rows if row.machine.name in PLACES]


def properties(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found = document["components"]["schemas"][name] if name else schema
    return set(found.get("properties", {}))


def test_every_object_that_can_be_moved_shows_its_actions() -> None:
    generator: Any = SchemaGenerator()
    document = generator.get_schema(request=None, public=True)
    movable = [path.removesuffix("actions/{move}/") for path in document["paths"] if path.endswith("/actions/{move}/")]
    assert {path.split("/")[3] for path in movable} == set(PLACES.values())
    for path in movable:
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert "actions" in properties(document, schema), path


def body_for(world: World, name: str, obj: Stateful, action: str) -> tuple[bytes, str]:
    """The body that the permission matrix asks with, of this object or another of its kind; else a reason."""
    known = BODIES.get(f"api/v1/{PLACES[obj.machine.name]}/<pk>/actions/<move>/", {})
    own = known.get(f"POST {name} {action}")
    others = (body for cell, body in known.items() if cell.split()[-1] == action)
    return bodies.sent(world, own or next(others, REASON))


@pytest.mark.prove
@pytest.mark.parametrize("role", ROLES)
def test_what_is_offered_can_be_done_and_nothing_else(world: World, role: str, at_size: Callable[[int, int], int], seed: int) -> None:
    client, wrong, offered_at_all = world.client(role), [], 0
    chance = random.Random(f"{seed} {role}")
    for name, obj in moved(world):
        place = f"/api/v1/{PLACES[obj.machine.name]}/{obj.pk}/"
        shown = client.get(place)
        offers = {one["action"]: one for one in shown.json()["actions"]} if shown.status_code == 200 else {}
        offered_at_all += len(offers)
        others = sorted({move.action for move in obj.machine.moves} - offers.keys())
        for action in [*offers, *chance.sample(others, min(len(others), at_size(1, 99)))]:
            with transaction.atomic():
                headers = {"Idempotency-Key": str(uuid7())}
                body, kind = body_for(world, name, obj, action)
                answer = client.generic("POST", f"{place}actions/{action}/", body, content_type=kind, headers=headers)
                transaction.set_rollback(True)
            offer = offers.get(action)
            if offer is not None and (
                offer["href"] != f"{place}actions/{action}/" or (offer["allowed"] and answer.status_code != 200 and action not in UNASKED)
            ):
                wrong.append(f"{name} offers {role} {action}, but it answers {answer.status_code} {answer.json()}")
            if answer.status_code == 200 and not (offer and offer["allowed"]):
                wrong.append(f"{name} does not offer {role} {action}, but it can be done")
    assert not wrong, "\n".join(wrong)
    assert offered_at_all > 0
