"""The look of the document: words for figures, styles, page numbers.

It is black on white, in one family of type, with thin rules. Dates and amounts are written as the
portals write them in English.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ledger.duration import format_minutes
from ledger.output.pdf.typesetting import BOLD, REGULAR

MARGIN = 16 * mm

Command: TypeAlias = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
"""What a table is told about some of its cells."""

_LOCALE = "en_GB"
_MINUS = "\N{MINUS SIGN}"
_FOOT_HEIGHT = 10 * mm
_INK = HexColor(0x111111)
_QUIET = HexColor(0x4A4A4A)
_RULE = HexColor(0xC4C4C4)
_SHADE = HexColor(0xF1F3F5)
_ALERT = HexColor(0xA4201A)


write_day = partial(format_date, format="long", locale=_LOCALE)  # 12 January 2026
write_short_day = partial(format_date, format="medium", locale=_LOCALE)  # 12 Jan 2026
write_month = partial(format_skeleton, "yMMMM", locale=_LOCALE)  # January 2026


def write_duration(minutes: int) -> str:
    """Return minutes as hours and minutes."""
    return format_minutes(minutes).replace("-", _MINUS)


def write_signed(minutes: int) -> str:
    """Return minutes with a sign, as a movement has it."""
    return f"{'+' if minutes > 0 else ''}{write_duration(minutes)}"


def write_money(amount: Decimal | None) -> str:
    """Return an amount without its currency; nothing where there was no money."""
    if amount is None:
        return ""
    return format_decimal(amount, "#,##0.00", locale=_LOCALE).replace("-", _MINUS)


CELL = ParagraphStyle("cell", fontName=REGULAR, fontSize=8.5, leading=11, textColor=_INK)
LABEL = ParagraphStyle("label", CELL, textColor=_QUIET)
SMALL = ParagraphStyle("small", LABEL, fontSize=7.5, leading=10)
STRONG_CELL = ParagraphStyle("strong", CELL, fontName=BOLD)
TITLE = ParagraphStyle("title", STRONG_CELL, fontSize=18, leading=23, spaceBefore=2, spaceAfter=8)
HEADING = ParagraphStyle("heading", TITLE, fontSize=11, leading=14, spaceBefore=14, spaceAfter=5)
HEAD = ParagraphStyle("head", LABEL, fontName=BOLD, fontSize=8, leading=10)
HEAD_FIGURE = ParagraphStyle("head-figure", HEAD, alignment=TA_RIGHT)
LETTERHEAD = ParagraphStyle("letterhead", HEAD, fontSize=10, leading=13)
WARNING = ParagraphStyle(
    "warning", CELL, fontSize=9, leading=12, textColor=_ALERT,
    borderColor=_ALERT, borderWidth=1, borderPadding=5,
)  # fmt: skip

_ALL = ((0, 0), (-1, -1))
_TEXT: list[Command] = [
    ("FONT", *_ALL, REGULAR, 8.5, 11),
    ("TEXTCOLOR", *_ALL, _INK),
    ("VALIGN", *_ALL, "TOP"),
    *((f"{side}PADDING", *_ALL, 3) for side in ("TOP", "BOTTOM", "LEFT", "RIGHT")),
]
_HEADED: list[Command] = [
    *_TEXT,
    ("FONT", (0, 0), (-1, 0), BOLD, 8, 10),
    ("TEXTCOLOR", (0, 0), (-1, 0), _QUIET),
    ("LINEBELOW", (0, 0), (-1, 0), 0.75, _INK),
    ("LINEABOVE", (0, 0), (-1, 0), 1, _INK),
    ("LINEBELOW", (0, -1), (-1, -1), 1, _INK),
]
FACTS: list[Command] = [
    *_TEXT,
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("TOPPADDING", *_ALL, 1),
    ("BOTTOMPADDING", *_ALL, 1),
]
MONTHS: list[Command] = [
    *_HEADED,
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("LINEBELOW", (0, 1), (-1, -2), 0.5, _RULE),
    ("FONT", (0, -1), (-1, -1), BOLD, 8.5, 11),
    ("BACKGROUND", (0, -1), (-1, -1), _SHADE),
]
SUMMARY: list[Command] = [*MONTHS, ("FONT", (0, 1), (-1, 1), BOLD, 8.5, 11)]
MOVEMENTS: list[Command] = [*_HEADED, ("ALIGN", (3, 0), (-1, -1), "RIGHT")]


def emphasize(row: int) -> list[Command]:
    """Return what makes a row of a table one of balances."""
    cells = ((0, row), (-1, row))
    return [("FONT", *cells, BOLD, 8.5, 11), ("BACKGROUND", *cells, _SHADE), rule_below(row)]


def rule_below(row: int) -> Command:
    """Return what draws a thin line below a row."""
    return ("LINEBELOW", (0, row), (-1, row), 0.5, _RULE)


class NumberedCanvas(Canvas):
    """Keeps all pages until their number is known; each foot has ``words`` and the number."""

    def __init__(self, words: str, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "initialFontName": REGULAR})
        self._words = words
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: D102, N802 - its name there
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out

    def save(self) -> None:  # noqa: D102 - as there
        kept = self._kept
        for number, page in enumerate(kept, start=1):
            self.__dict__.update(page)
            self._draw_foot(f"Page {number} of {len(kept)}")
            super().showPage()
        super().save()

    def _draw_foot(self, page: str) -> None:
        right, rule = A4[0] - MARGIN, _FOOT_HEIGHT + 3.5 * mm
        self.setFont(REGULAR, 7.5)
        self.setFillGray(0.3)
        self.setStrokeGray(0.7)
        self.setLineWidth(0.5)
        self.line(MARGIN, rule, right, rule)
        self.drawString(MARGIN, _FOOT_HEIGHT, self._words)
        self.drawRightString(right, _FOOT_HEIGHT, page)
