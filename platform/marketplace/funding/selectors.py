"""Every read of campaigns, pledges and payouts, already cut down to what the caller may see."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.prepared import Prepared
from marketplace.demands.models import Demand
from marketplace.demands.workflow import DemandState
from marketplace.funding.models import ENDED, BankAccount, Campaign, CampaignQuestion, Payout, Pledge
from marketplace.funding.permissions import BANK_STAFF, MONEY_ROLES, PAYING_STAFF, READING_STAFF
from marketplace.funding.workflow import CampaignState, PayoutState, PledgeState

_CAPTURED_STATES = (CampaignState.FUNDED, CampaignState.DISBURSING, CampaignState.REFUNDING, CampaignState.CLOSED)
_PAID_IN = (PledgeState.CAPTURED, PledgeState.PARTIALLY_REFUNDED, PledgeState.SETTLED)


def campaigns_for(actor: Actor) -> QuerySet[Campaign]:
    """The company's own, the awarded team's, those the caller is invited to, and for staff their region's."""
    if actor.is_system:
        return _campaigns()
    if actor.staff in READING_STAFF:
        return _campaigns().filter(demand__region_code__startswith=actor.staff_region or "")
    if actor.organisation_id is None:
        return Campaign.objects.none()
    return _campaigns_of(actor.organisation_id)


def _campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.select_related("demand__awarded_bid", "organisation").defer("demand__search").order_by("-id")


def _campaigns_of(organisation_id: UUID) -> QuerySet[Campaign]:
    invited = Campaign.invited.through.objects.filter(organisation_id=organisation_id).values("campaign_id")
    return _campaigns().filter(
        Q(organisation_id=organisation_id)
        | Q(demand__awarded_bid__organisation_id=organisation_id)
        | Q(opened_at__isnull=False, pk__in=invited)
    )


_WHO_SEES = ("organisation", "opened_at", "demand__awarded_bid__organisation")
_campaign_of = Prepared(lambda campaign, organisation: _campaigns_of(organisation).filter(pk=campaign), UUID, UUID)
_campaign_known_to = Prepared(
    lambda campaign, organisation: (
        _campaigns_of(organisation).select_related(None).select_related("demand__awarded_bid").only(*_WHO_SEES).filter(pk=campaign)
    ),
    UUID,
    UUID,
)


def campaign_for(actor: Actor, campaign_id: UUID | str) -> Campaign:
    """One campaign, or NotFound where there is none that the caller may know of."""
    if isinstance(campaign_id, UUID) and actor.organisation_id and not actor.staff:
        found = _campaign_of.first(campaign_id, actor.organisation_id)
    else:
        found = campaigns_for(actor).filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found


def campaign_known_to(actor: Actor, campaign_id: UUID) -> Campaign:
    """As `campaign_for`, with no more of it than says who may see it: for what locks it next, and reads it then."""
    if actor.organisation_id is None or actor.staff:
        return campaign_for(actor, campaign_id)
    found = _campaign_known_to.first(campaign_id, actor.organisation_id)
    if found is None:
        raise NotFound
    return found


def campaigns_to_decide(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns that wait for a reviewer: submitted ones, and open ones whose company asks for more time."""
    more_time = Q(state=CampaignState.OPEN, extension_until__isnull=False, extended_from=None, deadline__gt=clock.now())
    return campaigns_for(actor).filter(Q(state=CampaignState.SUBMITTED) | more_time)


def campaigns_to_go_on_with(actor: Actor) -> QuerySet[Campaign]:
    """The company's own campaigns that wait for it: to be submitted, to be opened, or with a funder's question to be answered."""
    if actor.organisation_id is None:
        return Campaign.objects.none()
    asked = CampaignQuestion.objects.filter(campaign=OuterRef("pk"), answered_at=None)
    waiting = Q(state__in=(CampaignState.DRAFT, CampaignState.APPROVED)) | Exists(asked)
    return campaigns_for(actor).filter(waiting, organisation_id=actor.organisation_id)


def demands_to_fund(actor: Actor) -> QuerySet[Demand]:
    """The company's own awarded demands that have no campaign under way, newest first."""
    if actor.organisation_id is None:
        return Demand.objects.none()
    alive = Campaign.objects.exclude(state__in=ENDED).values("demand_id")
    own = Demand.objects.filter(organisation_id=actor.organisation_id, state=DemandState.AWARDED)
    return own.exclude(pk__in=alive).defer("search").order_by("-id")


def pledges_for(actor: Actor) -> QuerySet[Pledge]:
    """The caller's own pledges; for reading staff those of their region."""
    rows = Pledge.objects.select_related("campaign__demand", "organisation").defer("campaign__demand__search").order_by("-id")
    if actor.is_system:
        return rows
    if actor.staff in READING_STAFF:
        return rows.filter(campaign__demand__region_code__startswith=actor.staff_region or "")
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id)


def pledges_to_answer(actor: Actor) -> QuerySet[Pledge]:
    """The caller's pledges that wait for its word: to be confirmed, or asked for consent to an early close of a campaign not yet full."""
    asked = Q(state=PledgeState.FIRM, agreed_close_at=None, campaign__state=CampaignState.OPEN, campaign__close_asked_at__isnull=False)
    places_left = Q(campaign__optimum_fen__gt=F("campaign__held_fen") + F("campaign__captured_fen") + F("campaign__matched_fen"))
    return pledges_for(actor).filter(Q(state=PledgeState.INTENT) | (asked & places_left))


def pledge_for(actor: Actor, pledge_id: UUID | str) -> Pledge:
    """One pledge, or NotFound where there is none that the caller may know of."""
    found = pledges_for(actor).filter(pk=pledge_id).first()
    if found is None:
        raise NotFound
    return found


def payouts_for(actor: Actor) -> QuerySet[Payout]:
    """Payouts to the caller's organisation; for finance officers and auditors those of their region."""
    rows = Payout.objects.select_related("organisation", "bank_account").order_by("-id")
    if actor.is_system:
        return rows
    if actor.staff in PAYING_STAFF:
        return rows.filter(organisation__region_code__startswith=actor.staff_region or "")
    if actor.organisation_id is None:
        return rows.none()
    return rows.filter(organisation_id=actor.organisation_id)


def payout_for(actor: Actor, payout_id: UUID | str) -> Payout:
    """One payout, or NotFound where there is none that the caller may know of."""
    found = payouts_for(actor).filter(pk=payout_id).first()
    if found is None:
        raise NotFound
    return found


def may_ask_anew(actor: Actor, payout: Payout) -> bool:
    """The beneficiary's managers and finance people, and finance officers who see the payout, may ask again for a rejected one."""
    own = actor.organisation_id == payout.organisation_id and bool(actor.roles & MONEY_ROLES)
    return own or actor.staff == "finance"


def askable(payouts: Iterable[Payout], actor: Actor) -> set[UUID]:
    """Which of these were rejected, stand unasked for since, and may be asked for by the actor."""
    rejected = [one for one in payouts if one.state == PayoutState.REJECTED and may_ask_anew(actor, one)]
    over = (PayoutState.REJECTED, PayoutState.REVERSED)
    live = Payout.objects.filter(purpose_id__in={one.purpose_id for one in rejected}).exclude(state__in=over)
    asked = set(live.values_list("purpose_kind", "purpose_id", "organisation_id"))
    return {one.pk for one in rejected if (one.purpose_kind, one.purpose_id, one.organisation_id) not in asked}


def payouts_to_approve(actor: Actor) -> QuerySet[Payout]:
    """Payouts whose next approval this officer may give: neither their own request nor their own first approval."""
    first = Q(state=PayoutState.REQUESTED)
    second = Q(state=PayoutState.FIRST_APPROVED) & ~Q(first_approver=actor.person_id)
    return payouts_for(actor).filter(_has_account(), first | second).exclude(requested_by=actor.person_id)


def payouts_without_account(actor: Actor) -> QuerySet[Payout]:
    """Payouts that wait because nobody has said where they are to go."""
    return payouts_for(actor).filter(~_has_account())


def _has_account() -> Exists:
    return Exists(BankAccount.objects.filter(organisation_id=OuterRef("organisation_id"), replaced_at=None))


def bank_accounts_for(actor: Actor) -> QuerySet[BankAccount]:
    """The accounts of the caller's organisation, for its managers and finance people; those in use for finance officers and auditors."""
    if actor.staff in BANK_STAFF:
        rows = BankAccount.objects.filter(replaced_at=None, organisation__region_code__startswith=actor.staff_region or "")
        return rows.select_related("organisation").order_by("-id")
    if actor.organisation_id is None or not actor.roles & MONEY_ROLES:
        return BankAccount.objects.none()
    return BankAccount.objects.filter(organisation_id=actor.organisation_id).select_related("organisation").order_by("-id")


def bank_account_in_use(organisation_id: UUID) -> BankAccount | None:
    """Where an organisation is paid at present."""
    return BankAccount.objects.filter(organisation_id=organisation_id, replaced_at=None).first()


def captured_fen(campaign: Campaign) -> int:
    """What a campaign brings to an agreement with what pools have added, in fen; 0 until all its pledges are captured."""
    row = Campaign.objects.filter(pk=campaign.pk, state__in=_CAPTURED_STATES).first()
    return row.captured_fen + row.matched_fen if row else 0


def captured_pledges(campaign: Campaign) -> list[Pledge]:
    """The pledges whose money went in and was not wholly returned, ordered by id."""
    return list(Pledge.objects.filter(campaign=campaign, state__in=_PAID_IN).order_by("pk"))


def funders_of(campaign: Campaign) -> list[UUID]:
    """The organisations behind the captured pledges, ordered by id."""
    rows = Pledge.objects.filter(campaign=campaign, state__in=_PAID_IN)
    return list(rows.order_by("organisation_id").values_list("organisation_id", flat=True).distinct())


def firm_and_cooling_fen(campaign: Campaign) -> tuple[int, int]:
    """The confirmed and the still withdrawable part of what is held, in fen."""
    rows = Pledge.objects.filter(campaign=campaign, state__in=(PledgeState.FIRM, PledgeState.COOLING_OFF))
    sums = {row["state"]: row["fen"] for row in rows.values("state").annotate(fen=Sum("fen")).order_by()}
    return sums.get(PledgeState.FIRM, 0), sums.get(PledgeState.COOLING_OFF, 0)
