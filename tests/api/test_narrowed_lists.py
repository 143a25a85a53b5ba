"""Lists are narrowed by the state, the phase or the kind asked for, and a value that is none finds no row."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from marketplace.notices.services import telling
from tests.factories.crowd import copies
from tests.factories.world import World

pytestmark = pytest.mark.django_db

# Who asks, which list, by which column, and what is found by each value.
NARROWED = (
    ("company", "campaigns", "state", {"draft": ["campaign.draft"], "open": ["campaign.open"], "closed": []}),
    ("bidder", "bids", "state", {"sealed": ["bid.sealed"], "opened": ["bid.bidder"], "selected": []}),
    ("funder", "pledges", "state", {"cooling_off": ["pledge"], "firm": []}),
    ("funder", "pools", "state", {"open": ["pool"], "closed": []}),
    ("finance", "line-decisions", "state", {"proposed": ["line_decision"], "booked": []}),
    # A payment order is made at once and stays as it is: it has one state, and two forms.
    ("finance", "payment-orders", "form", {"pain001": ["payment_order"], "csv": []}),
    ("finance", "payouts", "state", {"requested": ["payout"], "settled": []}),
    ("company", "agreements", "state", {"negotiating": ["agreement.negotiating"], "active": ["agreement.active"], "completed": []}),
    ("winner", "milestones", "state", {"under_review": ["milestone"], "released": []}),
    ("winner", "revenue-reports", "state", {"reported": ["revenue"], "distributed": []}),
    ("winner", "imports", "phase", {"uploaded": ["import"], "failed": []}),
    ("winner", "imports", "kind", {"achievements": ["import"], "demands": []}),
)


def found(world: World, role: str, address: str) -> list[str]:
    answer = world.client(role).get(f"/api/v1/{address}")
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return sorted(row["id"] for row in answer.json()["results"])


@pytest.mark.parametrize(("role", "name", "column", "expected"), NARROWED)
def test_a_list_shows_the_rows_with_the_value_asked_for(
    world: World, role: str, name: str, column: str, expected: dict[str, list[str]]
) -> None:
    for value, names in expected.items():
        assert found(world, role, f"{name}/?{column}={value}") == sorted(str(world.objects[one].pk) for one in names), value
    everything = set(found(world, role, f"{name}/"))
    assert everything == set(found(world, role, f"{name}/?{column}="))
    assert everything >= {str(world.objects[one].pk) for names in expected.values() for one in names}


@pytest.mark.parametrize(("role", "name", "column", "_"), NARROWED)
@pytest.mark.parametrize("wrong", ["no_such_value", "%00", "DRAFT'--"])
def test_a_value_that_is_none_finds_no_row(world: World, role: str, name: str, column: str, _: object, wrong: str) -> None:
    assert found(world, role, f"{name}/?{column}={wrong}") == []


def test_an_object_is_found_at_its_address_whatever_state_is_asked_for(world: World) -> None:
    answer = world.client("company").get(f"/api/v1/agreements/{world.objects['agreement.active'].pk}/?state=negotiating")
    assert (answer.status_code, answer.json()["state"]) == (200, "active")


def test_unread_notices_are_those_before_they_are_marked_as_read(world: World) -> None:
    notice = str(world.objects["notice"].pk)
    assert notice in found(world, "company", "notices/?unread=true")
    telling.notices_read(actor=world.actor("company"))
    assert found(world, "company", "notices/?unread=true") == []
    assert notice in found(world, "company", "notices/")


def test_the_pages_of_a_narrowed_list_stay_narrowed(world: World) -> None:
    copies(world.objects["import"], 4)
    copies(world.objects["import"], 4, kind="demands")
    whole = found(world, "winner", "imports/?kind=demands")
    seen, address = [], "/api/v1/imports/?kind=demands&page_size=3"
    while address:
        page = world.client("winner").get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert (len(seen), sorted(seen)) == (4, whole)


def test_every_way_to_narrow_is_in_the_openapi_document() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    known = {(path, one["name"]) for path, item in paths.items() for one in item.get("get", {}).get("parameters", ())}
    assert {(f"/api/v1/{name}/", column) for _, name, column, _ in NARROWED} | {("/api/v1/notices/", "unread")} <= known


@pytest.mark.parametrize("column", ["q", "state", "mode", "region_code", "industry_code"])
def test_demands_take_any_value_without_failing(world: World, column: str) -> None:
    assert found(world, "company", f"demands/?{column}=%00") == []
    assert world.client("company").get(f"/demands/?{column}=%00").status_code == 200
