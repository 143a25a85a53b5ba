"""What a campaign, a pledge and a payout are to a child: plain words and numbers, and time in steps of six hours.

Each `why_not_…` names every reason that speaks against a step. The exchange may give whichever of them it finds first; it must give one
of them, and must do the step where there is none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marketplace.common.errors import DomainError, NotFound, WrongState
from marketplace.funding import errors

Reasons = set[type[DomainError]]

STEP_SECONDS = 6 * 3600
DAY = 4  # steps
COOLING_OFF, FREEZE, RETURNS = DAY, 2 * DAY, 14 * DAY
ASSESSED = 365 * DAY

HOLDING = ("cooling_off", "firm")
WITH_MONEY = ("captured", "partially_refunded")
OVER = ("closed", "failed_closed", "cancelled_closed")


@dataclass(eq=False)
class PlainPledge:
    """`row` is the real one's handle; nothing is read from it but its id. The greater `held_as`, the later it was confirmed."""

    row: Any
    funder: int
    fen: int
    state: str = "intent"
    due: int = 0
    held_as: int = 0
    agreed: bool = False
    pool: "PlainPool | None" = None
    added: int = 0


@dataclass(eq=False)
class PlainPool:
    """`used` is what it has added, by campaign and by funder."""

    row: Any
    number: int
    owner: int
    ratio: int
    most_per_pledge: int
    most_per_campaign: int
    most_per_funder: int
    until: int
    state: str = "open"
    used: Counter[str] = field(default_factory=Counter)

    @property
    def purse(self) -> str:
        return f"pool {self.number}"

    def count(self, campaign: "PlainCampaign", pledge: PlainPledge, fen: int) -> None:
        """Add so many fen to what is used, or take them off."""
        self.used[f"campaign {campaign.number}"] += fen
        self.used[f"funder {pledge.funder}"] += fen

    def would_add(self, campaign: "PlainCampaign", pledge: PlainPledge, *, free: int, now: int) -> int:
        """What is added to this pledge where so much is free in the purse; 0 to its owner's own, and where nobody invited the owner."""
        if self.state != "open" or self.until <= now or self.owner == pledge.funder or self.owner not in campaign.invited:
            return 0
        room = campaign.optimum - max(campaign.minimum, campaign.held + campaign.captured) - campaign.matched
        here = self.most_per_campaign - self.used[f"campaign {campaign.number}"]
        theirs = self.most_per_funder - self.used[f"funder {pledge.funder}"]
        return max(0, min(pledge.fen * self.ratio // 10_000, self.most_per_pledge, room, here, theirs, free))


@dataclass(eq=False)
class PlainCampaign:
    row: Any
    number: int
    company: int
    place: int
    minimum: int
    optimum: int
    lowest: int
    highest: int
    most: int
    deadline: int
    invited: frozenset[int]
    cap_bp: int
    state: str = "open"
    asked: bool = False
    extension: int | None = None
    extended: bool = False
    captured: int = 0
    matched: int = 0
    pledges: list[PlainPledge] = field(default_factory=list)
    # Whether an agreement of the exchange's own is drawn on it; without, its money's way is played.
    is_drawn: bool = False

    @property
    def escrow(self) -> str:
        return f"escrow {self.number}"

    @property
    def agreement(self) -> str:
        return f"agreement {self.number}"

    def those(self, *states: str) -> list[PlainPledge]:
        return [pledge for pledge in self.pledges if pledge.state in states]

    @property
    def held(self) -> int:
        return sum(pledge.fen for pledge in self.those(*HOLDING))

    @property
    def left(self) -> int:
        return self.optimum - self.held - self.captured - self.matched

    def has_room(self, now: int) -> bool:
        """Whether a pledge could be made by somebody."""
        return (
            self.deadline > now and self.left >= self.lowest and len(self.those(*HOLDING, *WITH_MONEY)) < min(self.most, len(self.invited))
        )

    def is_state(self, *states: str) -> Reasons:
        return set() if self.state in states else {WrongState}

    def why_not_begin(self, *, funder: int, fen: int, now: int, assessed_until: int) -> Reasons:
        """Against writing down an intent."""
        against: Reasons = set()
        if funder not in self.invited:
            against |= {NotFound, errors.NotInvited}
        if self.state != "open" or self.deadline <= now:
            against.add(errors.CampaignNotOpen)
        if assessed_until <= now:
            against.add(errors.NotSuitable)
        if not self.lowest <= fen <= self.highest:
            against.add(errors.AmountOutsideLimits)
        return against

    def why_not_confirm(self, *, funder: int, fen: int, now: int, assessed_until: int) -> Reasons:
        """Against a hold for it, what the wallet has aside."""
        against = self.why_not_begin(funder=funder, fen=fen, now=now, assessed_until=assessed_until)
        alive = self.those(*HOLDING, *WITH_MONEY)
        if funder in {pledge.funder for pledge in alive}:
            against.add(errors.AlreadyPledged)
        if len(alive) >= self.most:
            against.add(errors.TooManyFunders)
        if fen > self.left:
            against.add(errors.CapReached)
        return against

    def why_not_close_early(self) -> Reasons:
        against = self._why_no_consent()
        if self.left and self._silent:
            against.add(errors.EarlyCloseNotAgreed)
        return against

    def why_not_ask(self) -> Reasons:
        """Against asking the pledgers for an early close."""
        against = self._why_no_consent()
        if self.asked:
            against.add(errors.ConsentAskedAlready)
        if not (self.left and self._silent):
            against.add(errors.NobodyToAsk)
        return against

    def why_not_extend(self, now: int) -> Reasons:
        against = self.is_state("open")
        if self.extended:
            against.add(errors.ExtendedAlready)
        if self.deadline <= now:
            against.add(errors.CampaignNotOpen)
        return against

    def why_not_decide(self, now: int, *, success: bool) -> Reasons:
        against = self.is_state("clearing")
        if any(pledge.due > now for pledge in self.those("cooling_off")):
            against.add(errors.StillCoolingOff)
        if success and self.held < self.minimum:
            against.add(errors.GoalNotReached)
        if not success and self.held >= self.minimum:
            against.add(errors.GoalReached)
        return against

    def _why_no_consent(self) -> Reasons:
        against = self.is_state("open")
        if self.held < self.minimum:
            against.add(errors.GoalNotReached)
        if self.those("cooling_off"):
            against.add(errors.StillCoolingOff)
        return against

    @property
    def _silent(self) -> list[PlainPledge]:
        return [pledge for pledge in self.those("firm") if not pledge.agreed]


@dataclass(eq=False)
class PlainPayout:
    """`by` is the officer who asked for it anew, if one did; `first` the one who approved first."""

    row: Any
    university: int
    fen: int
    state: str = "requested"
    by: int | None = None
    first: int | None = None
    payable_from: int = 0
    due: int = 0

    def is_state(self, *states: str) -> Reasons:
        return set() if self.state in states else {WrongState}

    def start_again(self, *, by: int | None = None) -> None:
        """Both approvals are void."""
        self.state, self.by, self.first = "requested", self.by if by is None else by, None


def shared(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """A total divided by weights: what is left after the whole parts goes, a fen each, to the largest remainders, then the lowest ids."""
    whole = sum(weights.values())
    if not total:
        return dict.fromkeys(weights, 0)
    parts = {pk: total * weight // whole for pk, weight in weights.items()}
    waiting = sorted(weights, key=lambda pk: (parts[pk] * whole - total * weights[pk], pk))
    for pk in waiting[: total - sum(parts.values())]:
        parts[pk] += 1
    return parts


def refused(*refusals: type[DomainError] | None) -> Reasons:
    """The reasons among these answers."""
    return {refusal for refusal in refusals if refusal is not None}


def states_of(things: Iterable[Any]) -> dict[UUID, str]:
    """What the model says of each of these: id to state."""
    return {thing.row.pk: thing.state for thing in things}
