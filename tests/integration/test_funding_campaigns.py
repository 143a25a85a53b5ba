"""Campaigns from the draft to the last fen: captured when they succeed, released when they do not."""

import pytest

from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, NotFound, WrongState
from marketplace.common.ids import uuid7
from marketplace.funding import errors, selectors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.promises import PromisesReturn
from marketplace.funding.services import campaigning, settling
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def _books_stay_clean():
    yield
    assert [(finding.rule.code, finding.what, finding.detail) for finding in check()] == []


def wallet_of(organisation) -> tuple[int, int, int]:
    figures = balance(books.wallet(organisation.pk))
    return figures.posted_fen, figures.held_fen, figures.available_fen


def sweep_until(campaign: Campaign, state: str) -> Campaign:
    for _ in range(8):
        sweeping.sweep()
        campaign.refresh_from_db()
        if campaign.state == state:
            return campaign
    raise AssertionError(campaign.state)


def test_a_campaign_that_reaches_its_minimum_is_captured_to_the_fen() -> None:
    first, second = funding.funder(500_000), funding.funder(200_001)
    campaign = funding.campaign([first, second])
    funding.firm(campaign, first, 250_000)
    funding.firm(campaign, second, 123_457)
    campaign = sweep_until(funding.overdue(campaign), "funded")
    assert (campaign.held_fen, campaign.captured_fen) == (0, 373_457)
    assert balance(books.campaign_escrow(campaign.pk)).posted_fen == 373_457
    assert wallet_of(first) == (250_000, 0, 250_000)
    assert wallet_of(second) == (76_544, 0, 76_544)
    assert {pledge.state for pledge in campaign.pledges.all()} == {"captured"}
    assert selectors.captured_fen(campaign) == 373_457
    assert selectors.funders_of(campaign) == sorted([first.pk, second.pk])
    assert [pledge.captured_fen for pledge in selectors.captured_pledges(campaign)] == [250_000, 123_457]


def test_a_campaign_that_misses_its_minimum_by_one_fen_releases_every_hold() -> None:
    first, second = funding.funder(200_000), funding.funder(200_000)
    campaign = funding.campaign([first, second])
    funding.firm(campaign, first, 150_000)
    funding.firm(campaign, second, 149_999)
    campaign = sweep_until(funding.overdue(campaign), "failed_closed")
    assert (campaign.held_fen, campaign.captured_fen) == (0, 0)
    assert wallet_of(first) == wallet_of(second) == (200_000, 0, 200_000)
    assert {pledge.state for pledge in campaign.pledges.all()} == {"released"}
    assert selectors.captured_fen(campaign) == 0


def test_a_campaign_without_a_pledge_fails_by_itself() -> None:
    campaign = sweep_until(funding.overdue(funding.campaign()), "failed_closed")
    assert campaign.held_fen == 0


def test_clearing_waits_for_whoever_is_still_cooling_off() -> None:
    funder = funding.funder(400_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 300_000)
    campaign = perform("deadline", funding.overdue(campaign), SYSTEM)
    assert campaign.clears_at == campaign.due_at == pledge.due_at
    with pytest.raises(errors.StillCoolingOff):
        perform("succeed", campaign, SYSTEM)
    with pytest.raises(errors.StillCoolingOff):
        perform("fail", campaign, SYSTEM)
    perform("cancel", pledge, accounts.actor_for(funder))
    with pytest.raises(errors.GoalNotReached):
        perform("succeed", campaign, SYSTEM)
    assert perform("fail", campaign, SYSTEM).state == "releasing"


def test_a_cooling_off_that_has_just_ended_becomes_firm_with_the_success() -> None:
    funder = funding.funder(400_000)
    campaign = funding.campaign([funder])
    pledge = funding.pledge(campaign, funder, 300_000)
    campaign = perform("deadline", funding.overdue(campaign), SYSTEM)
    Pledge.objects.filter(pk=pledge.pk).update(due_at=accounts.a_moment_ago())
    with pytest.raises(errors.GoalReached):
        perform("fail", campaign, SYSTEM)
    campaign = perform("succeed", campaign, SYSTEM)
    pledge.refresh_from_db()
    assert (campaign.state, pledge.state) == ("successful", "firm")


def test_capture_goes_on_where_it_was_interrupted(monkeypatch) -> None:
    funders = [funding.funder(100_000) for _ in range(3)]
    campaign = funding.campaign(funders)
    for one in funders:
        funding.firm(campaign, one, 100_000)
    monkeypatch.setattr(settling, "BATCH", 2)
    campaign = perform("deadline", funding.overdue(campaign), SYSTEM)
    campaign = perform("capture_next", perform("succeed", campaign, SYSTEM), SYSTEM)
    assert (campaign.held_fen, campaign.captured_fen) == (100_000, 200_000)
    with pytest.raises(errors.WorkLeft):
        perform("capture", campaign, SYSTEM)
    assert selectors.captured_fen(campaign) == 0
    campaign = sweep_until(campaign, "funded")
    assert (campaign.held_fen, campaign.captured_fen) == (0, 300_000)


def test_the_company_closes_early_only_when_the_goal_is_firm() -> None:
    first, second = funding.funder(300_000), funding.funder(50_000)
    campaign = funding.campaign([first, second])
    company = accounts.actor_for(campaign.organisation)
    with pytest.raises(errors.GoalNotReached):
        perform("close_early", campaign, company)
    perform("agree_early_close", funding.firm(campaign, first, 300_000), accounts.actor_for(first))
    cooling = funding.pledge(campaign, second, 50_000)
    with pytest.raises(errors.StillCoolingOff):
        perform("close_early", campaign, company)
    perform("agree_early_close", funding.passed(cooling, "cooling_passed"), accounts.actor_for(second))
    assert perform("close_early", campaign, company).state == "clearing"


def test_a_cancelled_campaign_gives_everything_back() -> None:
    first, second = funding.funder(300_000), funding.funder(50_000)
    campaign = funding.campaign([first, second])
    funding.firm(campaign, first, 300_000)
    funding.pledge(campaign, second, 50_000)
    perform("cancel", campaign, accounts.staff_actor("reviewer"), reason="材料有误")
    campaign = sweep_until(campaign, "cancelled_closed")
    assert wallet_of(first) == (300_000, 0, 300_000)
    assert wallet_of(second) == (50_000, 0, 50_000)


def test_a_lapsed_award_ends_the_campaign_and_refunds_what_was_captured() -> None:
    funder = funding.funder(400_000)
    campaign = funding.campaign([funder])
    funding.firm(campaign, funder, 300_000)
    campaign = sweep_until(funding.overdue(campaign), "funded")
    funding.passed(campaign.demand, "reopen")
    campaign = sweep_until(campaign, "closed")
    assert wallet_of(funder) == (400_000, 0, 400_000)
    assert campaign.pledges.get().state == "refunded"


def test_what_an_agreement_returns_is_shared_pro_rata_with_the_odd_fen_to_the_largest_remainder() -> None:
    funders = [funding.funder(100_000) for _ in range(3)]
    campaign = funding.campaign(funders)
    for one in funders:
        funding.firm(campaign, one, 100_000)
    campaign = sweep_until(funding.overdue(campaign), "funded")
    spent = books.agreement_escrow(funding.some_id())
    treasury.pay(books.campaign_escrow(campaign.pk), spent, 200_000)
    perform("agreement_effective", campaign, SYSTEM)
    perform("agreement_terminated", campaign, SYSTEM)
    with pytest.raises(errors.EscrowDiffers):
        settling.refund(campaign=campaign, fen=99_999)
    campaign = settling.refund(campaign=campaign, fen=100_000)
    assert campaign.state == "closed"
    rows = list(campaign.pledges.order_by("pk"))
    assert [(row.state, row.refunded_fen) for row in rows] == [("settled", 33_334), ("settled", 33_333), ("settled", 33_333)]
    assert sum(wallet_of(one)[0] for one in funders) == 100_000


def test_a_completed_campaign_settles_its_pledges() -> None:
    funder = funding.funder(300_000)
    campaign = funding.campaign([funder])
    funding.firm(campaign, funder, 300_000)
    campaign = sweep_until(funding.overdue(campaign), "funded")
    treasury.pay(books.campaign_escrow(campaign.pk), books.agreement_escrow(uuid7()), 300_000)  # as an agreement that takes effect does
    campaign = perform("complete", perform("agreement_effective", campaign, SYSTEM), SYSTEM)
    assert (campaign.state, campaign.pledges.get().state) == ("closed", "settled")
    assert len(selectors.captured_pledges(campaign)) == 1


def test_only_the_company_of_an_awarded_demand_proposes_one_campaign() -> None:
    demand = funding.awarded_demand()
    with pytest.raises(Forbidden):
        campaigning.campaign_create(demand=demand, actor=accounts.actor_for(accounts.organisation("company")), fields=funding.terms())
    funding.campaign(demand=demand, until="draft")
    with pytest.raises(errors.CampaignExists):
        campaigning.campaign_create(demand=demand, actor=accounts.actor_for(demand.organisation), fields=funding.terms())


def test_a_campaign_cannot_ask_for_more_than_the_awarded_price() -> None:
    with pytest.raises(Invalid) as refused:
        funding.campaign(until="draft", optimum_fen=funding.PRICE + 1)
    assert list(refused.value.fields) == ["optimum_fen"]


@pytest.mark.parametrize(("field", "text"), [("text_zh", "本项目保本保息。"), ("text_en", "Returns are guaranteed.")])
def test_a_text_that_promises_a_return_is_refused_with_its_words(field: str, text: str) -> None:
    with pytest.raises(PromisesReturn) as refused:
        funding.campaign(until="draft", **{field: text})
    assert list(refused.value.fields) == [field]


def test_only_verified_institutions_can_be_invited() -> None:
    with pytest.raises(Invalid):
        funding.campaign([accounts.organisation("company")], until="draft")
    with pytest.raises(Invalid):
        funding.campaign([accounts.organisation("funder", verified=False)], until="draft")


def test_it_is_paid_out_by_the_awarded_bids_milestones() -> None:
    campaign = funding.campaign(until="submitted")
    assert [row["share_bp"] for row in campaign.milestones] == [10_000]


def test_strangers_and_funders_before_opening_find_no_campaign() -> None:
    funder = accounts.organisation("funder")
    campaign = funding.campaign([funder], until="approved")
    for actor in (Actor.anonymous(), accounts.actor_for(accounts.organisation("funder")), accounts.actor_for(funder)):
        with pytest.raises(NotFound):
            selectors.campaign_for(actor, campaign.pk)
    perform("open", campaign, accounts.actor_for(campaign.organisation))
    assert selectors.campaign_for(accounts.actor_for(funder), campaign.pk) == campaign


def test_a_draft_is_edited_and_a_submitted_campaign_is_not() -> None:
    campaign = funding.campaign(until="draft")
    company = accounts.actor_for(campaign.organisation)
    campaign = campaigning.campaign_edit(campaign=campaign, actor=company, fields={"title_zh": "新标题"})
    assert Campaign.objects.get(pk=campaign.pk).title_zh == "新标题"
    perform("submit", campaign, company)
    with pytest.raises(WrongState):
        campaigning.campaign_edit(campaign=campaign, actor=company, fields={"title_zh": "又一个"})


def test_nothing_opens_after_its_deadline() -> None:
    campaign = funding.overdue(funding.campaign(until="approved"))
    with pytest.raises(Invalid):
        perform("open", campaign, accounts.actor_for(campaign.organisation))
