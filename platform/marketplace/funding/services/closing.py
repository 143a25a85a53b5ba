"""Close a campaign as a staged run: foretold before anything moves, checked after every step, resumable at any.

The stages are the campaign's own states and the steps the ways out that its table gives the system, so
nothing is remembered outside the rows: a run that was killed, the sweeper, and a second run beside it
all go on from what is committed. Every step is one transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, Sum

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError, WrongState
from marketplace.common.text import bi
from marketplace.funding import errors
from marketplace.funding.models import Campaign, Pledge, TopUp
from marketplace.funding.services import matching
from marketplace.funding.workflow import HOLDING, WITH_CAPTURED_MONEY, CampaignState, PledgeState
from marketplace.treasury.models import Transfer, TransferKind
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts
from marketplace.workflow.performing import lock_row, perform

STAGES = (CampaignState.OPEN, CampaignState.CLEARING, CampaignState.SUCCESSFUL, CampaignState.RELEASING, CampaignState.CANCELLING)
UNDECIDED = (CampaignState.OPEN, CampaignState.CLEARING)
TAKEN = (CampaignState.SUCCESSFUL, CampaignState.FUNDED)
_RETURNED = (PledgeState.RELEASED, PledgeState.REFUNDED)
_COUNTED = (*HOLDING, PledgeState.CAPTURED, *_RETURNED)


@dataclass(frozen=True, slots=True)
class Share:
    """What one pledge pays in and what returns to its funder, in fen; `done` when it has happened already.

    `matched_fen` is what a pool has added to it, or will when it becomes firm: paid in, or returned to the pool, with it.
    """

    pledge: UUID
    funder: str
    pays_fen: int
    returns_fen: int
    matched_fen: int
    done: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """How a campaign ends if it is closed now: its last state, every pledge's share, and from when it may be."""

    state: CampaignState
    ends: CampaignState
    not_before: datetime | None
    shares: tuple[Share, ...]

    @property
    def pays_fen(self) -> int:
        return sum(share.pays_fen for share in self.shares)

    @property
    def returns_fen(self) -> int:
        return sum(share.returns_fen for share in self.shares)

    @property
    def matched_fen(self) -> int:
        """What pools pay in; 0 where everything returns."""
        return sum(share.matched_fen for share in self.shares if share.pays_fen)

    @property
    def stages(self) -> tuple[CampaignState, ...]:
        """The states still to be left, in order."""
        paths: dict[CampaignState, tuple[CampaignState, ...]] = {
            CampaignState.FUNDED: (CampaignState.OPEN, CampaignState.CLEARING, CampaignState.SUCCESSFUL),
            CampaignState.FAILED_CLOSED: (CampaignState.OPEN, CampaignState.CLEARING, CampaignState.RELEASING),
            CampaignState.CANCELLED_CLOSED: (CampaignState.CANCELLING,),
        }
        path = paths[self.ends]
        return path[path.index(self.state) :]


class NothingToClose(WrongState):
    code = "nothing_to_close"
    title = bi("募资项目不在待关闭的状态", "The campaign is in no state that a closing leaves")


class ClosingDiffers(errors.EscrowDiffers):
    code = "closing_differs"
    title = bi("关闭结果与预测不符，已停止", "The closing differs from its prediction and has stopped")


def predict(*, campaign: Campaign) -> Prediction:
    """Who pays what and who gets what back, whatever part of it has happened; changes nothing. Raises NothingToClose.

    Before clearing it counts those who still cool off as staying.
    """
    state = CampaignState(campaign.state)
    if state not in STAGES:
        raise NothingToClose(state=state.value)
    rows = list(campaign.pledges.filter(state__in=_COUNTED).select_related("organisation").order_by("pk"))
    cooling_until = max((row.due_at for row in rows if row.state == PledgeState.COOLING_OFF and row.due_at), default=None)
    ends = _end_of(campaign, state)
    wins = ends == CampaignState.FUNDED
    added = {pledge: row.fen for pledge, row in matching.top_ups_of(rows).items()}
    if wins:
        added |= matching.foreseen(campaign, [row for row in rows if row.state == PledgeState.COOLING_OFF])
    shares = tuple(
        Share(
            row.pk,
            row.organisation.name,
            pays_fen=row.fen if wins else 0,
            returns_fen=0 if wins else row.fen,
            matched_fen=added.get(row.pk, 0),
            done=row.state not in HOLDING and (row.state == PledgeState.CAPTURED) == wins,
        )
        for row in rows
    )
    moments = [campaign.deadline if state == CampaignState.OPEN else None, cooling_until if state in UNDECIDED else None]
    later = [moment for moment in moments if moment is not None and moment > clock.now()]
    return Prediction(state, ends, max(later, default=None), shares)


def close(*, campaign: Campaign) -> Iterator[Campaign]:
    """Take one step after the other, each committed and checked before it is yielded, until the campaign is closed.

    The prediction is fixed once the outcome is decided: until then a funder may still withdraw, and a pool be used up.
    Raises NothingToClose, ClosingDiffers when the books or the prediction disagree after a step, and the refusal of
    the last way out where none is possible yet (DeadlineNotPassed, StillCoolingOff).
    """
    foretold: Prediction | None = predict(campaign=campaign)
    while campaign.state in STAGES:
        undecided = campaign.state in UNDECIDED
        campaign = _step(campaign)
        if undecided:  # whoever else has closed it meanwhile has left nothing to foretell
            foretold = predict(campaign=campaign) if campaign.state in STAGES else None
        campaign = check(campaign=campaign, foretold=foretold)
        yield campaign


@transaction.atomic
def check(*, campaign: Campaign, foretold: Prediction | None) -> Campaign:
    """The pledges, their top-ups, the campaign's totals, its escrow and the prediction say the same, and no hold is resolved twice.

    Returns the campaign as it is under its lock, where no pledge moves. Raises ClosingDiffers with both numbers.
    """
    campaign = lock_row(campaign)
    sums = campaign.pledges.aggregate(
        held=Sum("fen", filter=Q(state__in=HOLDING), default=0),
        captured=Sum(F("captured_fen") - F("refunded_fen"), filter=Q(state__in=WITH_CAPTURED_MONEY), default=0),
        returned=Sum("fen", filter=Q(state__in=_RETURNED), default=0),
    )
    added = TopUp.objects.filter(pledge__campaign=campaign).aggregate(
        held=Sum("fen", filter=Q(pledge__state__in=HOLDING), default=0),
        captured=Sum("captured_fen", default=0),
        refunded=Sum("refunded_fen", default=0),
    )
    escrow = balance(accounts.campaign_escrow(campaign.pk))
    _same("held", campaign.held_fen, sums["held"], escrow.incoming_fen - added["held"])
    _same("in escrow", sums["captured"] + added["captured"] - added["refunded"], escrow.posted_fen)
    _same("topped up", campaign.matched_fen, added["held"] + added["captured"])
    if campaign.state in (*TAKEN, *UNDECIDED):
        _same("captured", campaign.captured_fen, sums["captured"])
    if campaign.state not in STAGES:
        if foretold is not None:
            _same("state", campaign.state, foretold.ends)
            _same("paid in", sums["captured"], foretold.pays_fen)
            _same("paid in by pools", added["captured"] - added["refunded"], foretold.matched_fen)
            _same("returned", sums["returned"], foretold.returns_fen)
        _resolved_once(campaign)
    return campaign


def _step(campaign: Campaign) -> Campaign:
    """The first way out of the state that is possible now; whoever came first, the rows are read again."""
    refusal: DomainError | None = None
    for action in campaign.state_rule.on_timeout:
        try:
            return perform(action, campaign, Actor.system())
        except DomainError as refused:
            refusal = refused
    fresh = Campaign.objects.get(pk=campaign.pk)
    if refusal is not None and fresh.state == campaign.state:
        raise refusal
    return fresh


def _end_of(campaign: Campaign, state: CampaignState) -> CampaignState:
    if state == CampaignState.CANCELLING:
        return CampaignState.CANCELLED_CLOSED
    if state == CampaignState.RELEASING:
        return CampaignState.FAILED_CLOSED
    reached = state in TAKEN or campaign.held_fen >= campaign.minimum_fen
    return CampaignState.FUNDED if reached else CampaignState.FAILED_CLOSED


def _resolved_once(campaign: Campaign) -> None:
    """Each pledge that left the campaign's holds did so by one transfer, posting or voiding exactly its amount; so did its top-up."""
    kinds = {PledgeState.CAPTURED: TransferKind.POST, PledgeState.RELEASED: TransferKind.VOID}
    for state, kind in kinds.items():
        pledges = Pledge.objects.filter(campaign=campaign, state=state)
        for what, rows in (("pledges", pledges), ("top-ups", TopUp.objects.filter(pledge__in=pledges))):
            holds: Any = rows.values("hold_id")
            found = Transfer.objects.filter(kind=kind, pending_id__in=holds).aggregate(count=Count("pk"), fen=Sum("fen"))
            _same(f"{kind} transfers of {what}", found["count"], rows.count())
            _same(f"{kind} amount of {what}", found["fen"] or 0, rows.aggregate(fen=Sum("fen", default=0))["fen"])


def _same(what: str, *numbers: object) -> None:
    if len(set(numbers)) != 1:
        listed = " ≠ ".join(str(number) for number in numbers)
        raise ClosingDiffers(bi(f"核对未通过（{what}）：{listed}。", f"The check of “{what}” failed: {listed}."))
