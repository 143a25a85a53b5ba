"""Pledges whose money the bank takes back before it was captured: their holds are voided, the newest first, before a debt is made."""

from uuid import UUID

from django.db.models import QuerySet

from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import matching
from marketplace.funding.workflow import HOLDING, CampaignState
from marketplace.workflow.context import Context
from marketplace.workflow.performing import perform


def not_being_captured(ctx: Context[Pledge]) -> None:
    """Once its campaign has succeeded a pledge is captured with the others: what the bank takes back then is a debt."""
    if ctx.obj.campaign.state == CampaignState.SUCCESSFUL:
        raise WrongState(state=ctx.obj.campaign.state)


def free_pledges(organisation_id: UUID, fen: int) -> None:
    """Charge back as many whole pledges of an organisation as it takes to free so many fen in its wallet, the newest first."""
    wanted, free = [], 0
    for pledge in _free_to_fall(organisation_id).order_by("-accepted_at", "-pk"):
        if free >= fen:
            break
        wanted.append(pledge)
        free += pledge.fen
    # Every campaign, then every pledge and pool, before the first account: the order in which everybody locks.
    list(Campaign.objects.select_for_update(no_key=True).filter(pk__in={one.campaign_id for one in wanted}).order_by("pk"))
    locked = list(Pledge.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in wanted]).order_by("pk"))
    matching.locked(row.pool_id for row in matching.top_ups_of(locked).values())
    still = set(_free_to_fall(organisation_id).values_list("pk", flat=True))
    for pledge in wanted:
        if pledge.pk in still:
            perform("charge_back", pledge, Actor.system())


def _free_to_fall(organisation_id: UUID) -> QuerySet[Pledge]:
    held = Pledge.objects.filter(organisation_id=organisation_id, state__in=HOLDING)
    return held.exclude(campaign__state=CampaignState.SUCCESSFUL)
