"""Steps of institutions on matching pools, and what a pool's money does when a pledge becomes firm, is captured or falls."""

from collections.abc import Iterable
from datetime import timedelta

from marketplace.common import clock
from marketplace.common.errors import WrongState
from marketplace.common.ids import uuid7
from marketplace.funding import errors
from marketplace.funding.services.pools import pool_open
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import funding, pools
from tests.soak.exchange import HARMLESS, Exchange
from tests.soak.model import STEP_SECONDS, PlainCampaign, PlainPledge, PlainPool, Reasons, refused
from tests.soak.steps import step

MOST_POOLS = 4


@step(1)
def open_a_pool(exchange: Exchange) -> bool | None:
    """With an institution's own money; the same request three times is one pool."""
    if len([one for one in exchange.pools if one.state == "open"]) >= MOST_POOLS:
        return False
    chance, owner = exchange.chance, exchange.chance.randrange(len(exchange.funders))
    per_pledge = chance.randint(1, 100_000)
    exchange.begun += 1
    pool = PlainPool(
        row=None,
        number=exchange.begun,
        owner=owner,
        ratio=chance.choice((1, 333, 2_000, 5_000, 20_000)),
        most_per_pledge=per_pledge,
        most_per_campaign=chance.randint(per_pledge, per_pledge * 3),
        most_per_funder=chance.randint(per_pledge, per_pledge * 3),
        until=exchange.now + chance.randint(8, 200),
    )
    fen, key = exchange.amount(f"funder {owner}"), uuid7()
    terms = pools.terms(
        ratio_bp=pool.ratio,
        pledge_cap_fen=pool.most_per_pledge,
        campaign_cap_fen=pool.most_per_campaign,
        funder_cap_fen=pool.most_per_funder,
        until=clock.now() + timedelta(seconds=pool.until * STEP_SECONDS),
    )
    account = books.matching_pool(key)
    exchange.open_purse(pool.purse, account)
    pool.row = exchange.ask(
        f"funder {owner} opens pool {pool.number} with {fen}",
        lambda: pool_open(actor=exchange.funders[owner].actor, terms=terms, fen=fen, id=key),
        against=refused(exchange.books.move(f"funder {owner}", pool.purse, fen)),
        leaves="open",
        at_once=exchange.likely(0.2),
        again=[HARMLESS],
    )
    if pool.row is None:
        exchange.close_purse(pool.purse)
    else:
        exchange.pools.append(pool)
    return None


@step(0.7)
def add_to_a_pool(exchange: Exchange) -> bool | None:
    pool = exchange.mostly(exchange.pools, lambda one: one.state == "open")
    if pool is None:
        return False
    wallet = f"funder {pool.owner}"
    fen = exchange.amount(wallet)
    against = {WrongState} if pool.state != "open" else refused(exchange.books.move(wallet, pool.purse, fen))
    actor = exchange.funders[pool.owner].actor
    exchange.ask(f"{wallet} adds {fen} to pool {pool.number}", lambda: perform("add_money", pool.row, actor, fen=fen), against=against)
    return None


@step(0.4)
def end_a_pool(exchange: Exchange) -> bool | None:
    """By its owner, or by the system once its period is over; what no pledge holds is back at once."""
    by_time = exchange.likely(0.6)
    pool = exchange.mostly(exchange.pools, lambda one: one.state == "open" and (not by_time or one.until <= exchange.now))
    if pool is None:
        return False
    against: Reasons = {WrongState} if pool.state != "open" else set()
    if by_time and pool.until > exchange.now:
        against.add(errors.PoolStillRuns)
    actor = funding.SYSTEM if by_time else exchange.funders[pool.owner].actor
    if exchange.ask(
        f"pool {pool.number} ends{' with its period' if by_time else ''}",
        lambda: perform("lapse" if by_time else "close", pool.row, actor),
        against=against,
        leaves="closed",
        at_once=exchange.likely(0.2),
        again=[WrongState],
    ):
        pool.state = "closed"
        _give_back(exchange, pool, exchange.books.available(pool.purse))
    return None


def become_firm(exchange: Exchange, campaign: PlainCampaign, pledges: Iterable[PlainPledge]) -> None:
    """The first confirmed first: to each what the oldest pool adds that has anything for it."""
    collecting = campaign.state in ("open", "clearing")
    for pledge in sorted(pledges, key=lambda one: one.held_as):
        pledge.state = "firm"
        for pool in exchange.pools if collecting else ():
            fen = pool.would_add(campaign, pledge, free=exchange.books.available(pool.purse), now=exchange.now)
            if fen:
                pledge.pool, pledge.added = pool, fen
                campaign.matched += fen
                pool.count(campaign, pledge, fen)
                assert exchange.books.promise((pledge.row.pk, "added"), pool.purse, campaign.escrow, fen) is None
                break


def pay(exchange: Exchange, pledge: PlainPledge) -> None:
    """A pledge is captured, and what was added with it."""
    exchange.books.keep(pledge.row.pk, pledge.fen)
    if pledge.pool:
        exchange.books.keep((pledge.row.pk, "added"), pledge.added)


def fall(exchange: Exchange, campaign: PlainCampaign, pledge: PlainPledge) -> None:
    """A pledge's hold is void, and that of what was added: the pool has it again, or its owner where the pool has ended."""
    exchange.books.keep(pledge.row.pk, 0)
    if pledge.pool:
        exchange.books.keep((pledge.row.pk, "added"), 0)
        campaign.matched -= pledge.added
        pledge.pool.count(campaign, pledge, -pledge.added)
        if pledge.pool.state == "closed":
            _give_back(exchange, pledge.pool, pledge.added)


def return_to_owner(exchange: Exchange, campaign: PlainCampaign, pledge: PlainPledge, fen: int) -> None:
    """A captured top-up, or its part, goes from the campaign's escrow to the pool's owner."""
    if pledge.pool and fen:
        exchange.books.move(campaign.escrow, f"funder {pledge.pool.owner}", fen)


def _give_back(exchange: Exchange, pool: PlainPool, fen: int) -> None:
    if fen:
        exchange.books.move(pool.purse, f"funder {pool.owner}", fen)
