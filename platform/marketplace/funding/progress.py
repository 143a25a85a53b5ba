"""Where the work that a pledge pays for stands, and what happens next to the pledge's money."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models

from marketplace.common.text import bi
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.portfolio import NEVER_HELD, RevenueShare
from marketplace.funding.workflow import CampaignState, PledgeState

RELEASING = (CampaignState.RELEASING, CampaignState.CANCELLING)
PAID_IN = (PledgeState.CAPTURED, PledgeState.PARTIALLY_REFUNDED, PledgeState.SETTLED)
# Money that never went in: the work is not its funder's.
OUT_OF_IT = (*NEVER_HELD, PledgeState.CANCELLED, PledgeState.RELEASED, PledgeState.CHARGED_BACK)


class StepKind(models.TextChoices):
    """What a pledge waits for, from its cooling-off to the last share of revenue."""

    COOLING_OFF = "cooling_off", bi("冷静期结束", "Cooling-off ends")
    EARLY_CLOSE = "early_close", bi("答复提前截止", "Answer on an early close")
    DEADLINE = "deadline", bi("募资截止", "Campaign closes")
    OUTCOME = "outcome", bi("募资结果", "Campaign’s outcome")
    CAPTURE = "capture", bi("划转", "Capture")
    RELEASE = "release", bi("解冻", "Release")
    REFUND = "refund", bi("退款", "Refund")
    DRAWING = "drawing", bi("起草协议", "Agreement drawn up")
    NEGOTIATION = "negotiation", bi("协议定稿", "Agreement’s text")
    SIGNATURES = "signatures", bi("各方签署", "Signatures")
    FUNDS = "funds", bi("资金到位", "Escrow funded")
    DELIVERY = "delivery", bi("交付", "delivery")
    REVIEW = "review", bi("验收", "acceptance")
    REVISION = "revision", bi("整改", "revision")
    REPORT = "report", bi("申报收益", "Revenue report")
    AUDIT = "audit", bi("审查收益申报", "Audit of the revenue")
    PAY_IN = "pay_in", bi("缴入收益", "Revenue paid in")
    DIVISION = "division", bi("分配收益", "Revenue divided")


OF_REVENUE = (StepKind.REPORT, StepKind.AUDIT, StepKind.PAY_IN, StepKind.DIVISION)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next, at the latest when (UTC; None where no clock runs), and of which milestone (0: of none)."""

    kind: StepKind
    due_at: datetime | None = None
    ordinal: int = 0

    @property
    def label(self) -> str:
        """The step in the reader's language, now: 募资截止, M3 交付."""
        return f"M{self.ordinal} {self.kind.label}" if self.ordinal else str(self.kind.label)


@dataclass(frozen=True, slots=True)
class Work:
    """A campaign's work: its milestones' weights in order, how many of them are released, and what comes next by its agreement."""

    weights: tuple[int, ...]
    released: int = 0
    next: Step | None = None

    @property
    def done(self) -> list[int]:
        """1 for each released milestone, 0 for each other: milestones are released in their order."""
        return [1] * self.released + [0] * (len(self.weights) - self.released)


@dataclass(frozen=True, slots=True)
class Standing:
    """A pledge's work, None where its money never went in, and its next step, None where nothing more is to come."""

    work: Work | None
    next: Step | None


WorkReader = Callable[[Collection[UUID]], Mapping[UUID, Work]]
_work: list[WorkReader] = []


def tell_work(reader: WorkReader) -> None:
    """Let the room above, which has the milestones, say how the work of some campaigns stands."""
    _work.append(reader)


def standings(pledges: Iterable[Pledge], shares: Mapping[UUID, RevenueShare]) -> dict[UUID, Standing]:
    """Each pledge's standing by its id, with its share of revenue known; in as many queries for one pledge as for all."""
    rows = list(pledges)
    asked = {pledge.campaign_id for pledge in rows}
    agreed = {campaign: work for reader in _work for campaign, work in reader(asked).items()}
    found = {}
    for pledge in rows:
        work = agreed.get(pledge.campaign_id) or _planned(pledge.campaign)
        share = shares.get(pledge.pk)
        step = _next(pledge, work, more_to_come=share is not None and share.remaining_fen > 0)
        found[pledge.pk] = Standing(None if pledge.state in OUT_OF_IT else work, step)
    return found


def _planned(campaign: Campaign) -> Work:
    """Before there is an agreement: the awarded bid's milestones, none released, and an agreement to be drawn up."""
    weights = tuple(int(row["share_bp"]) for row in campaign.milestones)
    waits = campaign.state in (CampaignState.SUCCESSFUL, CampaignState.FUNDED)
    by = campaign.due_at if campaign.state == CampaignState.FUNDED else None
    return Work(weights, next=Step(StepKind.DRAWING, by) if waits else None)


def _next(pledge: Pledge, work: Work, *, more_to_come: bool) -> Step | None:
    campaign = pledge.campaign
    if pledge.state in (PledgeState.COOLING_OFF, PledgeState.FIRM) and campaign.state in RELEASING:
        return Step(StepKind.RELEASE)
    if pledge.state == PledgeState.COOLING_OFF:
        return Step(StepKind.COOLING_OFF, pledge.due_at)
    if pledge.state == PledgeState.FIRM:
        return _of_firm(pledge, campaign)
    if pledge.state not in PAID_IN:
        return None
    if campaign.state == CampaignState.REFUNDING:
        return Step(StepKind.REFUND)
    if work.next is not None and work.next.kind in OF_REVENUE and not more_to_come:
        return None
    return work.next


def _of_firm(pledge: Pledge, campaign: Campaign) -> Step | None:
    """What decides about a hold; the system's own work has no time of its own."""
    asked = campaign.close_asked_at is not None and pledge.agreed_close_at is None and campaign.left_fen > 0
    steps = {
        CampaignState.OPEN: Step(StepKind.EARLY_CLOSE if asked else StepKind.DEADLINE, campaign.deadline),
        CampaignState.CLEARING: Step(StepKind.OUTCOME, campaign.clears_at),
        CampaignState.SUCCESSFUL: Step(StepKind.CAPTURE),
    }
    return steps.get(CampaignState(campaign.state))
