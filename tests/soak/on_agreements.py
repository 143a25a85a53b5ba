"""What an agreement does to a campaign's money, played here posting by posting: in force, delivered in parts, fulfilled, void, terminated.

The campaign's moves, the refunds and the payouts are the exchange's; of the agreements drawn and signed there, see `on_signatures`.
"""

from django.db import transaction

from marketplace.common import money
from marketplace.common.errors import WrongState
from marketplace.common.ids import uuid7
from marketplace.funding.models import Campaign, Payout
from marketplace.funding.services import settling
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow.performing import perform
from tests.factories import funding
from tests.factories.treasury import intent
from tests.soak.exchange import Exchange
from tests.soak.model import WITH_MONEY, PlainCampaign, PlainPayout, shared
from tests.soak.on_pools import return_to_owner
from tests.soak.steps import step

SYSTEM = funding.SYSTEM
FEE_BASIS_POINTS = 200


@step(3)
def an_agreement_comes_into_force(exchange: Exchange) -> bool | None:
    """The campaign's escrow goes to the agreement's, whole."""
    campaign = exchange.campaign("funded", fits=lambda one: not one.is_drawn)
    if campaign is None or campaign.is_drawn:
        return False
    against, total = campaign.is_state("funded"), exchange.books.purses[campaign.escrow]
    source, target = exchange.accounts[campaign.escrow], books.agreement_escrow(uuid7())

    @transaction.atomic
    def act() -> Campaign:
        done: Campaign = perform("agreement_effective", campaign.row, SYSTEM)
        transfer(group=intent(), source=source, target=target, fen=total, code="agreement.campaign_share")
        return done

    words = f"the agreement of campaign {campaign.number} comes into force"
    if exchange.ask(words, act, against=against, leaves="disbursing", at_once=exchange.likely(0.2), again=[WrongState]):
        campaign.state = "disbursing"
        exchange.open_purse(campaign.agreement, target)
        exchange.books.move(campaign.escrow, campaign.agreement, total)
    return None


@step(4)
def a_milestone_is_accepted(exchange: Exchange) -> bool | None:
    """A part, or the rest, becomes payable to the team, less the fee, and its payout is asked for."""
    campaign = _in_force(exchange)
    left = exchange.books.purses[campaign.agreement] if campaign else 0
    if campaign is None or not left:
        return False
    part = left if left < 100 or exchange.likely(0.4) else exchange.chance.randint(1, left)
    fee = money.basis_points(part, FEE_BASIS_POINTS)
    number = campaign.place % len(exchange.universities)
    source, target = exchange.accounts[campaign.agreement], exchange.accounts[f"payable {number}"]

    @transaction.atomic
    def act() -> Payout:
        group = intent()
        transfer(group=group, source=source, target=target, fen=part - fee, code="milestone.released")
        if fee:
            transfer(group=group, source=source, target=exchange.accounts["fee"], fen=fee, code="milestone.fee")
        return payout_request(
            organisation_id=exchange.universities[number].organisation.pk,
            fen=part - fee,
            purpose_kind="milestone",
            purpose_id=group,
            actor=SYSTEM,
        )

    row = exchange.ask(f"a milestone of campaign {campaign.number} is worth {part}", act, leaves="requested")
    exchange.books.move(campaign.agreement, f"payable {number}", part - fee)
    if fee:
        exchange.books.move(campaign.agreement, "fee", fee)
    exchange.payouts.append(PlainPayout(row, number, part - fee))
    return None


@step(0.7)
def an_agreement_ends(exchange: Exchange) -> bool | None:
    """Fulfilled where nothing is left in its escrow; else terminated: what is left returns to the pledges, pro rata to the fen."""
    campaign = _in_force(exchange)
    if campaign is None:
        return False
    left = exchange.books.purses[campaign.agreement]
    if left:
        _terminated(exchange, campaign, left)
        return None
    words = f"campaign {campaign.number} is fulfilled"
    exchange.ask(
        words, lambda: perform("complete", campaign.row, SYSTEM), leaves="closed", at_once=exchange.likely(0.2), again=[WrongState]
    )
    campaign.state = "closed"
    for pledge in campaign.those(*WITH_MONEY):
        pledge.state = "settled"
    return None


def _terminated(exchange: Exchange, campaign: PlainCampaign, left: int) -> None:
    source, target = exchange.accounts[campaign.agreement], exchange.accounts[campaign.escrow]

    @transaction.atomic
    def act() -> Campaign:
        perform("agreement_terminated", campaign.row, SYSTEM)
        transfer(group=intent(), source=source, target=target, fen=left, code="agreement.returned")
        return settling.refund(campaign=campaign.row, fen=left)

    words = f"campaign {campaign.number} is terminated with {left} left"
    exchange.ask(words, act, leaves="closed", at_once=exchange.likely(0.2), again=[WrongState])
    exchange.books.move(campaign.agreement, campaign.escrow, left)
    refunded(exchange, campaign, left)


@step(0.3)
def an_agreement_is_void(exchange: Exchange) -> bool | None:
    """Nobody signed or funded it: the campaign is to return everything."""
    campaign = exchange.campaign("funded", fits=lambda one: not one.is_drawn)
    if campaign is None or campaign.is_drawn:
        return False
    against = campaign.is_state("funded")
    words = f"the agreement of campaign {campaign.number} is void"
    if exchange.ask(words, lambda: perform("agreement_void", campaign.row, SYSTEM), against=against, leaves="refunding"):
        campaign.state = "refunding"
    return None


@step(3)
def refund_a_campaign(exchange: Exchange) -> bool | None:
    campaign = exchange.campaign("refunding")
    if campaign is None:
        return False
    against, total = campaign.is_state("refunding"), exchange.books.purses[campaign.escrow]
    if exchange.ask(
        f"campaign {campaign.number} refunds {total}",
        lambda: settling.refund(campaign=campaign.row, fen=total),
        against=against,
        leaves="closed",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    ):
        refunded(exchange, campaign, total)
    return None


def refunded(exchange: Exchange, campaign: PlainCampaign, total: int) -> None:
    """So much of the escrow goes back to pledges and pools, pro rata to the fen, and the campaign is over."""
    captured = campaign.those(*WITH_MONEY)
    weights = {str(pledge.row.pk): pledge.fen for pledge in captured}
    added = {f"{pledge.row.pk}/top-up": pledge.added for pledge in captured if pledge.pool}
    parts = shared(total, weights | added)
    for pledge in captured:
        part = parts[str(pledge.row.pk)]
        if part:
            exchange.books.move(campaign.escrow, f"funder {pledge.funder}", part)
        return_to_owner(exchange, campaign, pledge, parts.get(f"{pledge.row.pk}/top-up", 0))
        pledge.state = "refunded" if part == pledge.fen else "settled"
    campaign.state = "closed"


def _in_force(exchange: Exchange) -> PlainCampaign | None:
    return exchange.one(one for one in exchange.campaigns if one.state == "disbursing" and not one.is_drawn)
