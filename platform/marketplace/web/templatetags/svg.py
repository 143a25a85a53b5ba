"""Pictures in templates; see marketplace.web.charts for what each one shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from marketplace.common.money import yuan
from marketplace.common.text import pick
from marketplace.web import amounts, charts, icons

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line icon, hidden from screen readers: {% icon "check" %}."""
    return mark_safe(icons.svg(name))  # noqa: S308  constants of our own


@register.simple_tag
def funding_bar(
    *,
    confirmed: int,
    cooling: int = 0,
    minimum: int | None = None,
    optimum: int | None = None,
    failed: bool = False,
    matched: int = 0,
) -> SafeString:
    """A campaign's money against its minimum and optimum, all in fen."""
    marks = []
    if minimum is not None:
        marks.append(charts.Mark(minimum, pick("最低 ", "Min. ") + _short(minimum)))
    if optimum is not None and optimum != minimum:
        marks.append(charts.Mark(optimum, pick("最优 ", "Best ") + _short(optimum)))
    desc = pick(
        f"已确认 {yuan(confirmed)} 元，冷静期 {yuan(cooling)} 元",
        f"CNY {yuan(confirmed)} confirmed, CNY {yuan(cooling)} still cooling off",
    )
    if matched:
        desc += pick(f"，引导基金配套 {yuan(matched)} 元", f", CNY {yuan(matched)} added by matching pools")
    title = pick("募资进度", "Funding progress")
    return charts.funding_bar(confirmed=confirmed, matched=matched, cooling=cooling, marks=marks, failed=failed, title=title, desc=desc)


def _short(fen: int) -> str:
    before, figure, unit = amounts.headline(fen)
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    # A phone has no room for the English word under a bar.
    return f"{before}{figure}M" if unit == "million" else f"{before}{figure} {unit}".strip()


@register.simple_tag
def term_bar(terms: Sequence[Any], *, total: float = 1.0) -> SafeString:
    """The terms of a match, each with `.label`, `.value` and `.place`, 1 to 5, which gives a term the same colour in every row."""
    desc = "，".join(f"{term.label} {term.value:.2f}" for term in terms)
    values = [sum(term.value for term in terms if term.place == place) for place in range(1, 6)]
    return charts.stacked_bar(values=values, total=total, title=pick("得分构成", "What the score is made of"), desc=desc)


@register.simple_tag
def milestone_bar(shares: Sequence[int], done: Sequence[float] | None = None, *, mini: bool = False) -> SafeString:
    """Milestones as wide as their money in fen; with `done` (0 to 1 each) what is finished is filled."""
    title = pick("里程碑", "Milestones")
    desc = pick(f"共 {len(shares)} 个里程碑", f"{len(shares)} milestones")
    if not done:
        return charts.plan_bar(shares=shares, title=title, desc=desc)
    finished = sum(part >= 1 for part in done)
    desc += pick(f"，已完成 {finished} 个", f", {finished} of them finished")
    return charts.milestone_bar(shares=shares, done=done, title=title, desc=desc, mini=mini)


@register.simple_tag
def bar(value: float, most: float, title: str = "", tone: str = "money") -> SafeString:
    """A bar for a table cell; tone is money (teal), brand (blue) or grey."""
    return charts.bar(value=value, most=most, title=title, css=f"f-{tone}")


@register.simple_tag
def sparkline(values: Sequence[float], title: str, desc: str = "") -> SafeString:
    """A small line of values over equal steps."""
    return charts.sparkline(values=values, title=title, desc=desc)


@register.simple_tag
def clock(due: datetime | None, now: datetime, start: datetime | None = None) -> SafeString:
    """Time left until `due` as a ring and words: blue over three days, amber under, minutes on the last day, grey when past."""
    if due is None:
        return SafeString("")
    left = due - now
    if left <= timedelta(0):
        return format_html('<span class="clock past">{}{}</span>', charts.ring(left=0), pick("已到期", "Past"))
    whole = (due - start) if start and start < due else max(left, timedelta(days=30))
    soon = left < timedelta(days=3)
    return format_html(
        '<span class="clock{}">{}{}</span>', " soon" if soon else "", charts.ring(left=max(min(left / whole, 1), 0.04)), words_left(left)
    )


def words_left(left: timedelta) -> str:
    """How long is left in words: 剩 18 天 7 小时, 剩 5 小时 12 分, 剩 40 秒."""
    days, seconds = left.days, left.seconds
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if days >= 3:
        return pick(f"剩 {days} 天", f"{days} days left")
    if days:
        return pick(f"剩 {days} 天 {hours} 小时", f"{days} d {hours} h left")
    if hours:
        return pick(f"剩 {hours} 小时 {minutes} 分", f"{hours} h {minutes} min left")
    if minutes:
        return pick(f"剩 {minutes} 分", f"{minutes} min left")
    return pick(f"剩 {seconds} 秒", f"{seconds} s left")
