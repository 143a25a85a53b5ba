"""A campaign's pledges over time, day by day, so that no single pledge of another institution is shown."""

from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils.formats import date_format

from marketplace.common import clock
from marketplace.common.text import pick
from marketplace.funding.models import ALIVE, Campaign
from marketplace.funding.workflow import PledgeState
from marketplace.treasury.models import BEIJING
from marketplace.web import amounts, charts


def curve(campaign: Campaign) -> dict[str, Any] | None:
    """The picture and its days with what was pledged in all by each day's end; None before the first pledge.

    Counted are the pledges that stand, by the day of their confirmation in Beijing: one taken back leaves the curve.
    """
    if campaign.opened_at is None:
        return None
    standing = campaign.pledges.filter(state__in=(*ALIVE, PledgeState.SETTLED), accepted_at__isnull=False)
    rows = standing.annotate(day=TruncDate("accepted_at", tzinfo=BEIJING)).values("day").annotate(fen=Sum("fen")).order_by("day")
    days, total = [], 0
    for row in rows:
        total += row["fen"]
        days.append((row["day"], total))
    if not days:
        return None
    first, last = campaign.opened_at.astimezone(BEIJING).date(), campaign.deadline.astimezone(BEIJING).date()
    span = max((last - first).days + 1, 1)
    points = [(min(((day - first).days + 1) / span, 1.0), float(fen)) for day, fen in days]
    today = min(((clock.now().astimezone(BEIJING).date() - first).days + 1) / span, 1.0)
    if today > points[-1][0]:
        points.append((today, float(total)))
    marks = [charts.Mark(campaign.minimum_fen, pick("最低 ", "Minimum ") + _short(campaign.minimum_fen))]
    if campaign.optimum_fen != campaign.minimum_fen:
        marks.append(charts.Mark(campaign.optimum_fen, pick("最优 ", "Optimum ") + _short(campaign.optimum_fen)))
    picture = charts.steps(
        points=points,
        guides=marks,
        top=float(max(campaign.optimum_fen, total)),
        ends=(date_format(first, "m-d"), date_format(last, "m-d") + pick(" 截止", " deadline")),
        shown=_short(total),
        title=pick("累计认筹", "Pledged over time"),
        desc=pick(f"{len(days)} 天有认筹，共 {_short(total)}", f"Pledges on {len(days)} days, {_short(total)} in all"),
    )
    return {"picture": picture, "days": days}


def _short(fen: int) -> str:
    before, figure, unit = amounts.headline(fen)
    return f"{before}{figure} {unit}".strip()
