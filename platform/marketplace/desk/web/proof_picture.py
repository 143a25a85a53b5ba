"""The way from an entry to the signed root as a picture: the browser fills in what it has computed."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ledger.engine.proof import Proof
from marketplace.common.text import bi, pick

PITCH, BOX, WIDE = 74, 42, 104
# A longer way is drawn by its first and last steps; the table beside it has them all.
FIRST, LAST = 4, 3
LANES = {"left": "16.5%", "spine": "50%", "right": "83.5%"}


@dataclass(frozen=True, slots=True)
class Step:
    """One merge: the sibling's side, its hash, the entries it stands for, and those that both stand for together."""

    level: int
    side: str
    sibling: bytes
    first: int
    last: int
    covers: tuple[int, int]

    @property
    def side_label(self) -> Any:
        """The side in words."""
        return bi("左", "left") if self.side == "left" else bi("右", "right")

    @property
    def range(self) -> str:
        """The entries that the sibling stands for: #4–7."""
        return span(self.first, self.last)

    @property
    def covered(self) -> str:
        """The entries that both stand for together."""
        return span(*self.covers)


@dataclass(frozen=True, slots=True)
class ProofView:
    """A proof as a page shows it and hands it to the browser."""

    index: int
    size: int
    root: bytes
    steps: list[Step]
    picture: SafeString
    text64: str
    checkpoint: str


def proof_view(proof: Proof) -> ProofView:
    """Read size and root from the checkpoint's text (C2SP tlog-checkpoint: lines two and three) and draw the way there."""
    lines = proof.checkpoint.split("\n")
    size = int(lines[1])
    steps = merges(proof.index, size, proof.path)
    return ProofView(
        index=proof.index,
        size=size,
        root=base64.b64decode(lines[2]),
        steps=steps,
        picture=draw(steps, index=proof.index, size=size),
        text64=base64.b64encode(proof.to_text().encode()).decode(),
        checkpoint=proof.checkpoint,
    )


def merges(index: int, size: int, path: Sequence[bytes]) -> list[Step]:
    """Say for each hash of a path which entries it stands for (RFC 9162, section 2.1.3.2, in the same order)."""
    steps: list[Step] = []
    at, last, height = index, size - 1, 0
    for sibling in path:
        while at == last and at % 2 == 0 and at:
            at, last, height = at >> 1, last >> 1, height + 1
        left = at % 2 == 1
        beside, width = (at - 1 if left else at + 1), 1 << height
        first, end = beside * width, min((beside + 1) * width, size) - 1
        own = steps[-1].covers if steps else (index, index)
        covers = (min(first, own[0]), max(end, own[1]))
        steps.append(Step(len(steps) + 1, "left" if left else "right", sibling, first, end, covers))
        at, last, height = at >> 1, last >> 1, height + 1
    return steps


def span(first: int, last: int) -> str:
    """The entries from one to another: #7 alone, else #4–7."""
    return f"#{first:,}" if first == last else f"#{first:,}–{last:,}"


def draw(steps: Sequence[Step], *, index: int, size: int) -> SafeString:
    """The root at the top, this entry at the foot, and at each level the neighbour that is merged."""
    cut = steps[FIRST : len(steps) - LAST] if len(steps) > FIRST + LAST + 1 else []
    shown = [step for step in steps if step not in cut]
    rows = len(shown) + 1 + bool(cut)
    height = rows * PITCH - PITCH + BOX + 24
    pieces: list[SafeString] = []
    boxes: list[SafeString] = []
    y = height - BOX - 2
    boxes.append(_box("spine", y, node=0, words=span(index, index)))
    boxes.append(_label(_free_side(shown), y, pick("本条", "this entry")))
    for step in shown:
        above = y - PITCH
        if cut and step.level == cut[-1].level + 1:
            pieces.append(_line("spine", y, above + BOX, css="dots"))
            boxes.append(_label("spine", above + 6, pick(f"另 {len(cut)} 步", f"{len(cut)} steps more")))
            y, above = above, above - PITCH
            pieces.append(_line("spine", y + 8, above + BOX, css="dots"))
        pieces.append(_line("spine", y, above + BOX, node=step.level))
        pieces.append(_line(step.side, y, above + BOX))
        boxes.append(_box(step.side, y, words=step.range, digits=step.sibling.hex()[:8]))
        boxes.append(_box("spine", above, node=step.level, words=step.covered))
        y = above
    if steps:
        boxes.append(_label("left", y, pick("根", "root")))
    title = pick("从本条到根的路径", "The way from this entry to the root")
    told = [pick(f"与{s.side_label}侧 {s.range} 合并", f"merged with {s.range} on the {s.side_label}") for s in steps]
    return format_html(
        '<svg class="path" width="100%" height="{h}" role="img" aria-labelledby="way-title way-desc">'
        '<title id="way-title">{t}</title><desc id="way-desc">{d}</desc>{lines}{boxes}</svg>',
        h=height,
        t=title,
        d=pick("；", "; ").join(told),
        lines=format_html_join("", "{}", ((piece,) for piece in pieces)),
        boxes=format_html_join("", "{}", ((piece,) for piece in boxes)),
    )


def _free_side(shown: Sequence[Step]) -> str:
    return "left" if not shown or shown[0].side == "right" else "right"


def _box(lane: str, y: int, *, words: str, node: int | None = None, digits: str = "") -> SafeString:
    """A hash with the entries it stands for; a node of ours waits for the browser."""
    mark = "" if node is None else format_html(' data-node="{}"', node)
    inside = digits or format_html('<tspan data-hash="short">{}</tspan>', pick("未计算", "not yet"))
    return format_html(
        '<svg x="{x}" y="{y}" overflow="visible"{m} class="{c}"><rect x="-{half}" y="0" width="{w}" height="{h}" rx="4"/>'
        '<text class="mono" y="18">{d}</text><text class="range" y="34">{r}</text></svg>',
        x=LANES[lane],
        y=y,
        m=mark,
        c="given" if node is None else "ours",
        half=WIDE // 2,
        w=WIDE,
        h=BOX,
        d=inside,
        r=words,
    )


def _line(lane: str, low: int, high: int, *, node: int | None = None, css: str = "") -> SafeString:
    mark = "" if node is None else format_html(' data-node="{}"', node)
    return format_html('<line class="{c}" x1="{x}" y1="{a}" x2="50%" y2="{b}"{m}/>', c=css or "way", x=LANES[lane], a=low, b=high, m=mark)


def _label(side: str, y: int, words: str) -> SafeString:
    """Words beside a box of the spine, or on the spine itself."""
    shift = {"left": -WIDE // 2 - 12, "spine": 0, "right": WIDE // 2 + 12}[side]
    return format_html('<text class="label {}" x="50%" dx="{}" y="{}">{}</text>', side, shift, y + 26, words)
