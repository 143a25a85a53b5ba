"""The API does what its OpenAPI document says, whoever asks: schemathesis asks, and every answer is undone.

An id in an address is a real object's wherever there is one, so that the answers are more than 404.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from marketplace.common.ids import uuid7
from tests.factories.world import World

ROLES = (
    "anonymous", "unverified", "company", "bidder", "winner", "funder", "reviewer", "finance", "auditor", "security", "admin", "key",
)  # fmt: skip
PROMISES = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
OBJECTS = {
    "achievements": ("achievement.published", "achievement.draft"),
    "api-keys": ("api_key",),
    "agreements": ("agreement.active", "agreement.negotiating"),
    "bank-accounts": ("bank_account",),
    "bank-statements": ("statement",),
    "bids": ("bid.bidder", "bid.sealed"),
    "campaigns": ("campaign.open", "campaign.draft"),
    "demands": ("demand.open", "demand.draft", "demand.evaluating", "demand.awarded"),
    "deposits": ("deposit.kept", "deposit.own"),
    "digests": ("digest",),
    "experts": ("expert.published", "expert.draft"),
    "imports": ("import",),
    "interests": ("interest",),
    "invitations": ("invitation",),
    "line-decisions": ("line_decision",),
    "matches": ("judgement",),
    "milestones": ("milestone",),
    "organisations": ("organisation.verified", "organisation.unverified"),
    "payment-orders": ("payment_order",),
    "payouts": ("payout",),
    "pledges": ("pledge",),
    "pools": ("pool",),
    "revenue-reports": ("revenue",),
    "signing-keys": ("signing_key",),
    "staff": ("appointment",),
    "statement-imports": ("statement_import",),
    "statement-mappings": ("statement_mapping",),
    "teams": ("team.published", "team.draft"),
}
PARAMETERS = {"person_id": "person", "line_id": "line", "question": "question"}
"""What stands for a parameter that is not the object's own id."""
SHIPPED = {"lexicon": "72c071a0-7697-5c47-9ab3-ea1ac650a644"}
"""What comes with the program: the entry of 锂电池."""


def document() -> dict[str, Any]:
    """The document as it is served; a body with a file is multipart, whatever else the parser would take."""
    made: dict[str, Any] = json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True)))
    schemas = made["components"]["schemas"]
    with_file = {name for name, schema in schemas.items() if '"binary"' in json.dumps(schema)}
    for path in made["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {})
            if any(f'/{name}"' in json.dumps(content) for name in with_file):
                content.pop("application/json", None)
    # Of the milestone's bodies only the one with the file: the generator cannot choose between files and plain values.
    made["components"]["schemas"]["MilestoneActionInputRequest"] = {"$ref": "#/components/schemas/DeliverInputRequest"}
    return made


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    return [found.ok() for found in schemathesis.openapi.from_dict(document()).get_all_operations()]


def aim(world: World, case: Any, turn: int) -> None:
    """Put real ids into the address: of each kind of object another one each time."""
    kind = case.path.split("/")[3]
    for name in case.path_parameters or {}:
        known = OBJECTS.get(kind, ()) if name == "id" else (PARAMETERS[name],) if name in PARAMETERS else ()
        if name == "id" and kind in SHIPPED:
            case.path_parameters[name] = SHIPPED[kind]
        elif known:
            case.path_parameters[name] = str(world.objects[known[turn % len(known)]].pk)


def ask(world: World, role: str, case: Any) -> schemathesis.Response:
    """Send the case in the role's name and undo what it did."""
    sent = requests.Request(**case.as_transport_kwargs("http://testserver")).prepare()
    client = world.client(role)
    headers = {name: value for name, value in sent.headers.items() if name not in ("X-Session-Token", "Authorization", "Cookie")}
    with transaction.atomic():
        answer = client.generic(
            case.method,
            sent.path_url,
            sent.body or b"",
            content_type=sent.headers.get("Content-Type", ""),
            headers={**headers, "Idempotency-Key": str(uuid7())},
        )
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    told = {name: [value] for name, value in answer.items()}
    return schemathesis.Response(answer.status_code, told, content, sent, elapsed=0.0, verify=False)


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_one_that_the_document_names(
    world: World, operations: list[Any], role: str, at_size: Callable[[int, int], int], seed: int
) -> None:
    broken = []
    # In the small size each role asks every second operation, so that each is asked by every second role; the seed says which.
    step, examples = at_size(2, 1), at_size(1, 25)
    for operation in operations[(seed + ROLES.index(role)) % step :: step]:
        turn = seed

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def keeps_its_promises(case: Any) -> None:
            nonlocal turn
            turn += 1
            aim(world, case, turn)
            case.validate_response(ask(world, role, case), checks=list(PROMISES))

        try:
            keeps_its_promises()
        except Exception as fault:  # noqa: BLE001 - all faults of a role are told at once
            broken.append(f"{operation.label}\n{fault}")
    assert not broken, "\n\n".join(broken)


def test_every_kind_of_object_that_an_address_names_has_a_real_one(operations: list[Any]) -> None:
    kinds = {operation.path.split("/")[3] for operation in operations if "{id}" in operation.path}
    assert (kinds - OBJECTS.keys() - SHIPPED.keys(), (OBJECTS.keys() | SHIPPED.keys()) - kinds) == (set(), set())
