"""Open a matching pool with an institution's own money, add to it, and give back what is left when it ends."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.codes import industries, regions
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.funding import errors, promises
from marketplace.funding.models import MOST_RATIO_BP, MatchingPool
from marketplace.funding.permissions import MONEY_ROLES
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts, transferring
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, perform

CAPS = ("pledge_cap_fen", "campaign_cap_fen", "funder_cap_fen")
FUNDED = "pool.funded"
TERMS = ("name_zh", "name_en", "ratio_bp", *CAPS, "regions", "industries", "until")


def pool_open(*, actor: Actor, terms: Mapping[str, Any], fen: int, id: UUID | None = None) -> MatchingPool:
    """Open a pool under these terms with so many fen of the institution's wallet; the same `id` with the same content is the same pool.

    Raises Forbidden, NotVerified, MissingScope, Invalid (also PromisesReturn), InsufficientFunds, KeyReused.
    """
    owner = _owner(actor)
    pool = MatchingPool(pk=id or uuid7(), organisation_id=owner, **{name: terms[name] for name in TERMS if name in terms})
    if (earlier := _earlier(pool, fen) if id else None) is not None:
        return earlier
    check_terms(pool)
    try:
        with transaction.atomic():
            return perform("open", begin(pool, actor), actor, fen=fen)
    except IntegrityError:  # a twin of this request came first
        earlier = _earlier(pool, fen)
        if earlier is None:
            raise
        return earlier


def open_with(ctx: Context[MatchingPool], *, fen: int) -> None:
    """The first money of a pool; from here its terms stand. Raises InsufficientFunds."""
    pool = ctx.obj
    ctx.private.update({name: getattr(pool, name) for name in TERMS if name != "until"}, until=pool.until.isoformat())
    add_money(ctx, fen=fen)


def add_money(ctx: Context[MatchingPool], *, fen: int) -> None:
    """Move so many fen from the owner's wallet into the pool. Raises InsufficientFunds."""
    source, target = accounts.wallet(ctx.obj.organisation_id), accounts.matching_pool(ctx.obj.pk)
    transferring.transfer(group=ctx.group, source=source, target=target, fen=fen, code=FUNDED)
    ctx.money = True
    ctx.private["fen"] = fen


def end(ctx: Context[MatchingPool]) -> None:
    """Give back what is not promised; what is held follows its pledges, and comes back when they are released."""
    account = accounts.matching_pool(ctx.obj.pk)
    left = balance(account).available_fen
    if left:
        wallet = accounts.wallet(ctx.obj.organisation_id)
        transferring.transfer(group=ctx.group, source=account, target=wallet, fen=left, code="pool.returned")
        ctx.money = True
    ctx.private["fen"] = left


def period_is_over(ctx: Context[MatchingPool]) -> None:
    """Time ends a pool only when its own period is over."""
    if ctx.obj.until > ctx.now:
        raise errors.PoolStillRuns


def check_terms(pool: MatchingPool) -> None:
    """The terms of a pool are whole and in order, and its name promises nothing. Raises Invalid, with the fields (also PromisesReturn)."""
    faults: dict[str, list[Any]] = {}
    if not (pool.name_zh or pool.name_en):
        faults["name_zh"] = [bi("请填写名称（中文或英文）。", "Give a name, in Chinese or in English.")]
    if not 1 <= pool.ratio_bp <= MOST_RATIO_BP:
        faults["ratio_bp"] = [bi("配套比例为 0.01 % 至 200 %。", "The ratio is between 0.01 % and 200 %.")]
    if not 0 < pool.pledge_cap_fen <= min(pool.campaign_cap_fen, pool.funder_cap_fen):
        faults["pledge_cap_fen"] = [
            bi(
                "单笔上限须大于零，且不超过单个项目和单家机构的上限。",
                "The most per pledge is positive, and not above the most per campaign or funder.",
            )
        ]
    known = {*regions.REGIONS, *regions.PROVINCES}
    if unknown := [code for code in pool.regions if code not in known]:
        faults["regions"] = [bi(f"没有地区 {unknown[0]}。", f"There is no region {unknown[0]}.")]
    if unknown := [code for code in pool.industries if code not in industries.DIVISIONS]:
        faults["industries"] = [bi(f"没有行业大类 {unknown[0]}。", f"There is no industry division {unknown[0]}.")]
    if pool.until <= clock.now():
        faults["until"] = [bi("截止时间须在将来。", "The period must end in the future.")]
    if faults:
        raise Invalid(next(iter(faults.values()))[0], fields=faults)
    promises.check({"name_zh": pool.name_zh, "name_en": pool.name_en})


def _owner(actor: Actor) -> UUID:
    if actor.organisation_id is None or actor.organisation_kind != OrganisationKind.FUNDER or not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("由金融融资机构的管理员或财务设立。", "Opened by the managers and finance people of financial institutions."))
    if not actor.verified:
        raise NotVerified
    if "money" not in actor.scopes:
        raise MissingScope
    return actor.organisation_id


def _earlier(pool: MatchingPool, fen: int) -> MatchingPool | None:
    """The pool of this id, if its owner has opened it with the same terms and money before. Raises KeyReused where anything differs."""
    found = MatchingPool.objects.filter(pk=pool.pk).first()
    if found is None:
        return None
    first = Transfer.objects.filter(target=accounts.matching_pool(found.pk), code=FUNDED).order_by("created_at", "pk")
    if first[0].fen != fen or any(getattr(found, name) != getattr(pool, name) for name in ("organisation_id", *TERMS)):
        raise KeyReused
    return found
