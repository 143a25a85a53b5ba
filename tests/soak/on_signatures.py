"""Steps on agreements of the exchange's own: drawn, frozen, signed by every party, funded, delivered, accepted, and ended early."""

from marketplace.agreements import errors
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import drawing, signing
from marketplace.common.errors import NotFound, WrongState
from marketplace.funding.models import Campaign, Payout
from marketplace.treasury.errors import DebtFirst
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import agreements, funding
from tests.soak.exchange import Exchange
from tests.soak.model import WITH_MONEY, PlainPayout, Reasons
from tests.soak.on_agreements import FEE_BASIS_POINTS, refunded
from tests.soak.plain_agreements import FUNDING, MILLION, PlainAgreement
from tests.soak.steps import step

SYSTEM = funding.SYSTEM


@step(5)
def draw_an_agreement(exchange: Exchange) -> bool | None:
    """On a campaign that is captured; whoever of its parties was there is to sign. Once."""
    campaign = exchange.one(one for one in exchange.campaigns if one.state == "funded")
    if campaign is None:
        return False
    demand = exchange.places[campaign.place]
    assert demand is not None
    pledges, inventor = campaign.those("captured"), exchange.chance.randint(0, MILLION)
    agreed = PlainAgreement(
        row=None,
        campaign=campaign,
        parties=(
            f"company {campaign.company}",
            f"university {campaign.place % len(exchange.universities)}",
            *sorted({f"funder {pledge.funder}" for pledge in pledges}),
        ),
        company_fen=funding.PRICE - campaign.captured - campaign.matched,
        campaign_fen=campaign.captured + campaign.matched,
        costs_cap=exchange.chance.choice((0, exchange.chance.randint(1, 100_000))),
        inventor_ppm=inventor,
        years=exchange.chance.randint(1, 4),
    )
    shares = {"inventor_share_ppm": inventor, "unit_share_ppm": MILLION - inventor}
    terms = agreements.terms(**shares, costs_cap_fen=agreed.costs_cap)

    def act() -> Agreement:
        fresh = Campaign.objects.get(pk=campaign.row.pk)
        return drawing.agreement_draw(demand=demand, campaign=fresh, actor=exchange.member(agreed.company).actor, terms=terms)

    twice: Reasons = {errors.AlreadyDrawn, errors.DemandNotAwarded}
    agreed.row = exchange.ask(
        f"an agreement on campaign {campaign.number} is drawn",
        act,
        against=twice if campaign.is_drawn else (),
        leaves="negotiating",
        at_once=exchange.likely(0.2),
        again=[errors.AlreadyDrawn],
    )
    if agreed.row is not None:
        campaign.is_drawn = True
        exchange.agreements.append(agreed)
    return None


def _move(exchange: Exchange, one: PlainAgreement, action: str, against: Reasons, leaves: str, *, who: str = "", **data: str) -> bool:
    actor = exchange.member(who).actor if who else SYSTEM
    done = exchange.ask(
        f"the agreement on campaign {one.campaign.number}: {action}",
        lambda: perform(action, one.row, actor, **data),
        against=against,
        leaves=leaves,
        at_once=exchange.likely(0.2),
        again=[WrongState],
    )
    if done is not None:
        one.state = leaves
    return done is not None


def _agreement(exchange: Exchange, *states: str) -> PlainAgreement | None:
    return exchange.mostly(exchange.agreements, lambda one: one.state in states)


@step(5)
def freeze_a_text(exchange: Exchange) -> bool | None:
    one = _agreement(exchange, "negotiating")
    if one is None:
        return False
    _move(exchange, one, "freeze_text", one.is_state("negotiating"), "pending_signatures", who=one.company)
    return None


@step(10)
def sign_an_agreement(exchange: Exchange) -> bool | None:
    """Each party once; the last signature concludes it. A stranger finds nothing to sign, and a wrong signature is none."""
    one = _agreement(exchange, "pending_signatures")
    if one is None:
        return False
    unsigned = [name for name in one.parties if name not in one.signed]
    name = exchange.chance.choice(unsigned if unsigned and exchange.likely(0.85) else exchange.wallets)
    against, data = one.is_state("pending_signatures"), {"signature": "00" * 64} if exchange.likely(0.05) else {}
    if name not in one.parties:
        against = {NotFound}
    elif name in one.signed:
        against.add(errors.AlreadySigned)
    if data:
        against.add(errors.BadSignature)
    is_last = unsigned == [name]
    done = exchange.ask(
        f"{name} signs the agreement on campaign {one.campaign.number}",
        lambda: signing.conclude_if_all_signed(perform("sign", one.row, exchange.member(name).actor, **data)),
        against=against,
        leaves="signed" if is_last else "pending_signatures",
        at_once=exchange.likely(0.2),
        again=[errors.AlreadySigned, WrongState],
    )
    if done is not None:
        one.signed.add(name)
        if is_last:
            one.state, one.fund_by = "signed", exchange.now + FUNDING
    return None


@step(0.5)
def go_back_to_the_table(exchange: Exchange) -> bool | None:
    """The signatures given so far are void."""
    one = _agreement(exchange, "pending_signatures")
    if one is None:
        return False
    against = one.is_state("pending_signatures")
    if _move(exchange, one, "reopen", against, "negotiating", who=exchange.chance.choice(one.parties), reason="soak"):
        one.signed.clear()
    return None


@step(0.3)
def give_an_agreement_up(exchange: Exchange) -> bool | None:
    """Before all have signed: the campaign stands as before."""
    one = _agreement(exchange, "negotiating", "pending_signatures")
    if one is None:
        return False
    if exchange.likely(0.5):
        done = _move(exchange, one, "timeout", one.is_state("pending_signatures"), "void")
    else:
        done = _move(exchange, one, "abandon", one.is_state("negotiating"), "void", who=one.team, reason="soak")
    if done:
        one.campaign.is_drawn = False
    return None


@step(6)
def fund_an_agreement(exchange: Exchange) -> bool | None:
    """The company's part and the whole campaign go into escrow, or nothing does."""
    one = _agreement(exchange, "signed")
    if one is None:
        return False
    against = one.is_state("signed")
    if not against:
        if exchange.books.available(one.company) < one.company_fen:
            against.add(errors.NotFunded)
        if exchange.books.owes(one.company):
            against.add(DebtFirst)
    if _move(exchange, one, "conditions_met", against, "active", who=one.company):
        campaign = one.campaign
        exchange.open_purse(one.escrow, books.agreement_escrow(one.row.pk))
        exchange.open_purse(one.revenue, books.revenue(one.row.pk))
        exchange.books.move(one.company, one.escrow, one.company_fen)
        exchange.books.move(campaign.escrow, one.escrow, one.campaign_fen)
        campaign.state = "disbursing"
        one.milestone = one.row.milestones.get()
    return None


@step(0.3)
def let_the_funding_time_end(exchange: Exchange) -> bool | None:
    one = exchange.mostly(exchange.agreements, lambda one: one.state == "signed" and one.fund_by <= exchange.now)
    if one is None:
        return False
    against = one.is_state("signed")
    if one.state == "signed" and one.fund_by > exchange.now:
        against.add(errors.NotFunded)
    if _move(exchange, one, "condition_failed", against, "void"):
        one.campaign.state, one.campaign.is_drawn = "refunding", False
        exchange.places[one.campaign.place] = None
    return None


@step(5)
def deliver_a_milestone(exchange: Exchange) -> bool | None:
    one = exchange.one(one for one in exchange.agreements if one.state == "active")
    if one is None:
        return False
    team = exchange.member(one.team)

    def act() -> object:
        return perform("submit", one.milestone, team.actor, file=agreements.deliverable(team.organisation))

    against: Reasons = {WrongState} if one.is_delivered else set()
    if exchange.ask(f"the team of campaign {one.campaign.number} delivers", act, against=against, leaves="under_review"):
        one.is_delivered = True
    return None


@step(5)
def accept_a_milestone(exchange: Exchange) -> bool | None:
    """Its whole price is payable to the team, less the fee; being the only one, it completes the agreement, demand and campaign."""
    one = exchange.mostly([one for one in exchange.agreements if one.milestone], lambda one: one.state == "active" and one.is_delivered)
    if one is None:
        return False
    against: Reasons = set() if one.state == "active" and one.is_delivered else {WrongState}
    actor = exchange.member(one.company).actor
    if not exchange.ask(
        f"the delivery of campaign {one.campaign.number} is accepted",
        lambda: perform("accept", one.milestone, actor),
        against=against,
        leaves="released",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    ):
        return None
    number, fee = int(one.team.split()[1]), funding.PRICE * FEE_BASIS_POINTS // 10_000
    exchange.books.move(one.escrow, f"payable {number}", funding.PRICE - fee)
    exchange.books.move(one.escrow, "fee", fee)
    row = Payout.objects.get(purpose_kind="milestone", purpose_id=one.milestone.pk)
    exchange.payouts.append(PlainPayout(row, number, funding.PRICE - fee))
    one.state, one.campaign.state = "completed", "closed"
    exchange.places[one.campaign.place] = None
    for pledge in one.campaign.those(*WITH_MONEY):
        pledge.state = "settled"
    return None


@step(0.2)
def end_an_agreement_early(exchange: Exchange) -> bool | None:
    """All that is in escrow returns to its sources: the company, and through the campaign the pledges and the pools."""
    one = exchange.mostly(exchange.agreements, lambda one: one.state == "active" and not one.waiting)
    if one is None or one.waiting:
        return False
    against = one.is_state("active")
    if not exchange.ask(
        f"the agreement on campaign {one.campaign.number} is ended",
        lambda: perform("terminate", one.row, exchange.reviewer, reason="mutual", text="soak"),
        against=against,
        leaves="terminated",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    ):
        return None
    exchange.books.move(one.escrow, one.company, one.company_fen)
    exchange.books.move(one.escrow, one.campaign.escrow, one.campaign_fen)
    refunded(exchange, one.campaign, one.campaign_fen)
    one.state = "terminated"
    exchange.places[one.campaign.place] = None
    return None
