"""Every list of the pages leads on to the last of its rows, in both languages, and back again."""

import html
import re
from collections.abc import Iterator

import pytest
from django.test import RequestFactory

from marketplace.accounts.models import Organisation
from marketplace.agreements.models import Agreement
from marketplace.catalogue.models import ImportRun
from marketplace.common.ids import uuid7
from marketplace.notices.models import Notice
from marketplace.web.paging import LAST_PAGE, paged
from tests.factories import accounts
from tests.factories.crowd import copies
from tests.factories.world import World

pytestmark = pytest.mark.django_db
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]*)">', page)
    return html.unescape(found[1]) if found else ""


def pages(world: World, role: str, address: str, query: str = "") -> Iterator[str]:
    """Every page of a list, by its links; each but the first leads back to the one before."""
    client, before = world.client(role), None
    while True:
        answer = client.get(f"{address}{query}")
        assert answer.status_code == 200, f"{address}{query}: {answer.status_code}"
        page = answer.content.decode()
        yield page
        back = link(page, "prev")
        assert (client.get(f"{address}{back}").content != answer.content) if back else before is None
        if not (following := link(page, "next")):
            return
        before, query = query, following.partition("#")[0]


def ids(shown: list[str], pattern: str) -> list[str]:
    return [one for page in shown for one in re.findall(pattern, page)]


@pytest.mark.parametrize("language", ["", "/en"])
def test_agreements_go_on_behind_the_fiftieth(world: World, language: str) -> None:
    demands = copies(world.objects["demand.awarded"], 60, ref="")
    made = copies(world.objects["agreement.negotiating"], 60, demand_id=lambda place: demands[place].pk)
    parties = list(world.objects["agreement.negotiating"].parties.all())
    for party in parties:
        copies(party, 60, agreement_id=lambda place: made[place].pk)
    shown = list(pages(world, "company", f"{language}/agreements/"))
    assert len(shown) == 2
    assert ids(shown, rf'<th scope="row"><a href="({UUID})/"') == [
        str(pk) for pk in Agreement.objects.order_by("-id").values_list("pk", flat=True)
    ]
    assert ("Next" in shown[0], "下一页" in shown[0]) == (bool(language), not language)


@pytest.mark.parametrize("language", ["", "/en"])
def test_imports_go_on_behind_the_twentieth(world: World, language: str) -> None:
    copies(world.objects["import"], 45)
    shown = list(pages(world, "winner", f"{language}/imports/"))
    assert len(shown) == 3
    assert ids(shown, rf'href="{language}/imports/({UUID})/"') == [
        str(pk) for pk in ImportRun.objects.order_by("-pk").values_list("pk", flat=True)
    ]


@pytest.mark.parametrize("language", ["", "/en"])
def test_organisations_go_on_and_keep_the_words_searched_for(world: World, language: str) -> None:
    new = {"uscc": lambda _: accounts.credit_code()}
    copies(world.objects["organisation.verified"], 120, **new, name_zh="翻页机械", name_en="Turning Pages")
    shown = list(pages(world, "anonymous", f"{language}/organisations/", "?q=翻页机械"))
    wanted = Organisation.objects.filter(name_zh="翻页机械").order_by("-id")
    assert len(shown) == 3
    assert ids(shown, rf'href="{language}/organisations/({UUID})/"') == [str(row.pk) for row in wanted]


def test_a_reviewer_reaches_every_organisation_that_waits(world: World) -> None:
    copies(world.objects["organisation.unverified"], 70, uscc=lambda _: accounts.credit_code(), state="submitted")
    shown = list(pages(world, "reviewer", "/organisations/"))
    assert len(set(ids(shown, rf'href="/organisations/({UUID})/"'))) == Organisation.objects.filter(state="submitted").count() == 70


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_questions_of_a_demand_go_on_behind_the_fiftieth(world: World, language: str) -> None:
    demand = world.objects["demand.open"]
    copies(world.objects["question"], 69, text=lambda place: f"问题{place:03d}？")
    shown = list(pages(world, "anonymous", f"{language}/demands/{demand.pk}/"))
    assert len(shown) == 2
    assert sorted(ids(shown, r"<b>(问题\d+)？</b>")) == [f"问题{place:03d}" for place in range(69)]
    assert link(shown[0], "next").endswith("?page=2#questions")


@pytest.mark.parametrize("language", ["", "/en"])
def test_notices_go_on_behind_the_fiftieth(world: World, language: str) -> None:
    copies(world.objects["notice"], 60, event_id=lambda _: uuid7(), path=lambda place: f"/demands/?n={place}")
    shown = list(pages(world, "company", f"{language}/notices/"))
    wanted = Notice.objects.filter(organisation=world.organisations["company"]).order_by("-id")
    assert len(shown) == 2
    assert ids(shown, r'<th scope="row"><a href="[^"]*?n=(\d+)"') == [row.path.partition("=")[2] for row in wanted if "=" in row.path]


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "9" * 30, "", "%00"])
def test_a_page_that_is_none_is_the_first_or_empty_and_never_fails(world: World, page: str, language: str) -> None:
    for role, address in (("company", "agreements/"), ("winner", "imports/"), ("anonymous", "organisations/")):
        assert world.client(role).get(f"{language}/{address}?page={page}").status_code == 200


def test_the_last_page_leads_no_further(world: World) -> None:
    rows = Organisation.objects.order_by("id")
    _, links = paged(RequestFactory().get("/", {"page": LAST_PAGE + 1}), rows, size=1)
    assert links == {"previous_url": f"?page={LAST_PAGE - 1}", "next_url": ""}
    first, links = paged(RequestFactory().get("/"), rows, size=1)
    assert (len(first), links) == (1, {"previous_url": "", "next_url": "?page=2"})
