from collections.abc import Iterator

import pytest
from django.utils.translation import override

from marketplace.web import navigation
from marketplace.web.navigation import Door


@pytest.fixture(autouse=True)
def _some_doors_in_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(navigation, "leads_somewhere", lambda path: "nowhere" not in path)
    with override("zh-hans"):
        yield


def test_a_door_that_leads_nowhere_is_not_shown() -> None:
    shown = navigation.links([Door("/here/", "Here"), Door("/nowhere/", "Nowhere")], at="/")
    assert [link.href for link in shown] == ["/here/"]


def test_the_room_one_stands_in_is_marked_on_every_page_of_it() -> None:
    shown = navigation.links([Door("/demands/", "Demands"), Door("/teams/", "Teams")], at="/demands/7/")
    assert [link.current for link in shown] == [True, False]


def test_doors_keep_the_language_of_the_page() -> None:
    with override("en"):
        assert navigation.links([Door("/teams/", "Teams")], at="/en/teams/")[0].href == "/en/teams/"


def test_the_rail_marks_the_nearest_door_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "RAIL", (Door("/house/", "House"), Door("/house/room/", "Room")))
    current = [link.href for link in navigation.rail(at="/house/room/7/", organisation_kind="university") if link.current]
    assert current == ["/house/room/"]


@pytest.mark.parametrize(
    ("kind", "office", "shown", "hidden"),
    [
        ("company", None, "/imports/", "/payouts/"),
        ("university", None, "/payouts/", "/bank-statements/"),
        ("funder", None, "/campaigns/", "/imports/"),
        ("platform", "finance", "/payouts/", "/wallet/"),
    ],
)
def test_the_rail_shows_each_role_its_own_rooms(kind: str, office: str | None, shown: str, hidden: str) -> None:
    hrefs = [link.href for link in navigation.rail(at="/", organisation_kind=kind, office=office)]
    assert shown in hrefs
    assert hidden not in hrefs


def test_an_office_of_one_region_has_no_door_to_what_is_of_all_regions() -> None:
    whole, regional = (
        {link.href for link in navigation.rail(at="/", organisation_kind=None, office="finance", region=of)} for of in (None, "13")
    )
    assert whole - regional == {"/payment-orders/", "/bank-statements/"}
