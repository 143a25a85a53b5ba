"""Steps of funders: pledge, in one go or two, under a key or not; take back, let cool, agree to an early close."""

from collections.abc import Callable
from uuid import UUID

from marketplace.common import idempotency
from marketplace.common.errors import WrongState
from marketplace.common.idempotency import KeyInUse, KeyReused
from marketplace.common.ids import uuid7
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import pledging
from marketplace.treasury.errors import DebtFirst, InsufficientFunds
from marketplace.workflow.performing import perform
from tests.factories import funding
from tests.soak.exchange import HARMLESS, Exchange
from tests.soak.model import ASSESSED, COOLING_OFF, PlainCampaign, PlainPledge, Reasons
from tests.soak.on_pools import become_firm
from tests.soak.steps import step

SYSTEM = funding.SYSTEM


def _whom_and_how_much(exchange: Exchange, campaign: PlainCampaign) -> tuple[int, int]:
    """Mostly somebody invited who has not pledged yet, and an amount within the limits, the cap and the wallet."""
    busy = {pledge.funder for pledge in campaign.those("cooling_off", "firm", "captured")}
    free = sorted(campaign.invited - busy)
    funder = exchange.chance.choice(free) if free and exchange.likely(0.85) else exchange.chance.randrange(len(exchange.funders))
    if exchange.likely(0.15):
        return funder, exchange.chance.randint(1, campaign.optimum * 2)
    possible = min(campaign.highest, campaign.left, exchange.books.available(f"funder {funder}"))
    return funder, exchange.chance.randint(campaign.lowest, max(campaign.lowest, possible))


def _against(exchange: Exchange, campaign: PlainCampaign, funder: int, fen: int) -> Reasons:
    until = exchange.funders[funder].assessed_until
    against = campaign.why_not_confirm(funder=funder, fen=fen, now=exchange.now, assessed_until=until)
    if exchange.books.owes(f"funder {funder}"):
        against.add(DebtFirst)
    return against | ({InsufficientFunds} if exchange.books.available(f"funder {funder}") < fen else set())


def _held(exchange: Exchange, campaign: PlainCampaign, pledge: PlainPledge) -> None:
    exchange.begun += 1
    pledge.state, pledge.due, pledge.held_as = "cooling_off", exchange.now + COOLING_OFF, exchange.begun
    refusal = exchange.books.promise(pledge.row.pk, f"funder {pledge.funder}", campaign.escrow, pledge.fen)
    assert refusal is None


def _pledge(exchange: Exchange, fits: Callable[[PlainPledge], bool]) -> tuple[PlainCampaign, PlainPledge] | None:
    """Mostly one that fits, of whatever campaign is not over."""
    return exchange.mostly(((campaign, one) for campaign in exchange.campaigns for one in campaign.pledges), lambda pair: fits(pair[1]))


@step(10)
def pledge(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: one.has_room(exchange.now))
    if campaign is None:
        return False
    funder, fen = _whom_and_how_much(exchange, campaign)
    who, against = exchange.funders[funder], _against(exchange, campaign, funder, fen)

    def act() -> Pledge:
        fresh = Campaign.objects.get(pk=campaign.row.pk)
        return pledging.pledge_make(campaign=fresh, actor=who.actor, fen=fen, **funding.accepted(fresh))

    # Three of them are three pledges of one funder, of whom only one may have one.
    late = [errors.AlreadyPledged, errors.CapReached, InsufficientFunds, errors.TooManyFunders]
    made = exchange.ask(
        f"funder {funder} pledges {fen} to campaign {campaign.number}",
        act,
        against=against,
        leaves="cooling_off",
        at_once=exchange.likely(0.1),
        again=late,
    )
    if made is not None:
        campaign.pledges.append(PlainPledge(made, funder, fen))
        _held(exchange, campaign, campaign.pledges[-1])
    return None


@step(4)
def pledge_under_a_key(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: one.has_room(exchange.now))
    if campaign is None:
        return False
    funder, fen = _whom_and_how_much(exchange, campaign)
    who, against = exchange.funders[funder], _against(exchange, campaign, funder, fen)
    key, print_ = f"{exchange.name}-{exchange.begun}", f"{campaign.row.pk} {fen}".encode()
    exchange.begun += 1

    def act() -> str:
        fresh = Campaign.objects.get(pk=campaign.row.pk)

        def run() -> idempotency.Answer:
            return 201, {"id": str(pledging.pledge_make(campaign=fresh, actor=who.actor, fen=fen, **funding.accepted(fresh)).pk)}

        _, body, _ = idempotency.once(actor_key=who.organisation.name_zh, key=key, fingerprint=print_, run=run)
        return str(body["id"])

    made = exchange.ask(
        f"funder {funder} pledges {fen} to campaign {campaign.number} under a key",
        act,
        # Of three refused at once some may find the key in use.
        against=against | {KeyInUse} if against else against,
        at_once=exchange.likely(0.3),
        again=[KeyInUse, HARMLESS],
    )
    if made is not None:
        row = Pledge.objects.get(pk=UUID(made))
        campaign.pledges.append(PlainPledge(row, funder, fen))
        _held(exchange, campaign, campaign.pledges[-1])
        exchange.requests.append((who.organisation.name_zh, key, print_, made))
    return None


@step(2)
def use_a_key_again(exchange: Exchange) -> bool | None:
    """The same request has the same answer and does nothing; another one under the same key is refused."""
    known = exchange.one(exchange.requests)
    if known is None:
        return False
    owner, key, print_, answer = known
    other = exchange.likely(0.3)

    def never() -> idempotency.Answer:
        raise AssertionError("what was done under a key is done again")

    def act() -> None:
        _, body, replayed = idempotency.once(actor_key=owner, key=key, fingerprint=b"other" if other else print_, run=never)
        assert (body["id"], replayed) == (answer, True)

    exchange.ask(
        "use a key again", act, against=[KeyReused, KeyInUse] if other else [], at_once=exchange.likely(0.3), again=[KeyInUse, HARMLESS]
    )
    return None


@step(3)
def write_down_an_intent(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("open", fits=lambda one: one.has_room(exchange.now))
    if campaign is None:
        return False
    funder, fen = _whom_and_how_much(exchange, campaign)
    who, key = exchange.funders[funder], uuid7()
    against = campaign.why_not_begin(funder=funder, fen=fen, now=exchange.now, assessed_until=who.assessed_until)

    def act() -> Pledge:
        return pledging.pledge_begin(campaign=Campaign.objects.get(pk=campaign.row.pk), actor=who.actor, fen=fen, id=key)

    made = exchange.ask(
        f"funder {funder} would pledge {fen} to campaign {campaign.number}",
        act,
        against=against,
        leaves="intent",
        at_once=exchange.likely(0.2),
        again=[HARMLESS],
    )
    if made is not None:
        campaign.pledges.append(PlainPledge(made, funder, fen))
    return None


@step(4)
def confirm_an_intent(exchange: Exchange) -> bool | None:
    campaign = exchange.one(one for one in exchange.campaigns if one.those("intent"))
    if campaign is None:
        return False
    waiting = campaign.those("intent")
    one = exchange.chance.choice(waiting if exchange.likely(0.9) else campaign.pledges)
    against = _against(exchange, campaign, one.funder, one.fen)
    if one.state != "intent":
        against.add(WrongState)
    stale = exchange.likely(0.1)
    if stale:
        against.add(errors.TermsNotAccepted)
    accepted = {**funding.accepted(campaign.row), **({"terms_sha256": "0" * 64} if stale else {})}
    done = exchange.ask(
        f"funder {one.funder} confirms {one.fen} to campaign {campaign.number}",
        lambda: perform("confirm", one.row, exchange.funders[one.funder].actor, **accepted),
        against=against,
        leaves="cooling_off",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        _held(exchange, campaign, one)
    return None


@step(1)
def let_an_intent_expire(exchange: Exchange) -> bool | None:
    campaign = exchange.one(one for one in exchange.campaigns if one.those("intent"))
    if campaign is None:
        return False
    one = exchange.chance.choice(campaign.those("intent"))
    exchange.ask("let an intent expire", lambda: perform("expire", one.row, SYSTEM), leaves="expired")
    one.state = "expired"
    return None


@step(3)
def take_a_pledge_back(exchange: Exchange) -> bool | None:
    """Free of charge until the cooling-off ends, and not a moment longer."""
    found = _pledge(exchange, lambda one: one.state == "cooling_off" and one.due > exchange.now)
    if found is None:
        return False
    campaign, one = found
    against: Reasons = set() if one.state == "cooling_off" else {WrongState}
    if one.due <= exchange.now:
        against.add(errors.CoolingOffOver)
    done = exchange.ask(
        f"funder {one.funder} takes {one.fen} back from campaign {campaign.number}",
        lambda: perform("cancel", one.row, exchange.funders[one.funder].actor),
        against=against,
        leaves="cancelled",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        one.state = "cancelled"
        exchange.books.keep(one.row.pk, 0)
    return None


@step(9)
def end_a_cooling_off(exchange: Exchange) -> bool | None:
    found = _pledge(exchange, lambda one: one.state == "cooling_off" and one.due <= exchange.now)
    if found is None:
        return False
    campaign, one = found
    against: Reasons = set() if one.state == "cooling_off" else {WrongState}
    if one.due > exchange.now:
        against.add(errors.StillCoolingOff)
    done = exchange.ask(
        f"the pledge of funder {one.funder} to campaign {campaign.number} becomes firm",
        lambda: perform("cooling_passed", one.row, SYSTEM),
        against=against,
        leaves="firm",
        at_once=exchange.likely(0.1),
        again=[WrongState],
    )
    if done is not None:
        become_firm(exchange, campaign, [one])
    return None


@step(3)
def agree_to_an_early_close(exchange: Exchange) -> bool | None:
    found = _pledge(exchange, lambda one: one.state == "firm" and not one.agreed)
    if found is None:
        return False
    campaign, one = found
    against: Reasons = set() if one.state == "firm" else {WrongState}
    if campaign.state != "open":
        against.add(errors.CampaignNotOpen)
    if one.agreed:
        against.add(errors.AgreedAlready)
    done = exchange.ask(
        f"funder {one.funder} agrees to an early close of campaign {campaign.number}",
        lambda: perform("agree_early_close", one.row, exchange.funders[one.funder].actor),
        against=against,
        at_once=exchange.likely(0.1),
        again=[errors.AgreedAlready],
    )
    if done is not None:
        one.agreed = True
    return None


@step(0.1)
def answer_the_questionnaire(exchange: Exchange) -> None:
    who = exchange.chance.choice(exchange.funders)
    exchange.ask("answer the questionnaire", lambda: funding.assessed(who.organisation))
    who.assessed_until = exchange.now + ASSESSED
