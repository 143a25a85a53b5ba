"""A campaign's pledges over time, day by day, so that no single pledge of another institution is shown."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils.formats import date_format

from marketplace.common import clock
from marketplace.common.text import pick
from marketplace.funding.models import ALIVE, Campaign
from marketplace.funding.workflow import PledgeState
from marketplace.treasury.models import BEIJING
from marketplace.web import amounts, charts


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which somebody confirmed: what stood in all by its end, and of how many funders."""

    day: date
    fen: int
    funders: int


def days_of(campaign: Campaign) -> list[Day]:
    """The pledges that stand, by the day of their confirmation in Beijing: one taken back leaves the curve."""
    standing = campaign.pledges.filter(state__in=(*ALIVE, PledgeState.SETTLED), accepted_at__isnull=False)
    rows = standing.annotate(day=TruncDate("accepted_at", tzinfo=BEIJING)).values("day").annotate(fen=Sum("fen"), count=Count("pk"))
    days: list[Day] = []
    for row in rows.order_by("day"):
        before = days[-1] if days else Day(row["day"], 0, 0)
        days.append(Day(row["day"], before.fen + row["fen"], before.funders + row["count"]))
    return days


def picture(campaign: Campaign, days: list[Day]) -> Any:
    """The days as steps from the opening to the deadline, with the goals; nothing before the first pledge."""
    if campaign.opened_at is None or not days:
        return ""
    total = days[-1].fen
    first, last = campaign.opened_at.astimezone(BEIJING).date(), campaign.deadline.astimezone(BEIJING).date()
    span = max((last - first).days + 1, 1)
    points = [(min(((one.day - first).days + 1) / span, 1.0), float(one.fen)) for one in days]
    today = min(((clock.now().astimezone(BEIJING).date() - first).days + 1) / span, 1.0)
    if today > points[-1][0]:
        points.append((today, float(total)))
    marks = [charts.Mark(campaign.minimum_fen, pick("最低 ", "Minimum ") + _short(campaign.minimum_fen))]
    if campaign.optimum_fen != campaign.minimum_fen:
        marks.append(charts.Mark(campaign.optimum_fen, pick("最优 ", "Optimum ") + _short(campaign.optimum_fen)))
    return charts.steps(
        points=points,
        guides=marks,
        top=float(max(campaign.optimum_fen, total)),
        ends=(date_format(first, "m-d"), date_format(last, "m-d") + pick(" 截止", " deadline")),
        shown=_short(total),
        title=pick("累计认筹", "Pledged over time"),
        desc=pick(f"{len(days)} 天有认筹，共 {_short(total)}", f"Pledges on {len(days)} days, {_short(total)} in all"),
    )


def _short(fen: int) -> str:
    before, figure, unit = amounts.headline(fen)
    return f"{before}{figure} {unit}".strip()
