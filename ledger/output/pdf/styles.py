"""The look of the document: black on white, one family of type, thin rules."""

from __future__ import annotations

from typing import Any, TypeAlias

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle

from ledger.output.pdf.typesetting import BOLD, REGULAR

Command: TypeAlias = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
"""What a table is told about some of its cells."""

_INK = HexColor(0x111111)
_QUIET = HexColor(0x4A4A4A)
_RULE = HexColor(0xC4C4C4)
_SHADE = HexColor(0xF1F3F5)
_ALERT = HexColor(0xA4201A)

LETTERHEAD = ParagraphStyle("letterhead", fontName=BOLD, fontSize=10, leading=13, textColor=_QUIET)
TITLE = ParagraphStyle(
    "title", fontName=BOLD, fontSize=18, leading=23, spaceBefore=2, spaceAfter=8, textColor=_INK
)
HEADING = ParagraphStyle(
    "heading",
    fontName=BOLD,
    fontSize=11,
    leading=14,
    spaceBefore=14,
    spaceAfter=5,
    textColor=_INK,
)
CELL = ParagraphStyle("cell", fontName=REGULAR, fontSize=8.5, leading=11, textColor=_INK)
STRONG_CELL = ParagraphStyle("strong", parent=CELL, fontName=BOLD)
SMALL = ParagraphStyle("small", parent=CELL, fontSize=7.5, leading=10, textColor=_QUIET)
LABEL = ParagraphStyle("label", parent=CELL, textColor=_QUIET)
HEAD = ParagraphStyle("head", parent=CELL, fontName=BOLD, fontSize=8, leading=10, textColor=_QUIET)
HEAD_FIGURE = ParagraphStyle("head-figure", parent=HEAD, alignment=TA_RIGHT)
WARNING = ParagraphStyle(
    "warning",
    parent=CELL,
    fontSize=9,
    leading=12,
    textColor=_ALERT,
    borderColor=_ALERT,
    borderWidth=1,
    borderPadding=5,
)

_ALL = ((0, 0), (-1, -1))
_TEXT: list[Command] = [
    ("FONT", *_ALL, REGULAR, 8.5, 11),
    ("TEXTCOLOR", *_ALL, _INK),
    ("VALIGN", *_ALL, "TOP"),
    ("TOPPADDING", *_ALL, 3),
    ("BOTTOMPADDING", *_ALL, 3),
    ("LEFTPADDING", *_ALL, 3),
    ("RIGHTPADDING", *_ALL, 3),
]
_FRAME: list[Command] = [
    ("LINEABOVE", (0, 0), (-1, 0), 1, _INK),
    ("LINEBELOW", (0, -1), (-1, -1), 1, _INK),
]
_HEADED: list[Command] = [
    ("FONT", (0, 0), (-1, 0), BOLD, 8, 10),
    ("TEXTCOLOR", (0, 0), (-1, 0), _QUIET),
    ("LINEBELOW", (0, 0), (-1, 0), 0.75, _INK),
]

FACTS: list[Command] = [
    *_TEXT,
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("TOPPADDING", *_ALL, 1),
    ("BOTTOMPADDING", *_ALL, 1),
]
SUMMARY: list[Command] = [
    *_TEXT,
    *_HEADED,
    *_FRAME,
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("LINEBELOW", (0, 1), (-1, -2), 0.5, _RULE),
    ("FONT", (0, 1), (-1, 1), BOLD, 8.5, 11),
    ("FONT", (0, -1), (-1, -1), BOLD, 8.5, 11),
    ("BACKGROUND", (0, -1), (-1, -1), _SHADE),
]
MONTHS: list[Command] = [
    *_TEXT,
    *_HEADED,
    *_FRAME,
    ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
    ("LINEBELOW", (0, 1), (-1, -2), 0.5, _RULE),
    ("FONT", (0, -1), (-1, -1), BOLD, 8.5, 11),
    ("BACKGROUND", (0, -1), (-1, -1), _SHADE),
]
MOVEMENTS: list[Command] = [*_TEXT, *_HEADED, *_FRAME, ("ALIGN", (3, 0), (-1, -1), "RIGHT")]


def emphasize(row: int) -> list[Command]:
    """Return what makes a row of a table one of balances."""
    first, last = (0, row), (-1, row)
    return [
        ("FONT", first, last, BOLD, 8.5, 11),
        ("BACKGROUND", first, last, _SHADE),
        rule_below(row),
    ]


def rule_below(row: int) -> Command:
    """Return what draws a thin line below a row."""
    return ("LINEBELOW", (0, row), (-1, row), 0.5, _RULE)
