"""Two runs close the same campaign at once: the command beside the sweeper, or the command started twice."""

import pytest

from marketplace.funding.models import Campaign
from marketplace.funding.services import closing
from marketplace.treasury.models import Transfer
from marketplace.workflow.performing import perform
from tests.factories import closing as crowds
from tests.factories import funding
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def two_batches_at_once() -> tuple[list[str], Campaign]:
    """Both are about to capture the same pledges, which both have read as firm unless the campaign's row kept one out."""
    campaign = crowds.crowd(4)
    for action in ("deadline", "succeed"):
        campaign = perform(action, campaign, funding.SYSTEM)

    def capture() -> None:
        perform("capture_next", campaign, funding.SYSTEM)

    results = race(capture, capture, before="marketplace.funding.services.settling.move_many")
    campaign.refresh_from_db()
    return outcomes(results), campaign


def test_of_two_batches_at_once_the_second_finds_nothing_left() -> None:
    outcome, campaign = two_batches_at_once()
    assert (outcome, campaign.captured_fen, Transfer.objects.filter(kind="post").count()) == (["done", "done"], 400, 4)
    assert [step.state for step in closing.close(campaign=campaign)] == ["funded"]


def test_twin_without_the_campaigns_lock_the_second_breaks_on_pledges_that_are_captured() -> None:
    with without_lock("the row"):
        outcome, campaign = two_batches_at_once()
    assert outcome == ["done", "wrong_state"]
    assert (campaign.captured_fen, Transfer.objects.filter(kind="post").count()) == (400, 4)
