"""Pledges: who may, how much, what is accepted, and what taking one back gives back."""

import pytest

from marketplace.common.errors import Forbidden, MissingScope, NotFound, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.funding import errors, risk, selectors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import pledging
from marketplace.treasury.errors import InsufficientFunds
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
from marketplace.workflow import performing
from marketplace.workflow.models import Change
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_stay_clean():
    yield
    assert [(finding.rule.code, finding.what, finding.detail) for finding in check()] == []


def available(organisation) -> int:
    return balance(books.wallet(organisation.pk)).available_fen


def held(campaign: Campaign) -> int:
    return Campaign.objects.get(pk=campaign.pk).held_fen


def test_a_pledge_holds_the_amount_and_says_who_accepted_which_risks() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 60_000)
    assert (pledge.state, pledge.risk_version) == ("cooling_off", risk.VERSION)
    assert pledge.accepted_by == accounts.actor_for(funder).person_id
    assert (available(funder), held(campaign)) == (40_000, 60_000)
    assert balance(books.campaign_escrow(campaign.pk)).incoming_fen == 60_000


def test_the_trail_of_a_new_pledge_begins_with_its_making_whatever_ids_it_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    falling = iter(sorted((uuid7() for _ in range(50)), reverse=True))
    monkeypatch.setattr(performing, "uuid7", lambda: next(falling))
    pledge = funding.pledge(campaign, funder, 60_000)
    trail = Change.objects.filter(object_id=pledge.pk).order_by("at", "id")
    assert list(trail.values_list("source", "action")) == [("", "create"), ("intent", "confirm")]


def test_within_cooling_off_a_pledge_is_taken_back_whole() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    pledge = perform("cancel", funding.pledge(campaign, funder, 60_000), accounts.actor_for(funder))
    assert (pledge.state, available(funder), held(campaign)) == ("cancelled", 100_000, 0)
    assert funding.pledge(campaign, funder, 100_000).state == "cooling_off"


def test_after_cooling_off_a_pledge_stays() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 60_000)
    with pytest.raises(errors.StillCoolingOff):
        perform("cooling_passed", pledge, funding.SYSTEM)
    Pledge.objects.filter(pk=pledge.pk).update(due_at=accounts.a_moment_ago())
    with pytest.raises(errors.CoolingOffOver):
        perform("cancel", pledge, accounts.actor_for(funder))
    assert held(campaign) == 60_000


@pytest.mark.parametrize("fen", [9_999, 50_001])
def test_an_amount_outside_the_limits_is_refused_with_the_limits(fen: int) -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder], funder_max_fen=50_000)
    with pytest.raises(errors.AmountOutsideLimits) as refused:
        funding.pledge(campaign, funder, fen)
    assert "100.00" in str(refused.value)
    assert "500.00" in str(refused.value)


@pytest.mark.parametrize(("version", "suitable"), [("2020-1", True), ("", True), (risk.VERSION, False)])
def test_the_present_risk_statement_and_suitability_are_accepted_or_nothing_is_held(version: str, suitable: bool) -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    with pytest.raises(errors.RiskNotAccepted):
        pledging.pledge_make(
            campaign=campaign,
            actor=accounts.actor_for(funder),
            fen=60_000,
            **{**funding.accepted(campaign), "risk_version": version, "suitable": suitable},
        )
    assert (available(funder), held(campaign), Pledge.objects.count()) == (100_000, 0, 0)


def test_a_wallet_that_is_short_leaves_no_pledge_and_no_total() -> None:
    funder = funding.funder(59_999)
    campaign = funding.campaign([funder])
    with pytest.raises(InsufficientFunds):
        funding.pledge(campaign, funder, 60_000)
    assert (available(funder), held(campaign), Pledge.objects.count()) == (59_999, 0, 0)


def test_the_cap_is_filled_to_the_fen_and_not_passed() -> None:
    first, second = funding.funder(600_000), funding.funder(600_000)
    campaign = funding.campaign([first, second])
    funding.pledge(campaign, first, 550_000)
    with pytest.raises(errors.CapReached) as refused:
        funding.pledge(campaign, second, 50_001)
    assert "500.00" in str(refused.value)
    funding.pledge(campaign, second, 50_000)
    assert held(campaign) == 600_000


def test_there_are_no_more_funders_than_agreed_and_each_pledges_once() -> None:
    first, second = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([first, second], max_funders=1)
    funding.pledge(campaign, first, 10_000)
    with pytest.raises(errors.AlreadyPledged):
        funding.pledge(campaign, first, 10_000)
    with pytest.raises(errors.TooManyFunders):
        funding.pledge(campaign, second, 10_000)


def test_only_invited_funders_people_with_the_right_role_and_scope_may_pledge() -> None:
    funder, stranger = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([funder])
    for actor, refusal in (
        (accounts.actor_for(stranger), NotFound),
        (accounts.actor_for(campaign.organisation), errors.NotInvited),
        (accounts.actor_for(funder, roles=["member"]), Forbidden),
        (accounts.actor_for(funder, scopes=["read", "write"]), MissingScope),
    ):
        with pytest.raises(refusal):
            pledging.pledge_make(campaign=campaign, actor=actor, fen=50_000, **funding.accepted(campaign))


def test_a_suspended_institution_cannot_pledge() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    perform("suspend", funder, accounts.staff_actor("security"), reason="核查")
    funder.refresh_from_db()
    with pytest.raises(NotVerified):
        funding.pledge(campaign, funder, 50_000)


def test_nothing_is_pledged_after_the_deadline_even_before_the_sweeper_comes() -> None:
    funder = funding.funder(100_000)
    campaign = funding.overdue(funding.campaign([funder]))
    with pytest.raises(errors.CampaignNotOpen):
        funding.pledge(campaign, funder, 50_000)


def test_the_same_key_is_the_same_intent_and_another_content_is_refused() -> None:
    funder = funding.funder(100_000)
    campaign, key = funding.campaign([funder]), uuid7()
    actor = accounts.actor_for(funder)
    first = pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000, id=key)
    again = pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_000, id=key)
    assert first.pk == again.pk == key
    with pytest.raises(KeyReused):
        pledging.pledge_begin(campaign=campaign, actor=actor, fen=50_001, id=key)
    assert Pledge.objects.count() == 1


def test_an_intent_holds_nothing_and_expires() -> None:
    funder = funding.funder(100_000)
    campaign = funding.campaign([funder])
    intent = pledging.pledge_begin(campaign=campaign, actor=accounts.actor_for(funder), fen=50_000)
    assert (intent.state, held(campaign)) == ("intent", 0)
    assert funding.passed(intent, "expire").state == "expired"


def test_a_pledge_is_its_funders_own_and_the_readings_staffs() -> None:
    funder, other = funding.funder(100_000), funding.funder(100_000)
    campaign = funding.campaign([funder, other])
    pledge = funding.pledge(campaign, funder, 50_000)
    assert list(selectors.pledges_for(accounts.staff_actor("auditor"))) == [pledge]
    assert list(selectors.pledges_for(accounts.staff_actor("reviewer", region="13"))) == []
    for hidden in (accounts.actor_for(other), accounts.actor_for(campaign.organisation)):
        with pytest.raises(NotFound):
            selectors.pledge_for(hidden, pledge.pk)
        with pytest.raises(NotFound):
            perform("cancel", pledge, hidden)
