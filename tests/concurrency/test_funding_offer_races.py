"""A campaign's use of funds against its submission, and two answers to one question."""

import pytest

from marketplace.funding.models import Campaign, CampaignQuestion
from marketplace.funding.services import asking, campaigning
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SERVICES = "marketplace.funding.services"
THE_ROW = "the row"


def a_line_goes_while_the_campaign_is_submitted() -> tuple[list[str], Campaign]:
    """The submission has found the lines whole when the company writes others."""
    campaign = funding.campaign(until="draft")
    company, fewer = accounts.actor_for(campaign.organisation), funding.use_of_funds(300_000)
    results = race(
        lambda: perform("submit", campaign, company),
        lambda: campaigning.campaign_edit(campaign=campaign, actor=company, fields={"use_of_funds": fewer}),
        after=f"{SERVICES}.offering.faults_of",
    )
    campaign.refresh_from_db()
    return outcomes(results), campaign


def two_answers() -> tuple[list[str], str]:
    """Both have found the question without an answer."""
    funder = funding.funder()
    campaign = funding.campaign([funder])
    company = accounts.actor_for(campaign.organisation)
    question = asking.question_ask(campaign=campaign, actor=accounts.actor_for(funder), text="何时？")
    jobs = [lambda said=said: asking.question_answer(question=question, actor=company, answer=said) for said in ("五月", "六月")]
    return outcomes(race(*jobs, after=f"{SERVICES}.asking._must_be_open")), CampaignQuestion.objects.get().answer


def test_what_is_submitted_is_what_was_found_whole() -> None:
    outcome, campaign = a_line_goes_while_the_campaign_is_submitted()
    assert outcome == ["done", "wrong_state"]
    assert (campaign.state, sum(line.fen for line in campaign.use_of_funds.all())) == ("submitted", 600_000)


def test_twin_without_the_lock_the_lines_go_and_only_the_database_keeps_the_campaign_a_draft() -> None:
    with without_lock(THE_ROW):
        outcome, campaign = a_line_goes_while_the_campaign_is_submitted()
    assert outcome == ["IntegrityError", "done"]
    assert (campaign.state, sum(line.fen for line in campaign.use_of_funds.all())) == ("draft", 300_000)


def test_of_two_answers_the_first_stands_and_the_second_is_told_so() -> None:
    assert two_answers() == (["answered_already", "done"], "五月")


def test_twin_without_the_lock_both_answer_and_only_the_database_refuses_the_second() -> None:
    with without_lock(THE_ROW):
        outcome, _ = two_answers()
    assert outcome == ["IntegrityError", "done"]
