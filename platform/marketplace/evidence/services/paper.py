"""Paper: the fonts, measures and small parts of which printed documents are made (A4, both languages side by side)."""

import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import segno
from django.utils.translation import override
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Table, TableStyle

FONT, RARE, MONO = "NotoSansSC", "STSong-Light", "Courier"
TEXT, MUTED, BRAND, LINE, WELL = (HexColor(code) for code in ("#17212b", "#55616e", "#0b5cad", "#d7dde3", "#f6f8fa"))
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
HAN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_FONT_FILE = Path(__file__).resolve().parents[1] / "fonts" / "NotoSansSC-Regular.ttf"


@cache
def fonts() -> frozenset[int]:
    """Make the fonts known once, and return the characters of the embedded one; any other is set in the reader's own STSong."""
    embedded = TTFont(FONT, str(_FONT_FILE))
    pdfmetrics.registerFont(embedded)
    pdfmetrics.registerFont(UnicodeCIDFont(RARE))
    return frozenset(embedded.face.charToGlyph)


def style(size: float = 9, *, colour: Any = TEXT, leading: float = 1.5, han: bool = False, **more: Any) -> ParagraphStyle:
    """A paragraph style; Chinese breaks between any two characters, Latin between words."""
    wrap = {"wordWrap": "CJK"} if han else {}
    return ParagraphStyle("_", fontName=FONT, fontSize=size, leading=size * leading, textColor=colour, **wrap, **more)


def text(words: object, size: float = 9, **more: Any) -> Paragraph:
    """One paragraph; characters that the embedded font lacks are marked to be set in another."""
    known = fonts()
    parts = re.split(r"(\n)", str(words))
    marked = "".join("<br/>" if part == "\n" else _marked(part, known) for part in parts)
    return Paragraph(marked, style(size, han=bool(HAN.search(str(words))), **more))


def mono(words: str, size: float = 6.7, **more: Any) -> Paragraph:
    """A hash or a command, breaking anywhere."""
    shape = ParagraphStyle("_", fontName=MONO, fontSize=size, leading=size * 1.45, textColor=TEXT, wordWrap="CJK", **more)
    return Paragraph("<br/>".join(escape(line) for line in words.split("\n")), shape)


def hexadecimal(digits: str, size: float = 6.2) -> Paragraph:
    """A hash, key or signature, 64 digits in a line."""
    return mono("\n".join(digits[at : at + 64] for at in range(0, len(digits), 64)), size)


def twice(words: Any) -> tuple[str, str]:
    """A text in Chinese and in English; functions are asked in each language."""
    said = []
    for language in ("zh-hans", "en"):
        with override(language):
            said.append(str(words() if callable(words) else words))
    return said[0], said[1]


def pair(words: Any, size: float = 9) -> list[Paragraph]:
    """Chinese above English; once where both are the same."""
    zh, en = twice(words)
    if zh == en:
        return [text(zh, size)]
    return [text(zh, size), text(en, size - 1.5, colour=MUTED, leading=1.35)]


def heading(zh: str, en: str) -> Table:
    """A section's heading over a thin line."""
    inside = Paragraph(f'{escape(zh)} <font size="8.5" color="#55616e">&nbsp;{escape(en)}</font>', style(12, colour=BRAND, leading=1.3))
    fonts()
    return Table(
        [[inside]],
        colWidths=[WIDTH],
        spaceAfter=2,
        style=[("LINEBELOW", (0, 0), (-1, -1), 0.8, BRAND), *_padding(bottom=3), ("TOPPADDING", (0, 0), (-1, -1), 10)],
    )


def table(head: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    """A ruled table whose head is repeated on each page; widths in mm."""
    top = [[text(zh, 8, colour=MUTED), text(en, 6.5, colour=MUTED, leading=1.3)] for zh, en in head]
    ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), WELL)]
    return Table(
        [top, *rows],
        colWidths=[width * mm for width in widths],
        repeatRows=1,
        splitInRow=1,
        style=TableStyle([*ruled, *_padding(top=4, bottom=4, left=3)]),
    )


def facts(rows: Sequence[tuple[tuple[str, str], Any]], widths: tuple[float, float] = (40, 134)) -> Table:
    """Names at the left, what they are at the right; widths in mm."""
    cells = [[[text(zh, 8.5, colour=MUTED), text(en, 6.5, colour=MUTED, leading=1.3)], value] for (zh, en), value in rows]
    ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=[width * mm for width in widths], splitInRow=1, style=TableStyle([*ruled, *_padding(top=4, bottom=4)]))


def qr(address: str, side: float) -> Drawing:
    """The QR code of an address (ISO/IEC 18004, level M), `side` points wide with its quiet zone."""
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=2))
    cell = side / len(rows)
    drawing = Drawing(side, side)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                drawing.add(Rect(x * cell, side - (y + 1) * cell, cell, cell, fillColor=TEXT, strokeColor=None, strokeWidth=0))
    return drawing


class Numbered(Canvas):  # type: ignore[misc]  # the library has no types
    """Writes the running head, the foot and "page x of y" once the number of pages is known."""

    head = foot = number = ""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's own name
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page, state in enumerate(self._kept, start=1):
            self.__dict__.update(state)
            self._furniture(page, len(self._kept))
            super().showPage()
        super().save()

    def _furniture(self, page: int, pages: int) -> None:
        top, bottom, right = A4[1] - 11 * mm, 10 * mm, A4[0] - MARGIN
        self.setFillColor(MUTED)
        self.setFont(FONT, 7.5)
        self.drawString(MARGIN, top, self.head)
        self.drawRightString(right, top, self.number)
        self.drawString(MARGIN, bottom, self.foot)
        self.drawRightString(right, bottom, f"第 {page} 页，共 {pages} 页 · Page {page} of {pages}")
        self.setStrokeColor(LINE)
        self.setLineWidth(0.5)
        self.line(MARGIN, top - 2 * mm, right, top - 2 * mm)
        self.line(MARGIN, bottom + 4 * mm, right, bottom + 4 * mm)


def document(story: list[Flowable], *, title: str, head: str, number: str, foot: str) -> bytes:
    """The pages of a document, each with these words around it."""
    out = io.BytesIO()
    fonts()
    page = type("Page", (Numbered,), {"head": head, "number": number, "foot": foot})
    template = BaseDocTemplate(out, pagesize=A4, title=title, author="津桥 Jinqiao", lang="zh-CN")
    body = Frame(MARGIN, 20 * mm, WIDTH, A4[1] - 38 * mm, 0, 0, 0, 0)
    template.addPageTemplates([PageTemplate("page", [body])])
    template.build(story, canvasmaker=page)
    return out.getvalue()


def _marked(part: str, known: frozenset[int]) -> str:
    out, rare = [], ""
    for character in part:
        if ord(character) in known:
            if rare:
                out.append(f'<font name="{RARE}">{escape(rare)}</font>')
                rare = ""
            out.append(escape(character))
        elif character.isprintable():
            rare += character
    return "".join(out) + (f'<font name="{RARE}">{escape(rare)}</font>' if rare else "")


def _padding(top: float = 0, bottom: float = 0, left: float = 0) -> list[tuple[Any, ...]]:
    whole = ((0, 0), (-1, -1))
    return [("TOPPADDING", *whole, top), ("BOTTOMPADDING", *whole, bottom), ("LEFTPADDING", *whole, left), ("RIGHTPADDING", *whole, 4)]
