"""Steps of companies and of the system on campaigns: propose, extend, close, decide, capture, release, cancel."""

from datetime import timedelta

from marketplace.common import clock
from marketplace.common.errors import WrongState
from marketplace.demands.models import Demand
from marketplace.funding import errors
from marketplace.funding.models import Campaign
from marketplace.funding.services import campaigning
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import funding
from tests.soak.exchange import HARMLESS, Exchange
from tests.soak.model import STEP_SECONDS, WITH_MONEY, PlainCampaign, Reasons
from tests.soak.on_pools import become_firm, fall, pay, return_to_owner
from tests.soak.steps import step

SYSTEM = funding.SYSTEM
CAPS_BP = (1_000, 2_000, 15_000)  # what a funder gets back of later revenue, in ten-thousandths of its pledge


@step(4)
def propose_a_campaign(exchange: Exchange) -> bool | None:
    """Drafted, submitted, approved and opened, for a demand that has none at the moment."""
    taken = {one.place for one in exchange.campaigns}
    place = exchange.one(number for number in range(len(exchange.places)) if number not in taken)
    if place is None:
        return False
    chance, demand = exchange.chance, exchange.places[place]
    if demand is None:  # the former has ended with its agreement
        demand = exchange.places[place] = exchange.ask("another demand is claimed", lambda: exchange.demand(place))
        assert demand
    optimum = chance.randint(50_000, 600_000)
    highest = chance.randint(optimum // 5, optimum)
    exchange.begun += 1
    campaign = PlainCampaign(
        row=None,
        number=exchange.begun,
        company=place % len(exchange.companies),
        place=place,
        minimum=chance.randint(1, optimum // 2),
        optimum=optimum,
        lowest=chance.randint(1, highest // 4),
        highest=highest,
        most=chance.randint(2, len(exchange.funders)),
        deadline=exchange.now + chance.randint(6, 40),
        invited=frozenset(chance.sample(range(len(exchange.funders)), chance.randint(2, len(exchange.funders)))),
        cap_bp=chance.choice(CAPS_BP),
    )
    words = f"company {campaign.company} opens campaign {campaign.number}"
    campaign.row = exchange.ask(words, lambda: _opened(exchange, demand, campaign), leaves="open")
    exchange.campaigns.append(campaign)
    exchange.open_purse(campaign.escrow, books.campaign_escrow(campaign.row.pk))
    return None


def _opened(exchange: Exchange, demand: Demand, wanted: PlainCampaign) -> Campaign:
    actor = exchange.companies[wanted.company].actor
    fields = funding.terms(
        deadline=clock.now() + timedelta(seconds=(wanted.deadline - exchange.now) * STEP_SECONDS),
        minimum_fen=wanted.minimum,
        optimum_fen=wanted.optimum,
        funder_min_fen=wanted.lowest,
        funder_max_fen=wanted.highest,
        max_funders=wanted.most,
        terms={**funding.REVENUE_SHARE, "cap_bp": wanted.cap_bp},
    )
    invited = [exchange.funders[number].organisation.pk for number in sorted(wanted.invited)]
    made = campaigning.campaign_create(demand=demand, actor=actor, fields=fields, invited=invited)
    made = perform("approve", perform("submit", made, actor), exchange.reviewer)
    return perform("open", made, actor)


@step(0.7)
def ask_for_more_time(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: not one.why_not_extend(exchange.now))
    if campaign is None:
        return False
    days = exchange.chance.randint(1, 10)
    actor = exchange.companies[campaign.company].actor
    against = campaign.why_not_extend(exchange.now)

    def act() -> Campaign:
        deadline = Campaign.objects.get(pk=campaign.row.pk).deadline
        asked: Campaign = perform("ask_extension", campaign.row, actor, until=deadline + timedelta(days=days), reason="soak")
        return asked

    if exchange.ask(f"campaign {campaign.number} asks for {days} days", act, against=against):
        campaign.extension = campaign.deadline + days * 4
    return None


@step(0.7)
def extend_a_campaign(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: one.extension is not None and not one.why_not_extend(exchange.now))
    if campaign is None:
        return False
    against = campaign.why_not_extend(exchange.now)
    if campaign.extension is None:
        against.add(errors.NoExtensionAsked)

    def act() -> Campaign:
        until = Campaign.objects.get(pk=campaign.row.pk).extension_until
        extended: Campaign = perform("extend_once", campaign.row, exchange.reviewer, until=until)
        return extended

    words = f"campaign {campaign.number} is extended"
    if exchange.ask(words, act, against=against, at_once=exchange.likely(0.2), again=[errors.ExtendedAlready]):
        assert campaign.extension is not None
        campaign.deadline, campaign.extended = campaign.extension, True
    return None


@step(1)
def ask_for_an_early_close(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: not one.why_not_ask())
    if campaign is None:
        return False
    actor = exchange.companies[campaign.company].actor
    against = campaign.why_not_ask()
    if exchange.ask(
        f"campaign {campaign.number} asks for an early close",
        lambda: perform("ask_early_close", campaign.row, actor),
        against=against,
        at_once=exchange.likely(0.2),
        again=[errors.ConsentAskedAlready],
    ):
        campaign.asked = True
    return None


def _move(exchange: Exchange, campaign: PlainCampaign, action: str, against: Reasons, leaves: str, **data: str) -> bool:
    """One move of the company's, or of the system's where the company has none; three at once now and then."""
    company = action in {"close_early", "cancel"}
    actor = exchange.companies[campaign.company].actor if company else SYSTEM
    done = exchange.ask(
        f"campaign {campaign.number}: {action}",
        lambda: perform(action, campaign.row, actor, **data),
        against=against,
        leaves=leaves,
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        campaign.state = leaves
    return done is not None


@step(2)
def close_a_campaign_early(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: not one.why_not_close_early())
    if campaign is None:
        return False
    _move(exchange, campaign, "close_early", campaign.why_not_close_early(), "clearing")
    return None


@step(3)
def let_a_deadline_come(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: one.deadline <= exchange.now)
    if campaign is None:
        return False
    against = campaign.is_state("open")
    if campaign.deadline > exchange.now:
        against.add(errors.DeadlineNotPassed)
    _move(exchange, campaign, "deadline", against, "clearing")
    return None


@step(0.2)
def cancel_a_campaign(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open")
    if campaign is None:
        return False
    _move(exchange, campaign, "cancel", campaign.is_state("open"), "cancelling", reason="soak")
    return None


@step(0.3)
def lose_the_demand(exchange: Exchange) -> bool | None:
    """The award lapses, whatever of the capture has been done."""
    campaign = exchange.campaign("clearing", "successful", "funded")
    if campaign is None or campaign.is_drawn:
        return False
    funded = campaign.state == "funded"
    against = campaign.is_state("open", "clearing", "successful", "funded")
    _move(exchange, campaign, "demand_lost", against, "refunding" if funded else "cancelling")
    return None


@step(4)
def decide_a_campaign(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("clearing", fits=lambda one: all(pledge.due <= exchange.now for pledge in one.those("cooling_off")))
    if campaign is None:
        return False
    success = exchange.likely(0.5) if exchange.likely(0.2) else campaign.held >= campaign.minimum
    against = campaign.why_not_decide(exchange.now, success=success)
    cooling = campaign.those("cooling_off")
    if _move(exchange, campaign, "succeed" if success else "fail", against, "successful" if success else "releasing") and success:
        # What is decided with the cooling-off's end is added while the outcome is.
        campaign.state = "clearing"
        become_firm(exchange, campaign, cooling)
        campaign.state = "successful"
    return None


@step(2)
def capture_one_pledge(exchange: Exchange) -> bool | None:
    """One alone, as where a batch stopped in between."""
    campaign = exchange.campaign("successful")
    pledge = exchange.one(campaign.those("firm", "captured")) if campaign else None
    if campaign is None or pledge is None:
        return False
    against: Reasons = set() if pledge.state == "firm" and campaign.state == "successful" else {WrongState}
    done = exchange.ask(
        f"the pledge of funder {pledge.funder} to campaign {campaign.number} is captured",
        lambda: perform("capture", pledge.row, SYSTEM),
        against=against,
        leaves="captured",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        _captured(exchange, campaign, pledge)
    return None


def _captured(exchange: Exchange, campaign: PlainCampaign, *pledges: object) -> None:
    for pledge in campaign.pledges:
        if pledge in pledges:
            pledge.state = "captured"
            campaign.captured += pledge.fen
            pay(exchange, pledge)


@step(3)
def capture_the_rest(exchange: Exchange) -> bool | None:
    """A batch, or the end of capturing where none is left; a batch that finds nothing left is harmless."""
    campaign = exchange.campaign("successful")
    if campaign is None:
        return False
    against, firm = campaign.is_state("successful"), campaign.those("firm")
    if exchange.likely(0.5):
        _batch(exchange, campaign, "capture_next", against)
        if not against:
            _captured(exchange, campaign, *firm)
        return None
    if firm:
        against.add(errors.WorkLeft)
    _move(exchange, campaign, "capture", against, "funded")
    return None


@step(5)
def release_the_rest(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("releasing", "cancelling")
    if campaign is None:
        return False
    against = campaign.is_state("releasing", "cancelling")
    if exchange.likely(0.5):
        _batch(exchange, campaign, "release_next", against)
        if not against:
            _released(exchange, campaign)
        return None
    if campaign.those("cooling_off", "firm", *WITH_MONEY):
        against.add(errors.WorkLeft)
    _move(exchange, campaign, "release_all", against, "cancelled_closed" if campaign.state == "cancelling" else "failed_closed")
    return None


def _batch(exchange: Exchange, campaign: PlainCampaign, action: str, against: Reasons) -> None:
    words = f"campaign {campaign.number}: {action}"
    act = exchange.likely(0.2)
    exchange.ask(words, lambda: perform(action, campaign.row, SYSTEM), against=against, at_once=act, again=[HARMLESS])


def _released(exchange: Exchange, campaign: PlainCampaign) -> None:
    """Every hold is void, and what was captured already is back in full."""
    for pledge in campaign.those("cooling_off", "firm"):
        pledge.state = "released"
        fall(exchange, campaign, pledge)
    for pledge in campaign.those("captured"):
        pledge.state = "refunded"
        exchange.books.move(campaign.escrow, f"funder {pledge.funder}", pledge.fen)
        return_to_owner(exchange, campaign, pledge, pledge.added)
