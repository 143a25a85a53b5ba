"""The log day by day: days without entries filled in, as a picture and in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from ledger.app.exploring import Day
from marketplace.common.text import pick
from marketplace.web.charts import Column, columns

ZONE = "Asia/Shanghai"
LABEL_EVERY = 7


def first_day(now: datetime, days: int) -> datetime:
    """The beginning of the first of so many days, today being the last."""
    today = now.astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


def filled(known: Sequence[Day], *, now: datetime, days: int) -> list[Day]:
    """Every day of the span in order, those without entries too."""
    start, held = first_day(now, days).date(), {day.day: day for day in known}
    return [held.get(day, Day(day, 0, 0)) for day in (start + timedelta(days=number) for number in range(days))]


def chart(days: Sequence[Day]) -> SafeString:
    """A column for each day; the greatest and the last carry their number, every seventh its date."""
    most = max((day.total for day in days), default=0)
    total, last = sum(day.total for day in days), len(days) - 1
    data = [
        Column(
            label=f"{day.day:%m-%d}" if (last - at) % LABEL_EVERY == 0 else "",
            value=day.total,
            shown=f"{day.total:,}" if day.total and (day.total == most or at == last) else "",
        )
        for at, day in enumerate(days)
    ]
    return columns(
        data=data,
        title=pick("每日条目数", "Entries by day"),
        desc=pick(
            f"最近 {len(days)} 天共 {total:,} 条，最多一天 {most:,} 条", f"{total:,} entries in {len(days)} days, at most {most:,} in one"
        ),
        height=200,
    )


def age(passed: timedelta) -> tuple[int, str]:
    """How long ago, as a number and its unit: 12 秒前, 5 分钟前, 3 小时前, 2 天前."""
    seconds = max(int(passed.total_seconds()), 0)
    if seconds < 60:
        return seconds, pick("秒前", "s ago")
    if seconds < 3600:
        return seconds // 60, pick("分钟前", "min ago")
    if seconds < 86400:
        return seconds // 3600, pick("小时前", "h ago")
    return seconds // 86400, pick("天前", "days ago")
