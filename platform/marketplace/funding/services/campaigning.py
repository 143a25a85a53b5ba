"""Write a campaign for an awarded demand, have it reviewed, open it, and call it off."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.accounts.workflow import OrganisationState
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotVerified, WrongState
from marketplace.common.text import bi
from marketplace.demands.models import Demand
from marketplace.demands.permissions import demand_roles
from marketplace.demands.services.publishing import required
from marketplace.demands.workflow import DemandState
from marketplace.funding import errors, promises, terms
from marketplace.funding.models import ENDED, MOST_FUNDERS, Campaign
from marketplace.funding.permissions import campaign_roles
from marketplace.funding.services import offering
from marketplace.funding.workflow import BEFORE_OPENING, CampaignState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform

TEXTS = ("title_zh", "title_en", "text_zh", "text_en")
FIELDS = (*TEXTS, "minimum_fen", "optimum_fen", "funder_min_fen", "funder_max_fen", "max_funders", "deadline")


def campaign_create(*, demand: Demand, actor: Actor, fields: Mapping[str, Any], invited: Iterable[UUID] = ()) -> Campaign:
    """Begin a draft for the actor's own awarded demand, paid out by the awarded bid's milestones.

    `fields` may hold `terms` (see `marketplace.funding.terms`) and `use_of_funds`, a list of lines, which a draft may lack.
    Raises Forbidden, NotVerified, MissingScope, DemandNotAwarded, CampaignExists, Invalid (also PromisesReturn).
    """
    if "company" not in demand_roles(actor, demand):
        raise Forbidden(bi("由需求方为其需求募资。", "The demand's own company proposes its campaign."))
    _may_write(actor)
    with transaction.atomic():
        locked: Demand = lock_row(demand)
        if locked.state != DemandState.AWARDED or locked.awarded_bid is None:
            raise errors.DemandNotAwarded
        if Campaign.objects.filter(demand=locked).exclude(state__in=ENDED).exists():
            raise errors.CampaignExists
        campaign = Campaign(demand=locked, organisation_id=locked.organisation_id, milestones=locked.awarded_bid.milestones)
        _write(campaign, fields)
        begin(campaign, actor)
        _plan(campaign, fields)
        campaign.invited.set(_funders(invited))
    return campaign


def campaign_edit(*, campaign: Campaign, actor: Actor, fields: Mapping[str, Any], invited: Iterable[UUID] | None = None) -> Campaign:
    """Change a draft. Raises Forbidden, NotVerified, MissingScope, WrongState once submitted, Invalid."""
    with transaction.atomic():
        fresh: Campaign = lock_row(campaign)
        if "company" not in campaign_roles(actor, fresh):
            raise Forbidden
        _may_write(actor)
        if fresh.state != CampaignState.DRAFT:
            raise WrongState(bi("只有草稿可以编辑。", "Only a draft can be edited."))
        _write(fresh, fields)
        fresh.save()
        _plan(fresh, fields)
        if invited is not None:
            fresh.invited.set(_funders(invited))
    return fresh


def must_be_complete(ctx: Context[Campaign]) -> None:
    """What goes to review, and what is approved, has a text, terms, a whole use of funds, its funders, time left, and promises nothing."""
    campaign = ctx.obj
    missing = bi("必填", "Needed")
    fields: dict[str, list[Any]] = {}
    if not (campaign.text_zh or campaign.text_en):
        fields["text_zh"] = [missing]
    if not campaign.invited.exists():
        fields["invited"] = [bi("请至少邀请一家已核验的金融机构。", "Invite at least one verified financial institution.")]
    fields |= offering.faults_of(campaign)
    if fields:
        raise errors.CampaignIncomplete(next(iter(fields.values()))[0], fields=fields)
    promises.check({**_texts(campaign), **offering.texts_of(campaign)})
    may_still_open(ctx)


def may_still_open(ctx: Context[Campaign]) -> None:
    """A campaign is for a demand that is still awarded and a deadline that lies ahead."""
    if ctx.obj.demand.state != DemandState.AWARDED:
        raise errors.DemandNotAwarded
    if ctx.obj.deadline <= ctx.now:
        text = bi("截止时间须在将来。", "The deadline must lie in the future.")
        raise Invalid(text, fields={"deadline": [text]})


def submit(ctx: Context[Campaign]) -> None:
    """Fix when the money is paid out, as the awarded bid has it, and commit to the terms."""
    bid = ctx.obj.demand.awarded_bid
    assert bid is not None  # an awarded demand names its bid
    ctx.obj.milestones = bid.milestones
    _commit(ctx)


def review(ctx: Context[Campaign], *, reason: str) -> None:
    """Send back or refuse, with the reason that the company reads."""
    ctx.reason = ctx.obj.review_note = required(reason)


def approve(ctx: Context[Campaign], *, note: str = "") -> None:
    """Approve as it stands; a note is optional."""
    ctx.reason = ctx.obj.review_note = note.strip()
    _commit(ctx)


def open_campaign(ctx: Context[Campaign]) -> None:
    """From here the invited funders see it and may pledge."""
    ctx.obj.opened_at = ctx.now
    _commit(ctx)


def call_off(ctx: Context[Campaign], *, reason: str) -> None:
    """Withdraw or cancel, with the reason that funders read."""
    ctx.reason = ctx.obj.review_note = required(reason)


def demand_lost(ctx: Context[Demand]) -> None:
    """When a demand's award lapses, its campaign ends and every fen goes back."""
    losing = (*BEFORE_OPENING, CampaignState.OPEN, CampaignState.CLEARING, CampaignState.SUCCESSFUL, CampaignState.FUNDED)
    for campaign in Campaign.objects.filter(demand=ctx.obj, state__in=losing).order_by("pk"):
        perform("demand_lost", campaign, Actor.system())


def _may_write(actor: Actor) -> None:
    if not actor.verified:
        raise NotVerified
    if "write" not in actor.scopes:
        raise MissingScope


def _write(campaign: Campaign, fields: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in fields:
            setattr(campaign, name, fields[name])
    if fields.get("terms") is not None:
        offering.write_terms(campaign, fields["terms"])
    faults = _faults(campaign)
    if faults:
        raise Invalid(next(iter(faults.values()))[0], fields=faults)
    promises.check({**_texts(campaign), **terms.texts_of(campaign.terms)})


def _plan(campaign: Campaign, fields: Mapping[str, Any]) -> None:
    if fields.get("use_of_funds") is not None:
        offering.write_use_of_funds(campaign, fields["use_of_funds"])
        promises.check(offering.texts_of(campaign))


def _texts(campaign: Campaign) -> dict[str, str]:
    return {name: getattr(campaign, name) for name in TEXTS}


def _faults(campaign: Campaign) -> dict[str, list[Any]]:
    faults: dict[str, list[Any]] = {}
    if not (campaign.title_zh or campaign.title_en):
        faults["title_zh"] = [bi("请填写标题（中文或英文）。", "Give a title, in Chinese or in English.")]
    missing = [name for name in FIELDS if name not in TEXTS and getattr(campaign, name) is None]
    faults |= {name: [bi("必填", "Needed")] for name in missing}
    if missing:
        return faults
    price = (campaign.demand.awarded_bid.price_fen if campaign.demand.awarded_bid else None) or 0
    if not 0 < campaign.minimum_fen <= campaign.optimum_fen:
        faults["minimum_fen"] = [bi("最低目标须大于零且不超过最优目标。", "The minimum is positive and not above the optimum.")]
    if campaign.optimum_fen > price:
        faults["optimum_fen"] = [bi("最优目标不得超过中标价。", "The optimum is not above the awarded price.")]
    if not 0 < campaign.funder_min_fen <= campaign.funder_max_fen <= campaign.optimum_fen:
        faults["funder_max_fen"] = [
            bi("单笔限额须大于零、次序正确且不超过最优目标。", "The limits per funder are positive, in order and not above the optimum.")
        ]
    if not 1 <= campaign.max_funders <= MOST_FUNDERS:
        faults["max_funders"] = [bi(f"出资方数量须为 1 至 {MOST_FUNDERS}。", f"Between 1 and {MOST_FUNDERS} funders.")]
    return faults


def _funders(invited: Iterable[UUID]) -> list[Organisation]:
    """The verified financial institutions of these ids; Invalid when one is anything else."""
    wanted = set(invited)
    found = list(Organisation.objects.filter(pk__in=wanted, kind=OrganisationKind.FUNDER, state=OrganisationState.VERIFIED))
    if len(found) != len(wanted):
        text = bi("只能邀请已核验的金融融资机构。", "Only verified financial institutions can be invited.")
        raise Invalid(text, fields={"invited": [text]})
    return found


def _commit(ctx: Context[Campaign]) -> None:
    campaign = ctx.obj
    ctx.private.update(
        demand=str(campaign.demand_id),
        minimum_fen=campaign.minimum_fen,
        optimum_fen=campaign.optimum_fen,
        deadline=campaign.deadline.isoformat(),
        max_funders=campaign.max_funders,
        risk_version=campaign.risk_version,
        **offering.committed(campaign),
    )
