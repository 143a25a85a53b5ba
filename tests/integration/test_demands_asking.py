"""Who is led to ask a poster, about what, and that no question is lost."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement
from marketplace.common import clock, outbox
from marketplace.demands import selectors
from marketplace.demands.models import Question
from marketplace.demands.services.signals import signals
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


@pytest.fixture
def home() -> Organisation:
    return accounts.organisation("company")


def test_only_a_verified_owner_is_led_from_published_supply_to_the_posters_of_others_demands(home: Organisation, client: Client) -> None:
    demand, own = demands.demand(), demands.demand(home)
    offer, draft = (catalogue.achievement(home, title_zh="低温钠离子电池", published=published) for published in (True, False))
    outbox.relay()
    client.force_login(home.memberships.order_by("id")[0].person)

    def led(thing: Achievement) -> tuple[bool, ...]:
        page = client.get(f"/achievements/{thing.pk}/").content.decode()
        assert f"/demands/{demand.pk}/" in page
        return tuple(f"/demands/{one.pk}/ask/" in page for one in (demand, own))

    assert (led(offer), led(draft)) == ((True, False), (False, False))
    assert 'ask/"' in client.get(f"/demands/{demand.pk}/").content.decode()
    Organisation.objects.filter(pk=home.pk).update(state="suspended")
    assert led(offer) == (False, False)
    assert 'ask/"' not in client.get(f"/demands/{demand.pk}/").content.decode()
    lost = client.post(f"/demands/{demand.pk}/ask/", {"text": "负极用什么？"})
    assert (lost.status_code, "负极用什么？" in lost.content.decode(), demand.questions.count()) == (403, True, 0)


def test_a_question_may_be_about_the_newest_of_each_kind_and_what_is_named_at_the_cost_of_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "MOST_OFFERED", 2)
    demand, offer = demands.demand(), catalogue.achievement()
    school = offer.organisation
    team, at = catalogue.team(school), f"/demands/{demand.pk}/ask/"
    client.force_login(school.memberships.order_by("id")[0].person)

    def offered(address: str) -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as queries:
            form = client.get(address).content.decode()
        values = re.findall(r'<option value="(?:achievement|team)-([^"]+)', form)
        return values, sum("catalogue_" in query["sql"] for query in queries)

    assert offered(at) == ([str(offer.pk), str(team.pk)], 2)
    newer = [[str(add(school).pk) for _ in range(2)][::-1] for add in (catalogue.achievement, catalogue.team)]
    assert offered(at) == ([*newer[0], *newer[1]], 2)
    assert offered(f"{at}?achievement={offer.pk}") == ([str(offer.pk), *newer[0], *newer[1]], 3)


def test_a_row_about_supply_that_is_not_the_asker_s_teaches_nothing(home: Organisation) -> None:
    asked = {"demand": demands.demand(home), "text": "？", "asked_at": clock.now()}
    offer, other = catalogue.achievement(), catalogue.team()
    for organisation in (offer.organisation, other.organisation):
        Question.objects.create(**asked, organisation=organisation, achievement=offer)
        Question.objects.create(**asked, organisation=organisation, team=other)
    assert sorted((one.corpus, dict(one.grades)) for one in signals()) == [("achievement", {offer.pk: 1}), ("team", {other.pk: 1})]
    Question.objects.filter(organisation__in=[offer.organisation], achievement=offer).delete()
    assert [one.corpus for one in signals()] == ["team"]
