"""Pictures as SVG: they need no script, print, follow the theme, and say in <title> and <desc> what they show.

Widths are percentages, so a picture fits a phone without its words shrinking; nothing carries a style attribute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_serial = count(1)
_EMPTY = SafeString("")


def _percent(value: float) -> str:
    """A share of the width: 0.125 is "12.5%"."""
    return f"{value * 100:.3f}".rstrip("0").rstrip(".") + "%"


def _framed(inside: SafeString, *, height: int, title: str, desc: str, css: str = "chart") -> SafeString:
    """A picture with its name and description for people who do not see it; without a name it is decoration beside words."""
    if not title:
        return format_html('<svg class="{}" width="100%" height="{}" aria-hidden="true">{}</svg>', css, height, inside)
    number = next(_serial)
    return format_html(
        '<svg class="{css}" width="100%" height="{h}" role="img" aria-labelledby="ct{n} cd{n}">'
        '<title id="ct{n}">{t}</title><desc id="cd{n}">{d}</desc>{i}</svg>',
        css=css,
        h=height,
        n=number,
        t=title,
        d=desc,
        i=inside,
    )


def _hatch(name: str, *, css: str, gap: int = 6) -> SafeString:
    return format_html(
        '<defs><pattern id="{}" width="{g}" height="{g}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="{}" x1="1.5" y1="0" x2="1.5" y2="{g}"/></pattern></defs>',
        name,
        css,
        g=gap,
    )


def _rect(x: float, width: float, *, y: float, height: float, css: str, radius: int = 0) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>', css, _percent(x), y, _percent(max(width, 0)), height, radius
    )


def _text(words: str, *, x: float, y: float, css: str = "", anchor: str = "middle") -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>', css, _percent(x), y, anchor, words)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a funding bar that has a name, such as the minimum; `at` is in the bar's own unit."""

    at: int
    label: str


def funding_bar(
    *, confirmed: int, cooling: int, marks: Sequence[Mark], failed: bool, title: str, desc: str, matched: int = 0
) -> SafeString:
    """Confirmed money solid, what may still be withdrawn hatched, pools' money last; the scale ends at 107 % of the last named mark."""
    scale = max([*(mark.at for mark in marks), (confirmed + matched + cooling) * 100 // 107, 1]) * 1.07
    name = f"hatch{next(_serial)}"
    solid, added, pending = min(confirmed / scale, 1), min(matched / scale, 1), min(cooling / scale, 1)
    bar = [
        _hatch(name, css="hatch"),
        _rect(0, 1, y=6, height=16, css="f-track", radius=2),
        _rect(0, solid, y=6, height=16, css="f-grey" if failed else "f-money", radius=2),
    ]
    if pending:
        bar.append(format_html('<rect x="{}" y="6" width="{}" height="16" fill="url(#{})"/>', _percent(solid), _percent(pending), name))
    if added:
        bar.append(_rect(solid + pending, added, y=6, height=16, css="f-grey" if failed else "f-brand"))
    for index, mark in enumerate(marks):
        x = mark.at / scale
        crowded = any(0 < other.at / scale - x < 0.45 for other in marks[index + 1 :])
        anchor, shift = ("end", x - 0.01 if crowded else x + 0.03) if crowded or x > 0.8 else ("middle", x)
        bar.append(format_html('<line class="mark" x1="{x}" y1="0" x2="{x}" y2="28"/>', x=_percent(x)))
        bar.append(_text(mark.label, x=min(max(shift, 0.06 if anchor == "middle" else 0.24), 1), y=43, css="strong", anchor=anchor))
    return _framed(_join(bar), height=48 if marks else 28, title=title, desc=desc)


def _join(pieces: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def stacked_bar(*, values: Sequence[float], total: float, title: str, desc: str, height: int = 10, css: str = "t") -> SafeString:
    """Parts of a total side by side in the fixed colours t1 to t5; what is missing stays empty."""
    x, pieces = 0.0, [_rect(0, 1, y=0, height=height, css="f-well")]
    for index, value in enumerate(values):
        share = value / total if total else 0
        pieces.append(_rect(x, max(share - 0.002, 0), y=0, height=height, css=f"{css}{index % 5 + 1}"))
        x += share
    return _framed(_join(pieces), height=height, title=title, desc=desc)


def milestone_bar(*, shares: Sequence[int], done: Sequence[float], title: str, desc: str, mini: bool = False) -> SafeString:
    """Milestones as wide as their money; `done` is each one's finished part, 0 to 1. The mini rail fits a table cell."""
    total, x, gap = sum(shares) or 1, 0.0, 0.03 if mini else 0.005
    height = 12 if mini else 8
    pieces = []
    for share, part in zip(shares, done, strict=True):
        width = max(share / total - gap, 0.01)
        pieces.append(_rect(x, width, y=1, height=height - 2, css="f-none", radius=2))
        if part > 0:
            pieces.append(_rect(x, width * min(part, 1), y=1, height=height - 2, css="f-money", radius=2))
        x += share / total
    return _framed(_join(pieces), height=height, title=title, desc=desc, css="chart chart-mini" if mini else "chart")


def plan_bar(*, shares: Sequence[int], title: str, desc: str) -> SafeString:
    """Planned milestones as wide as their money, paler from first to last."""
    total, x, pieces = sum(shares) or 1, 0.0, []
    for index, share in enumerate(shares):
        pieces.append(_rect(x, share / total - 0.005, y=0, height=8, css=f"f-money m{min(index + 1, 4)}", radius=2))
        x += share / total
    return _framed(_join(pieces), height=8, title=title, desc=desc)


def bar(*, value: float, most: float, title: str, css: str = "f-money") -> SafeString:
    """One horizontal bar for a table cell, as long as its value beside the largest."""
    return _framed(_rect(0, value / most if most else 0, y=2, height=8, css=css, radius=1), height=12, title=title, desc="")


def sparkline(*, values: Sequence[float], title: str, desc: str, height: int = 32) -> SafeString:
    """A line of values over equal steps, from the least to the greatest; fewer than two values draw nothing."""
    if len(values) < 2:
        return _EMPTY
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = " ".join(f"{i * 100 / (len(values) - 1):.2f},{(1 - (v - low) / span) * 96 + 2:.2f}" for i, v in enumerate(values))
    inner = format_html(
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="{}"><polyline class="spark" points="{}"/></svg>',
        height,
        points,
    )
    return _framed(inner, height=height, title=title, desc=desc)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a column chart or a waterfall."""

    label: str
    value: float
    shown: str
    css: str = "f-brand"
    planned: bool = False
    total: bool = False


def columns(*, data: Sequence[Column], title: str, desc: str, height: int = 220) -> SafeString:
    """Values over equal steps from a common zero, each with its number; negative values hang below."""
    top, bottom = max([0.0, *(c.value for c in data)]), min([0.0, *(c.value for c in data)])
    scale = (height - 64) / ((top - bottom) or 1)
    zero = 20 + top * scale
    slot = 1 / max(len(data), 1)
    pieces = []
    for index, column in enumerate(data):
        x, size = index * slot, abs(column.value) * scale
        y = zero - size if column.value >= 0 else zero
        pieces.append(_rect(x + slot * 0.14, slot * 0.72, y=round(y, 1), height=round(size, 1), css=column.css))
        pieces.append(_text(column.shown, x=x + slot / 2, y=round(y - 6 if column.value >= 0 else y + size + 15), css="strong"))
        pieces.append(_text(column.label, x=x + slot / 2, y=height - 6))
    pieces.append(format_html('<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=round(zero, 1)))
    return _framed(_join(pieces), height=height, title=title, desc=desc)


def flows(*, data: Sequence[tuple[str, int, int, str, str]], title: str, desc: str, height: int = 240) -> SafeString:
    """Money out and back over equal steps: (label, out, back, out in words, back in words); what is out hangs below zero."""
    top, bottom = max([1, *(back for _, _, back, _, _ in data)]), max([1, *(out for _, out, _, _, _ in data)])
    scale = (height - 84) / (top + bottom)
    zero, slot = round(24 + top * scale, 1), 1 / max(len(data), 1)
    pieces = []
    for index, (label, out, back, out_shown, back_shown) in enumerate(data):
        x, wide, middle = (index + 0.14) * slot, slot * 0.72, (index + 0.5) * slot
        if out:
            pieces.append(_rect(x, wide, y=zero, height=round(out * scale, 1), css="f-brand"))
            pieces.append(_text(out_shown, x=middle, y=round(zero + out * scale + 15), css="strong"))
        if back:
            pieces.append(_rect(x, wide, y=round(zero - back * scale, 1), height=round(back * scale, 1), css="f-money"))
            pieces.append(_text(back_shown, x=middle, y=round(zero - back * scale - 6), css="strong"))
        pieces.append(_text(label, x=middle, y=height - 4))
    pieces.append(format_html('<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=zero))
    return _framed(_join(pieces), height=height, title=title, desc=desc)


def waterfall(*, data: Sequence[Column], title: str, desc: str, height: int = 220) -> SafeString:
    """Changes that lead to a balance: each bar starts where the last one ended; planned ones are hatched, totals stand on zero."""
    levels, level = [], 0.0
    for column in data:
        start = 0.0 if column.total else level
        level = column.value if column.total else level + column.value
        levels.append((start, level))
    top = max([1e-9, *(max(pair) for pair in levels)])
    floor = min([0.0, *(min(pair) for pair in levels)])
    scale = (height - 60) / (top - floor)
    slot, name = 1 / max(len(data), 1), f"hatch{next(_serial)}"
    pieces = [_hatch(name, css="hatch-grey", gap=5)]
    for index, (column, (start, end)) in enumerate(zip(data, levels, strict=True)):
        x, y = index * slot, 24 + (top - max(start, end)) * scale
        size = max(abs(end - start) * scale, 1.5)
        box = {"x": _percent(x + slot * 0.12), "w": _percent(slot * 0.76), "y": round(y, 1), "h": round(size, 1)}
        if column.planned:
            pieces.append(format_html('<rect class="axis" x="{x}" y="{y}" width="{w}" height="{h}" fill="url(#{n})"/>', n=name, **box))
        else:
            pieces.append(format_html('<rect class="{c}" x="{x}" y="{y}" width="{w}" height="{h}"/>', c=column.css, **box))
        if index + 1 < len(data):
            pieces.append(
                format_html(
                    '<line class="dots" x1="{}" x2="{}" y1="{y}" y2="{y}"/>',
                    _percent(x + slot * 0.88),
                    _percent(x + slot * 1.12),
                    y=round(24 + (top - end) * scale, 1),
                )
            )
        pieces.append(_text(column.shown, x=x + slot / 2, y=round(y - 7), css="strong"))
        css = ("strong " if column.total else "") + ("lower" if index % 2 and len(data) > 4 else "")
        pieces.append(_text(column.label, x=x + slot / 2, y=height - 6, css=css))
    base = round(24 + top * scale, 1)
    pieces.append(format_html('<line class="mark" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=base))
    return _framed(_join(pieces), height=height, title=title, desc=desc)


def steps(
    *, points: Sequence[tuple[float, float]], guides: Sequence[Mark], top: float, ends: tuple[str, str], shown: str, title: str, desc: str
) -> SafeString:
    """A total growing in steps: points are (share of the time 0 to 1, value); guides are dashed and named;
    `shown` stands at the newest point, `ends` label the time axis.
    """
    height, floor = 260, 228

    def level(value: float) -> float:
        return round(floor - value / (top or 1) * (floor - 20), 1)

    path, last = "", 0.0
    for at, value in points:
        path += f" {at * 1000:.1f},{level(last)} {at * 1000:.1f},{level(value)}"
        last = value
    pieces = [format_html('<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=level(top * k / 4)) for k in range(5)]
    for guide in guides:
        pieces.append(format_html('<line class="dash" x1="0" x2="100%" y1="{y}" y2="{y}"/>', y=level(guide.at)))
        pieces.append(_text(guide.label, x=0, y=level(guide.at) - 6, css="strong", anchor="start"))
    pieces.append(
        format_html(
            '<svg viewBox="0 0 1000 {h}" preserveAspectRatio="none" width="100%" height="{h}">'
            '<polyline class="line" points="0,{f}{p}"/></svg>',
            h=height,
            f=floor,
            p=path,
        )
    )
    if points:
        at, value = points[-1]
        pieces.append(_text(shown, x=max(at - 0.015, 0.12), y=level(value) - 8, css="strong", anchor="end"))
        pieces.append(format_html('<circle class="f-money" cx="{}" cy="{}" r="4.5"/>', _percent(at), level(value)))
    pieces += [_text(ends[0], x=0, y=height - 8, anchor="start"), _text(ends[1], x=1, y=height - 8, anchor="end")]
    return _framed(_join(pieces), height=height, title=title, desc=desc)


def ring(*, left: float) -> SafeString:
    """A ring of the time that is left, 0 to 1; decoration beside words that say it."""
    around = 2 * 3.1416 * 6
    return format_html(
        '<svg class="ring" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">'
        '<circle class="rest" cx="8" cy="8" r="6"/>{}</svg>',
        format_html(
            '<circle class="left" cx="8" cy="8" r="6" transform="rotate(-90 8 8)" stroke-dasharray="{} {}"/>',
            round(around * left, 1),
            round(around, 1),
        )
        if left > 0
        else "",
    )


def heat(*, rows: Sequence[tuple[str, Sequence[int]]], heads: Sequence[str], title: str, desc: str) -> SafeString:
    """Counts by kind and time as cells of five steps of blue, the number inside; the step follows the greatest count."""
    most = max([1, *(value for _, values in rows for value in values)])
    wide = 1 / max(len(heads), 1)
    pieces = [_text(head, x=wide * (i + 0.46), y=12) for i, head in enumerate(heads) if head]
    for line, (label, values) in enumerate(rows):
        y = 20 + line * 34
        pieces.append(format_html('<text class="strong" x="-76" y="{}">{}</text>', y + 20, label))
        for i, value in enumerate(values):
            step = 0 if value == 0 else min(4, 1 + value * 4 // (most + 1))
            pieces.append(_rect(wide * i, wide * 0.92, y=y, height=31, css=f"heat{step}", radius=2))
            if value:
                pieces.append(_text(str(value), x=wide * (i + 0.46), y=y + 20, css="on4" if step == 4 else "strong"))
    return _framed(_join(pieces), height=20 + len(rows) * 34, title=title, desc=desc, css="chart indent")
