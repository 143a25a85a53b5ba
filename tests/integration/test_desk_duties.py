"""What waits for whom: the next move of each object, for the one whose move it is, and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketplace.accounts.models import Organisation
from marketplace.common.actor import Actor
from marketplace.desk.duties import duties_of
from marketplace.funding.services import asking, pledging
from marketplace.funding.services.paying_out import payout_request
from marketplace.workflow.performing import perform
from tests.factories import accounts, agreements, catalogue, demands, funding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def waits_for(who: Organisation | Actor, obj: Any) -> list[str]:
    """The moves that wait for somebody on one object."""
    actor = who if isinstance(who, Actor) else accounts.actor_for(who)
    return [str(duty.move) for duty in duties_of(actor) if duty.obj.pk == obj.pk]


def test_a_demand_goes_from_its_company_to_the_reviewer_and_back() -> None:
    draft = demands.demand(until="draft")
    company, reviewer = demands.company_of(draft), accounts.staff_actor("reviewer")
    assert (waits_for(company, draft), waits_for(reviewer, draft)) == (["提交审核"], [])
    submitted = perform("submit", draft, company)
    assert (waits_for(company, submitted), waits_for(reviewer, submitted)) == ([], ["通过"])
    approved = perform("approve", submitted, reviewer)
    assert (waits_for(company, approved), waits_for(reviewer, approved)) == (["发布"], [])
    assert waits_for(accounts.organisation("company"), approved) == []


def test_supply_that_was_submitted_waits_for_the_reviewers_of_its_region(client: Client) -> None:
    home = accounts.organisation("university", region="120116")
    owner, reviewer, elsewhere = accounts.actor_for(home), accounts.staff_actor("reviewer"), accounts.staff_actor("reviewer", region="13")
    expert, achievement = catalogue.expert(home, published=False), catalogue.achievement(home, published=False)
    assert (waits_for(reviewer, expert), waits_for(reviewer, achievement)) == ([], [])
    expert, achievement = perform("submit", expert, owner), perform("submit", achievement, owner)
    assert (waits_for(reviewer, expert), waits_for(reviewer, achievement)) == (["核验并入库"], ["核验通过"])
    assert (waits_for(elsewhere, expert), waits_for(elsewhere, achievement), waits_for(owner, expert)) == ([], [], [])
    client.force_login(accounts.staff("reviewer"))
    page = client.get("/dashboard/").content.decode()
    assert (expert.person.name in page, str(expert) in page, f"/experts/{expert.pk}/" in page) == (True, False, True)
    perform("verify", expert, reviewer)
    assert waits_for(reviewer, expert) == []


def test_a_selection_waits_until_the_last_bid_is_open() -> None:
    demand = demands.demand()
    demands.bid(demand)
    closed = demands.closed(demand)
    company = demands.company_of(closed)
    assert closed.state == "evaluating"
    assert waits_for(company, closed) == []
    closed.bids.update(state="disqualified")
    assert waits_for(company, closed) == ["选定团队"]


def test_an_awarded_demand_waits_until_its_agreement_is_drawn_up() -> None:
    demand = agreements.challenge_awarded()
    assert waits_for(demand.organisation, demand) == ["募资或起草协议"]
    drawn = agreements.drawn(demand)
    assert waits_for(demand.organisation, demand) == []
    assert (waits_for(drawn.company, drawn), waits_for(drawn.university, drawn)) == (["定稿送签"], [])


def test_a_signature_waits_for_those_who_have_not_signed() -> None:
    frozen = agreements.frozen()
    assert (waits_for(frozen.company, frozen), waits_for(frozen.university, frozen)) == (["签署"], ["签署"])
    half = agreements.sign(frozen, frozen.company)
    assert (waits_for(half.company, half), waits_for(half.university, half)) == ([], ["签署"])
    whole = agreements.sign(half, half.university)
    # The wallet is empty: filling it is the company's to do.
    assert (waits_for(whole.company, whole), waits_for(whole.university, whole)) == (["资金到位，协议生效"], [])


def test_a_delivery_waits_for_the_team_and_then_for_the_company() -> None:
    active = agreements.active()
    first = active.milestones.get(ordinal=1)
    assert (waits_for(active.company, first), waits_for(active.university, first)) == ([], ["提交成果"])
    agreements.delivered(active, 1)
    assert (waits_for(active.company, first), waits_for(active.university, first)) == (["验收通过"], [])


def test_a_revenue_report_waits_for_its_auditors_and_a_question_for_the_company() -> None:
    report = agreements.reported(agreements.active(funding.awarded_demand()))
    company, team = report.agreement.company, report.agreement.university
    assert (waits_for(company, report), waits_for(team, report)) == ([], ["核实无误"])
    perform("ask", report, accounts.actor_for(team), text="运费计入成本了吗？")
    assert waits_for(company, report) == ["答复"]
    perform("verify", report, accounts.actor_for(team))
    assert waits_for(team, report) == []


def test_a_payout_waits_for_an_account_then_for_two_officers_one_after_the_other() -> None:
    team = accounts.organisation("university")
    payout = payout_request(organisation_id=team.pk, fen=100, purpose_kind="milestone", purpose_id=funding.some_id(), actor=Actor.system())
    one, other = accounts.staff_actor("finance"), accounts.staff_actor("finance")
    assert (waits_for(team, payout), waits_for(one, payout)) == (["登记收款账户"], [])
    funding.bank_account(team)
    assert (waits_for(team, payout), waits_for(one, payout)) == ([], ["初审通过"])
    perform("approve_1", payout, one)
    assert (waits_for(one, payout), waits_for(other, payout)) == ([], ["复核通过"])


def test_a_request_for_more_time_waits_for_the_reviewers_of_its_region() -> None:
    campaign = funding.campaign()
    reviewer, elsewhere = accounts.staff_actor("reviewer"), accounts.staff_actor("reviewer", region="13")
    company, later = accounts.actor_for(campaign.organisation), campaign.deadline + timedelta(days=7)
    assert waits_for(reviewer, campaign) == []
    campaign = perform("ask_extension", campaign, company, until=later, reason="两家机构仍在尽调")
    assert (waits_for(reviewer, campaign), waits_for(elsewhere, campaign), waits_for(company, campaign)) == (["同意延期"], [], [])
    perform("extend_once", campaign, reviewer, until=later)
    assert waits_for(reviewer, campaign) == []


def test_consent_to_an_early_close_waits_for_each_pledger_that_has_not_agreed() -> None:
    first, second = funding.funder(300_000), funding.funder(50_000)
    campaign = funding.campaign([first, second])
    agreed, silent = funding.firm(campaign, first, 300_000), funding.firm(campaign, second, 50_000)
    perform("agree_early_close", agreed, accounts.actor_for(first))
    assert waits_for(second, silent) == []
    perform("ask_early_close", campaign, accounts.actor_for(campaign.organisation))
    assert (waits_for(first, agreed), waits_for(second, silent)) == ([], ["同意提前截止"])
    perform("agree_early_close", silent, accounts.actor_for(second))
    assert waits_for(second, silent) == []


def test_a_funders_question_waits_for_the_company_until_it_is_answered() -> None:
    funder = funding.funder()
    campaign = funding.campaign([funder])
    company = accounts.actor_for(campaign.organisation)
    assert waits_for(company, campaign) == []
    question = asking.question_ask(campaign=campaign, actor=accounts.actor_for(funder), text="报告何时可以查看？")
    assert waits_for(company, campaign) == ["答复提问"]
    assert waits_for(accounts.actor_for(campaign.organisation, roles=("finance",)), campaign) == []
    assert waits_for(funder, campaign) == waits_for(campaign.demand.awarded_bid.organisation, campaign) == []
    asking.question_answer(question=question, actor=company, answer="随第一个里程碑。")
    assert waits_for(company, campaign) == []


def test_a_pledge_begun_waits_for_its_funder() -> None:
    funder = funding.funder(1_000_000)
    campaign = funding.campaign([funder])
    begun = pledging.pledge_begin(campaign=campaign, actor=accounts.actor_for(funder), fen=campaign.funder_min_fen, id=funding.some_id())
    assert waits_for(funder, begun) == ["确认认筹"]
    assert waits_for(campaign.organisation, begun) == []
