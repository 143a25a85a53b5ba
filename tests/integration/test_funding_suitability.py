"""Who may fund: an institution that has answered the questionnaire, well enough and not too long ago."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.common.errors import Forbidden, Invalid
from marketplace.funding import errors, suitability
from marketplace.funding.models import Pledge, Suitability
from marketplace.funding.services import assessing, pledging
from marketplace.treasury.models import Transfer
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.treasury import funded_wallet

pytestmark = pytest.mark.django_db


def stranger() -> Organisation:
    """A funder with money and without answers."""
    made = accounts.organisation("funder")
    funded_wallet(100_000, made.pk)
    return made


def test_the_answers_are_kept_with_their_version_points_and_a_years_validity() -> None:
    who = stranger()
    made = funding.assessed(who, experience="little")
    assert (made.version, made.points, made.suitable) == (suitability.VERSION, 21, True)
    assert made.answers["experience"] == "little"
    assert made.valid_until - made.answered_at == timedelta(days=365)
    assert made.answered_by == accounts.actor_for(who).person_id


@pytest.mark.parametrize(
    ("answers", "points", "suitable"),
    [
        ({"experience": "little", "horizon": "short", "share": "large"}, 15, True),
        ({"experience": "little", "horizon": "short", "share": "large", "source": "managed"}, 14, False),
        ({"source": "borrowed"}, 20, False),
        ({"loss": "none"}, 20, False),
        ({"understanding": "returns"}, 20, False),
    ],
)
def test_too_few_points_or_one_excluding_answer_is_not_suitable(answers: dict[str, str], points: int, suitable: bool) -> None:
    made = funding.assessed(stranger(), **answers)
    assert (made.points, made.suitable) == (points, suitable)


def test_an_old_version_and_an_open_question_are_refused_with_the_question() -> None:
    actor = accounts.actor_for(stranger())
    with pytest.raises(Invalid) as refused:
        assessing.suitability_answer(actor=actor, version=suitability.VERSION, answers={"source": "own", "loss": "all"})
    assert set(refused.value.fields) == {"loss", "experience", "horizon", "share", "understanding"}
    with pytest.raises(Invalid) as refused:
        assessing.suitability_answer(actor=actor, version="2020-1", answers={})
    assert set(refused.value.fields) == {"version"}


def test_only_a_financial_institutions_own_people_answer_for_it() -> None:
    for actor in (accounts.actor_for(accounts.organisation("company")), accounts.actor_for(stranger(), roles=["member"])):
        with pytest.raises(Forbidden):
            assessing.suitability_answer(actor=actor, version=suitability.VERSION, answers={})


def test_without_a_valid_answer_nothing_is_pledged_and_the_way_to_it_is_told() -> None:
    who = stranger()
    campaign = funding.campaign([who])
    actor = accounts.actor_for(who)
    with pytest.raises(errors.NotSuitable) as refused:
        pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000)
    assert refused.value.extra["href"] == "/suitability/"
    funding.assessed(who, source="borrowed")
    with pytest.raises(errors.NotSuitable):
        pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000)
    made = funding.assessed(who)
    assert funding.pledge(campaign, who, 50_000).suitability_id == made.pk


def test_an_answer_that_runs_out_between_intent_and_confirmation_no_longer_counts() -> None:
    funder = funding.funder(100_000)
    campaign, actor = funding.campaign([funder]), accounts.actor_for(funder)
    intent = pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000)
    last, now = Suitability.objects.get(), clock.now()
    Suitability.objects.create(
        organisation=funder,
        version=last.version,
        answers=last.answers,
        points=24,
        suitable=True,
        answered_at=now,
        valid_until=now + timedelta(microseconds=1),
    )
    before = Transfer.objects.count()
    with pytest.raises(errors.NotSuitable):
        perform("confirm", intent, actor, **funding.accepted(campaign))
    assert Transfer.objects.count() == before


def test_the_database_refuses_a_pledge_without_an_assessment_and_a_changed_answer(monkeypatch) -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    unsuitable = funding.assessed(funder, source="borrowed")
    monkeypatch.setattr("marketplace.funding.services.assessing.must_be_suitable", lambda organisation_id: unsuitable)
    with pytest.raises(IntegrityError), transaction.atomic():
        funding.pledge(campaign, funder, 50_000)
    assert not Pledge.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Suitability.objects.filter(pk=unsuitable.pk).update(suitable=True)


def test_the_page_asks_before_the_first_pledge_and_leads_back_to_the_campaign() -> None:
    who = stranger()
    campaign = funding.campaign([who])
    client = Client()
    client.force_login(who.memberships.order_by("id")[0].person)
    asked = f"/suitability/?campaign={campaign.pk}"
    assert asked in client.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert client.post(asked, {"source": "own"}).status_code == 422
    assert not Suitability.objects.exists()
    answers = {question.key: question.options[0].key for question in suitability.QUESTIONNAIRES[suitability.VERSION].questions}
    done = client.post(asked, answers)
    assert (done.status_code, done["Location"]) == (302, f"/campaigns/{campaign.pk}/pledge/")
    assert "24 of 24 points" in client.get("/en/suitability/").content.decode()
    assert asked not in client.get(f"/campaigns/{campaign.pk}/").content.decode()


def test_over_the_api_the_questions_are_asked_in_the_readers_language_and_answered_by_their_keys() -> None:
    client = accounts.api_client(stranger())
    asked = client.get("/api/v1/suitability/", headers={"Accept-Language": "en"}).json()
    assert asked["newest"] is None
    assert asked["questions"][0]["options"][0] == {"key": "own", "label": "Our own funds"}
    answers = {question["key"]: question["options"][0]["key"] for question in asked["questions"]}
    answer = client.post("/api/v1/suitability/", {"version": asked["version"], "answers": answers})
    assert (answer.status_code, answer.json()["points"], answer.json()["suitable"]) == (201, 24, True)
    assert client.get("/api/v1/suitability/").json()["newest"]["id"] == answer.json()["id"]
