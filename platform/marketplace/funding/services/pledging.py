"""Pledge: begin, confirm by a hold on the wallet, take back while cooling off."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock, prepared
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, MissingScope, NotFound, NotVerified
from marketplace.common.idempotency import KeyReused
from marketplace.common.ids import uuid7
from marketplace.common.money import yuan
from marketplace.common.prepared import Prepared
from marketplace.common.text import bi
from marketplace.funding import errors
from marketplace.funding.models import ALIVE, Campaign, Pledge
from marketplace.funding.permissions import MONEY_ROLES, campaign_visible, is_invited
from marketplace.funding.services import assessing
from marketplace.funding.workflow import CampaignState
from marketplace.treasury.services import accounts, transferring
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, begin_with

RESERVE = """
UPDATE funding_campaign SET held_fen = held_fen + %s WHERE id = %s AND held_fen <= optimum_fen - captured_fen - matched_fen - %s
"""
# How many pledges a campaign has that count, and how many of them are one organisation's.
_alive = Prepared(
    lambda campaign, organisation: (
        Pledge.objects.filter(campaign_id=campaign, state__in=ALIVE)
        .order_by()
        .values("campaign_id")
        .annotate(every=Count("pk"), own=Count("pk", filter=Q(organisation_id=organisation)))
        .values_list("every", "own")
    ),
    UUID,
    UUID,
)


def pledge_begin(*, campaign: Campaign, actor: Actor, fen: int, id: UUID | None = None) -> Pledge:
    """Write down an intent, without money yet; the same `id` with the same content is the same pledge.

    Raises NotFound, Forbidden, NotVerified, MissingScope, NotInvited, NotSuitable, CampaignNotOpen, AmountOutsideLimits,
    KeyReused.
    """
    organisation_id = _may_pledge(actor, campaign)
    _must_be_eligible(actor, campaign)
    _must_be_open(campaign)
    assessing.must_be_suitable(organisation_id)
    check_amount(campaign, fen)
    pledge = Pledge(pk=id or uuid7(), campaign=campaign, organisation_id=organisation_id, fen=fen)
    earlier = Pledge.objects.filter(pk=id).first() if id else None
    if earlier is None:
        try:
            with transaction.atomic():
                return begin(pledge, actor)
        except IntegrityError:  # a twin of this request came first
            earlier = Pledge.objects.filter(pk=pledge.pk).first()
            if earlier is None:
                raise
    if (earlier.campaign_id, earlier.organisation_id, earlier.fen) != (campaign.pk, organisation_id, fen):
        raise KeyReused
    return earlier


def pledge_make(*, campaign: Campaign, actor: Actor, fen: int, risk_version: str, terms_sha256: str, suitable: bool) -> Pledge:
    """Begin and confirm as one change, every rule asked under the campaign's lock. Raises like `pledge_begin` and `confirm`."""
    organisation_id = _may_pledge(actor, campaign)
    pledge = Pledge(campaign=campaign, organisation_id=organisation_id, fen=fen)
    return begin_with("confirm", pledge, actor, risk_version=risk_version, terms_sha256=terms_sha256, suitable=suitable)


def check_amount(campaign: Campaign, fen: int) -> None:
    """An amount lies within the campaign's limits per funder. Raises AmountOutsideLimits."""
    if not campaign.funder_min_fen <= fen <= campaign.funder_max_fen:
        low, high = yuan(campaign.funder_min_fen), yuan(campaign.funder_max_fen)
        text = bi(f"单笔认筹须在 {low} 元至 {high} 元之间。", f"A pledge is between {low} and {high} yuan.")
        raise errors.AmountOutsideLimits(text, fields={"fen": [text]})


def can_confirm(ctx: Context[Pledge]) -> None:
    """Invited and eligible, campaign open, within the limits, a place left, and one live pledge per funder."""
    pledge, campaign = ctx.obj, ctx.obj.campaign
    _must_be_eligible(ctx.actor, campaign)
    _must_be_open(campaign)
    check_amount(campaign, pledge.fen)
    alive, own = _alive.first(campaign.pk, pledge.organisation_id) or (0, 0)
    if own:
        raise errors.AlreadyPledged
    if alive >= campaign.max_funders:
        raise errors.TooManyFunders


def confirm(ctx: Context[Pledge], *, risk_version: str, terms_sha256: str, suitable: bool) -> None:
    """Hold the amount in the funder's wallet for the campaign's escrow; cooling-off begins.

    The funder names the risk statement by its version and the terms by their hash, as it has read them.
    Raises RiskNotAccepted, TermsNotAccepted, NotSuitable, CapReached, InsufficientFunds.
    """
    pledge, campaign = ctx.obj, ctx.obj.campaign
    if not suitable or risk_version != campaign.risk_version:
        field = "risk_version" if suitable else "suitable"
        raise errors.RiskNotAccepted(fields={field: [errors.RiskNotAccepted.title]}, risk_version=campaign.risk_version)
    if terms_sha256 != campaign.terms_sha256:
        raise errors.TermsNotAccepted(fields={"terms_sha256": [errors.TermsNotAccepted.title]}, terms_sha256=campaign.terms_sha256)
    assessed = assessing.must_be_suitable(pledge.organisation_id)
    reserve(campaign, pledge.fen)
    pledge.hold = transferring.hold(
        group=ctx.group,
        source=accounts.wallet(pledge.organisation_id),
        target=accounts.campaign_escrow(campaign.pk),
        fen=pledge.fen,
        code="pledge.hold",
    )
    ctx.money = True
    pledge.suitability, pledge.terms_sha256 = assessed, terms_sha256
    pledge.risk_version, pledge.accepted_at, pledge.accepted_by = risk_version, ctx.now, ctx.actor.person_id
    ctx.private.update(campaign=str(campaign.pk), fen=pledge.fen, suitability=str(assessed.pk))
    ctx.private.update(risk_version=risk_version, terms_sha256=terms_sha256)


def reserve(campaign: Campaign, fen: int) -> None:
    """Count so many fen against the cap, or refuse: one conditional update decides. Raises CapReached."""
    with prepared.kept_cursor() as cursor:
        cursor.execute(RESERVE, [fen, campaign.pk, fen])
        reserved = cursor.rowcount
    if not reserved:
        left = yuan(Campaign.objects.get(pk=campaign.pk).left_fen)
        text = bi(f"距最优目标只余 {left} 元，请减少金额。", f"Only {left} yuan are left before the cap: lower the amount.")
        raise errors.CapReached(text, fields={"fen": [text]})


def still_cooling_off(ctx: Context[Pledge]) -> None:
    """A pledge is taken back only before its cooling-off ends."""
    if ctx.obj.due_at is not None and ctx.obj.due_at <= ctx.now:
        raise errors.CoolingOffOver


def cooling_off_over(ctx: Context[Pledge]) -> None:
    """Nobody's cooling-off is cut short."""
    if ctx.obj.due_at is not None and ctx.obj.due_at > ctx.now:
        raise errors.StillCoolingOff


def _may_pledge(actor: Actor, campaign: Campaign) -> UUID:
    """The organisation that pledges, by somebody who may know of the campaign and move its money."""
    if actor.organisation_id is None or not campaign_visible(actor, campaign):
        raise NotFound
    if not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("认筹由单位管理员或财务办理。", "Pledges are made by an organisation's managers or finance people."))
    if not actor.verified:
        raise NotVerified
    if "money" not in actor.scopes:
        raise MissingScope
    return actor.organisation_id


def _must_be_eligible(actor: Actor, campaign: Campaign) -> None:
    if actor.organisation_kind != OrganisationKind.FUNDER or not is_invited(actor, campaign):
        raise errors.NotInvited


def _must_be_open(campaign: Campaign) -> None:
    if campaign.state != CampaignState.OPEN or campaign.deadline <= clock.now():
        raise errors.CampaignNotOpen
