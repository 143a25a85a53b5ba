"""What an institution has put in and what has come back, read from the transfers of its wallet."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncQuarter

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden
from marketplace.common.text import bi
from marketplace.funding.models import Pledge
from marketplace.funding.workflow import PledgeState
from marketplace.treasury.models import BEIJING, AccountKind, Transfer, TransferKind

LEAST_QUARTERS, MOST_QUARTERS = 4, 8
HELD_BY_FUNDER = (PledgeState.COOLING_OFF, PledgeState.FIRM)
NEVER_HELD = (PledgeState.INTENT, PledgeState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Flow:
    """One quarter's money in fen: paid into campaigns, returned from them, and shares of revenue."""

    year: int
    quarter: int
    paid_fen: int
    returned_fen: int
    revenue_fen: int

    @property
    def label(self) -> str:
        return f"{self.year % 100:02d}Q{self.quarter}"

    @property
    def back_fen(self) -> int:
        return self.returned_fen + self.revenue_fen


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything so far, in fen; `held_fen` may still be released or captured."""

    pledged: int
    held_fen: int
    paid_fen: int
    returned_fen: int
    revenue_fen: int


@dataclass(frozen=True, slots=True)
class RevenueShare:
    """What one pledge has received of later revenue, and the most that it can come to, in fen; neither is promised."""

    received_fen: int
    cap_fen: int

    @property
    def remaining_fen(self) -> int:
        return self.cap_fen - self.received_fen


RevenueReader = Callable[[Collection[UUID]], Mapping[UUID, RevenueShare]]
_revenue: list[RevenueReader] = []


def tell_revenue(reader: RevenueReader) -> None:
    """Let the room above, which divides later revenue, say what came to each of some pledges."""
    _revenue.append(reader)


def revenue_shares(pledges: Collection[UUID]) -> dict[UUID, RevenueShare]:
    """The shares of those pledges that an agreement gives one."""
    return {pledge: share for reader in _revenue for pledge, share in reader(pledges).items()}


def institution_of(actor: Actor) -> UUID:
    """The institution whose portfolio the caller reads: its own. Raises Forbidden for everybody else."""
    if actor.organisation_id is None or actor.organisation_kind != OrganisationKind.FUNDER:
        raise Forbidden(bi("仅供金融融资机构查看。", "For the people of financial institutions."))
    return actor.organisation_id


def pledges_of(organisation_id: UUID) -> QuerySet[Pledge]:
    """The institution's pledges that were ever confirmed, newest first."""
    rows = Pledge.objects.filter(organisation_id=organisation_id).exclude(state__in=NEVER_HELD)
    return rows.select_related("campaign__organisation", "campaign__demand").defer("campaign__demand__search").order_by("-id")


def flows_of(organisation_id: UUID) -> list[Flow]:
    """The wallet's flows by quarter since the first, without gaps, the last four to eight, oldest first; Beijing's calendar."""
    paid = Q(kind=TransferKind.POST, code="pledge.hold", source__kind=AccountKind.WALLET, source__owner_id=organisation_id)
    returned, revenue = _into(organisation_id, "pledge.refund"), _into(organisation_id, "revenue.funder")
    rows = (
        Transfer.objects.filter(paid | returned | revenue)
        .annotate(quarter=TruncQuarter("created_at", tzinfo=BEIJING))
        .values("quarter")
        .annotate(paid=Sum("fen", filter=paid, default=0), back=Sum("fen", filter=returned, default=0))
        .annotate(shared=Sum("fen", filter=revenue, default=0))
        .order_by("quarter")
    )
    found = {(row["quarter"].year, (row["quarter"].month + 2) // 3): (row["paid"], row["back"], row["shared"]) for row in rows}
    if not found:
        return []
    now = clock.now().astimezone(BEIJING)
    number = now.year * 4 + (now.month + 2) // 3 - 1
    first = min(found)
    begun = min(first[0] * 4 + first[1] - 1, number + 1 - LEAST_QUARTERS)
    shown = [divmod(one, 4) for one in range(max(begun, number + 1 - MOST_QUARTERS), number + 1)]
    return [Flow(year, place + 1, *found.get((year, place + 1), (0, 0, 0))) for year, place in shown]


def totals_of(organisation_id: UUID) -> Totals:
    """The institution's sums over all time."""
    sums = pledges_of(organisation_id).aggregate(
        pledged=Count("pk"),
        held=Sum("fen", filter=Q(state__in=HELD_BY_FUNDER), default=0),
        paid=Sum("captured_fen", default=0),
        returned=Sum("refunded_fen", default=0),
    )
    shared = Transfer.objects.filter(_into(organisation_id, "revenue.funder")).aggregate(fen=Sum("fen", default=0))["fen"]
    return Totals(sums["pledged"], sums["held"], sums["paid"], sums["returned"], shared)


def _into(organisation_id: UUID, code: str) -> Q:
    return Q(kind=TransferKind.POSTED, code=code, target__kind=AccountKind.WALLET, target__owner_id=organisation_id)
