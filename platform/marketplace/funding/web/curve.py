"""A campaign's pledges over time, in steps of at least three funders, so that no single pledge is read off the curve."""

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

LEAST_FUNDERS = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which somebody confirmed: what stood in all by its end, and of how many funders."""

    day: date
    fen: int
    funders: int


def days_of(campaign: Campaign) -> list[Day]:
    """The pledges that stand, by the day of their confirmation in Beijing: one taken back leaves the curve.

    A day may be of one funder alone: what is shown are the `steps` of these days.
    """
    standing = campaign.pledges.filter(state__in=(*ALIVE, PledgeState.SETTLED), accepted_at__isnull=False)
    rows = standing.annotate(day=TruncDate("accepted_at", tzinfo=BEIJING)).values("day").annotate(fen=Sum("fen"), count=Count("pk"))
    days: list[Day] = []
    for row in rows.order_by("day"):
        before = days[-1] if days else Day(row["day"], 0, 0)
        days.append(Day(row["day"], before.fen + row["fen"], before.funders + row["count"]))
    return days


def steps(days: list[Day]) -> list[Day]:
    """Days joined until each adds at least three funders, the last with whatever came after it; none under three in all."""
    joined: list[Day] = []
    for one in days:
        if one.funders - (joined[-1].funders if joined else 0) >= LEAST_FUNDERS:
            joined.append(one)
    return [*joined[:-1], days[-1]] if joined else []


def picture(campaign: Campaign, days: list[Day]) -> Any:
    """The steps from the opening to the deadline, with the goals; nothing where there are none."""
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
        desc=pick(f"分 {len(days)} 步，共 {_short(total)}", f"Steps: {len(days)}, {_short(total)} in all"),
    )


def _short(fen: int) -> str:
    before, figure, unit = amounts.headline(fen)
    return f"{before}{figure} {unit}".strip()
