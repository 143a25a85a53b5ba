"""The demonstration's deals, played in real time: sealed bids open, funders pledge, milestones are paid."""

import csv
import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from marketplace.agreements.models import Agreement
from marketplace.agreements.services import drawing, keys, signing
from marketplace.catalogue.models import Team
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.demands.models import Demand
from marketplace.demands.workflow import BidState, DemandState
from marketplace.desk.services import demo_market, demo_offers, demo_people
from marketplace.desk.services.demo_people import Cast
from marketplace.funding import risk, suitability
from marketplace.funding.models import BankAccount, Campaign, Payout
from marketplace.funding.services import assessing, bank_accounts, campaigning, pledging, pools
from marketplace.funding.terms import Instrument
from marketplace.funding.workflow import CampaignState, PayoutState, PledgeState
from marketplace.treasury.services import topups
from marketplace.treasury.services.statements import import_statement
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import perform

M = TypeVar("M", bound=Stateful)

BID_SECONDS = 4
# So that the demonstration is soon there; what a visitor begins has the demonstration's own waits.
HURRY = {"publicity_seconds": 1, "cooling_off_seconds": 1}
CAMPAIGN_DAYS = 12
TOP_UP_FEN = 900_000_000
POOL_DAYS, POOL_FEN = 180, 300_000_000
WAIT_SECONDS = 120


class Unfinished(RuntimeError):
    """A worker that the play needs did not do its part in time."""


def top_up(cast: Cast) -> None:
    """Every company and funder pays in; finance imports the bank's statement."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["bank_line_id", "booked_at", "amount_yuan", "direction", "payer_name", "payer_account", "reference"])
    for number, key in enumerate([*cast.of_kind("company"), *cast.of_kind("funder")], start=1):
        code = topups.issue_reference(actor=cast.parties[key])[0].code
        today = clock.now().date().isoformat()
        sheet.writerow([f"DEMO-{number:03d}", today, f"{TOP_UP_FEN // 100}.00", "in", cast.facts[key]["name_zh"], f"62{number:014d}", code])
    content = out.getvalue().encode()
    import_statement(actor=cast.staff["finance1"], name="demo-statement.csv", content=content)


def open_pool(cast: Cast) -> None:
    """One institution tops up what the others pledge: a fifth of each pledge, within its caps."""
    key = cast.of_kind("funder")[-1]
    terms = {
        "name_zh": "京津冀中试配套引导基金",
        "name_en": "Jing-Jin-Ji Pilot-Scale Matching Fund",
        "ratio_bp": 2_000,
        "pledge_cap_fen": 50_000_000,
        "campaign_cap_fen": 80_000_000,
        "funder_cap_fen": 150_000_000,
        "regions": ["11", "12", "13"],
        "until": clock.now() + timedelta(days=POOL_DAYS),
    }
    pools.pool_open(actor=cast.parties[key], terms=terms, fen=POOL_FEN)
    cast.logins.append(("funder 引导基金", demo_people.email_of(key)))


def begin(cast: Cast, teams: dict[str, Team], rows: list[dict[str, Any]]) -> list[Demand]:
    """Publish demands with very short deadlines, each with two sealed bids."""
    begun = []
    by_house = list(teams.values())
    for number, row in enumerate(rows):
        company = cast.parties[row["owner"]]
        demand = demo_market.draft(cast, {**row, "ref": f"{row['ref']}-A"}, claim=False, seconds=BID_SECONDS)
        demand = demo_market.publish(cast, _hurried(demand), company)
        first = by_house[number % len(by_house)]
        second = next(team for team in by_house[number + 1 :] + by_house if team.organisation_id != first.organisation_id)
        price = row["budget_max_yuan"] * 100
        for team, fen in ((first, price), (second, price * 19 // 20)):
            demo_market.bid(demand, team, _house(cast, team), fen)
        begun.append(demand)
    return begun


def name_bank_accounts(cast: Cast) -> None:
    """Every university says where it is paid; the numbers belong to nobody."""
    for number, key in enumerate(cast.of_kind("university"), start=1):
        actor = cast.parties[key]
        name = cast.facts[key]["name_zh"]
        bank_accounts.bank_account_set(actor=actor, holder_name=name, number=f"99000000{number:08d}", bank_name="演示银行（沙盒）")


def award(cast: Cast, demand: Demand) -> Demand:
    """Wait for the opener, select the first bid with a reason for the other, wait out the publicity."""
    company = _owner(cast, demand)
    until(lambda: not demand.bids.exclude(state=BidState.OPENED).exists(), f"bids of {demand.pk} to be opened")
    bids = list(demand.bids.order_by("id"))
    refusals = {str(bids[1].pk): {"reason": "plan", "text": "台架方案未覆盖低温启动工况。"}}
    perform("select", demand, company, bid=bids[0].pk, refusals=refusals)
    return demand


def raise_funds(cast: Cast, demand: Demand, *, share: int, pledged: int, instrument: Instrument = Instrument.REVENUE_SHARE) -> Campaign:
    """A campaign for so many percent of the price; two funders pledge so many percent of its goal."""
    until(lambda: Demand.objects.filter(pk=demand.pk, state=DemandState.AWARDED).exists(), f"the award of {demand.pk}")
    demand.refresh_from_db()
    company, goal = _owner(cast, demand), _price(demand) * share // 100
    funders = cast.of_kind("funder")
    campaign = campaigning.campaign_create(
        actor=company,
        demand=demand,
        fields={
            "title_zh": f"联合出资：{demand.title_zh}"[:120],
            "title_en": f"Joint funding: {demand.title_en}"[:200],
            "text_zh": "资金用于样件、台架与现场试运行，随里程碑验收拨付。",
            "text_en": "For samples, bench and trial on site, paid out as milestones are accepted.",
            "minimum_fen": goal * pledged // 100,
            "optimum_fen": goal,
            "funder_min_fen": 1_000_000,
            "funder_max_fen": goal,
            "max_funders": 8,
            "deadline": clock.now() + timedelta(days=CAMPAIGN_DAYS),
            "terms": demo_offers.terms_of(instrument),
            "use_of_funds": demo_offers.use_of_funds(goal),
        },
        invited=[pk for key in funders if (pk := cast.parties[key].organisation_id) is not None],
    )
    campaign = perform("submit", campaign, company)
    campaign = perform("approve", campaign, cast.staff["reviewer"])
    campaign = perform("open", campaign, company)
    total = goal * pledged // 100
    for key, fen in ((funders[0], total * 2 // 3), (funders[1], total - total * 2 // 3)):
        funder = cast.parties[key]
        _assessed(funder)
        pledge = _hurried(pledging.pledge_begin(actor=funder, campaign=campaign, fen=fen))
        perform("confirm", pledge, funder, risk_version=risk.VERSION, terms_sha256=campaign.terms_sha256, suitable=True)
    demo_offers.talk(campaign, company=company, funder=cast.parties[funders[0]])
    return campaign


def _assessed(funder: Actor) -> None:
    """Answer the suitability questionnaire as an institution that knows what it does, once."""
    assert funder.organisation_id is not None
    if assessing.newest(funder.organisation_id) is None:
        answers = {question.key: question.options[0].key for question in suitability.QUESTIONNAIRES[suitability.VERSION].questions}
        assessing.suitability_answer(actor=funder, version=suitability.VERSION, answers=answers)


def close(cast: Cast, campaign: Campaign) -> None:
    """The company closes a campaign whose goal is reached and whose funders agree, once nobody is cooling off any more."""
    until(lambda: not campaign.pledges.filter(state=PledgeState.COOLING_OFF).exists(), f"the cooling-off of {campaign.pk}")
    funders = {actor.organisation_id: actor for actor in cast.parties.values()}
    for pledge in campaign.pledges.filter(state=PledgeState.FIRM):
        perform("agree_early_close", pledge, funders[pledge.organisation_id])
    perform("close_early", campaign, _owner(cast, campaign.demand))


def sign_and_fund(cast: Cast, demand: Demand, campaign: Campaign) -> Agreement:
    """Draw up, sign with keys in the platform's custody, and fund the escrow."""
    until(lambda: Campaign.objects.filter(pk=campaign.pk, state=CampaignState.FUNDED).exists(), f"the capture of {campaign.pk}")
    company = _owner(cast, demand)
    campaign.refresh_from_db()
    tiers = {
        "costs_cap_fen": _price(demand) // 20,
        "inventor_share_ppm": 600_000,
        "unit_share_ppm": 400_000,
    }
    terms = {"contract_type": "development.commissioned", **tiers}
    agreement = drawing.agreement_draw(demand=demand, campaign=campaign, actor=company, terms=terms)
    agreement = perform("freeze_text", agreement, company)
    actors = {actor.organisation_id: actor for actor in cast.parties.values()}
    for party in agreement.parties.order_by("role", "id"):
        actor = actors[party.organisation_id]
        if keys.usable_key(party.organisation_id, None) is None:
            keys.key_register(actor=actor)
        agreement = signing.conclude_if_all_signed(perform("sign", agreement, actor))
    return perform("conditions_met", agreement, company)


def deliver(cast: Cast, agreement: Agreement, *, ordinal: int, accept: bool) -> None:
    """The team delivers a report; the company accepts it, or leaves it under review."""
    actors = {actor.organisation_id: actor for actor in cast.parties.values()}
    team, company = actors[agreement.university_id], actors[agreement.company_id]
    milestone = agreement.milestones.get(ordinal=ordinal)
    content = f"里程碑 {ordinal} 检测报告（演示）\nMilestone {ordinal}: test report (demonstration)\n".encode()
    report = files.store(
        owner_id=agreement.university_id,
        name=f"report-{ordinal}.txt",
        stream=io.BytesIO(content),
        content_type="text/plain",
        purpose="deliverable",
    )
    milestone = perform("submit", milestone, team, file=report, note="检测报告与原始记录")
    if accept:
        perform("accept", milestone, company, note="符合约定指标")


def pay_out(cast: Cast, agreement: Agreement, *, approvals: int) -> None:
    """Finance approves what the accepted milestones earned, once or twice, by two people."""
    earned = Payout.objects.filter(purpose_id__in=agreement.milestones.values("id"), state=PayoutState.REQUESTED)
    for payout in earned:
        for account in BankAccount.objects.filter(organisation=payout.organisation_id, replaced_at=None, verified_at=None):
            bank_accounts.bank_account_verify(actor=cast.staff["finance1"], account_id=account.pk)
        approved = payout
        for action, officer in (("approve_1", "finance1"), ("approve_2", "finance2"))[:approvals]:
            approved = perform(action, approved, cast.staff[officer])


def _hurried(obj: M) -> M:
    """The object with the deals' short waits: each keeps those that it was born with."""
    obj.policy = {**obj.policy, **HURRY}
    obj.save(update_fields=["policy"])
    return obj


def _house(cast: Cast, team: Team) -> Actor:
    return next(actor for actor in cast.parties.values() if actor.organisation_id == team.organisation_id)


def _owner(cast: Cast, demand: Demand) -> Actor:
    return next(actor for actor in cast.parties.values() if actor.organisation_id == demand.organisation_id)


def _price(demand: Demand) -> int:
    return (demand.awarded_bid.price_fen if demand.awarded_bid else 0) or 0


def until(done: Callable[[], bool], what: str) -> None:
    """Wait for the stack's own workers, which judge deadlines by the database's clock."""
    for _ in range(WAIT_SECONDS * 5):
        if done():
            return
        time.sleep(0.2)
    raise Unfinished(f"Waited {WAIT_SECONDS} s for {what}: are worker, opener and beat running?")
