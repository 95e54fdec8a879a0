"""How the document is set: fonts, styles, and page numbers.

It is black on white, in one family of type, with thin rules. Its own fonts have Latin, Greek,
Cyrillic, the signs of trade, and Japanese (JIS X 0208). A character that they lack is taken from
the fonts that the caller names; what none of them has, and what is written from right to left
(ReportLab sets characters in the order in which they come), is written out as ``[U+05E9 U+05DC]``:
nothing is lost, nothing looks like something else, and the caller is told.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape
from zlib import crc32

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from ledger.errors import LedgerError
from ledger.text import name_some

MARGIN = 16 * mm
REGULAR = "StatementRegular"
BOLD = "StatementBold"
_JAPANESE = "StatementJapanese"

Command: TypeAlias = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
"""What a table is told about some of its cells."""

_FOLDER = Path(__file__).parent / "fonts"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_NO_BREAK = "\N{NO-BREAK SPACE}"
_ALIKE = str.maketrans({"\N{NON-BREAKING HYPHEN}": "-", "\N{SOFT HYPHEN}": None})
_FOOT_HEIGHT = 10 * mm
_CREATED = (2000, 1, 1, 0, 0, 0)
_INK = HexColor(0x111111)
_QUIET = HexColor(0x4A4A4A)
_RULE = HexColor(0xC4C4C4)
_SHADE = HexColor(0xF1F3F5)
_ALERT = HexColor(0xA4201A)

CELL = ParagraphStyle("cell", fontName=REGULAR, fontSize=8.5, leading=11, textColor=_INK)
LABEL = ParagraphStyle("label", CELL, textColor=_QUIET)
SMALL = ParagraphStyle("small", LABEL, fontSize=7.5, leading=10)
PAGE_NUMBER = ParagraphStyle("page-number", SMALL, alignment=TA_RIGHT)
FIGURE = ParagraphStyle("figure", CELL, alignment=TA_RIGHT)
STRONG_CELL = ParagraphStyle("strong", CELL, fontName=BOLD)
TITLE = ParagraphStyle("title", STRONG_CELL, fontSize=18, leading=23, spaceBefore=2, spaceAfter=8)
HEADING = ParagraphStyle("heading", TITLE, fontSize=11, leading=14, spaceBefore=14, spaceAfter=5)
HEAD = ParagraphStyle("head", LABEL, fontName=BOLD, fontSize=8, leading=10)
HEAD_FIGURE = ParagraphStyle("head-figure", HEAD, alignment=TA_RIGHT)
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
MOVEMENTS: list[Command] = [
    *_HEADED,
    ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
    ("LINEBELOW", (0, 1), (-1, -1), 0.5, _RULE),
]


def make_letterhead(colour: str | None) -> ParagraphStyle:
    """Return how the provider's name is set: in its colour, if it has one."""
    ink = HexColor(colour) if colour else _QUIET
    return ParagraphStyle("letterhead", HEAD, fontSize=10, leading=13, textColor=ink)


def emphasize(row: int) -> list[Command]:
    """Return what makes a row of the movements one of balances."""
    cells = ((0, row), (-1, row))
    return [
        ("SPAN", (0, row), (3, row)),
        ("FONT", *cells, BOLD, 8.5, 11),
        ("BACKGROUND", *cells, _SHADE),
    ]


@cache
def _break_anywhere(style: ParagraphStyle) -> ParagraphStyle:
    """Return a style for text that has no spaces between words."""
    return ParagraphStyle(f"{style.name}-unspaced", style, wordWrap="CJK")


class Typesetter:
    """Turns texts into what ReportLab's paragraphs read; raises LedgerError for a useless font."""

    def __init__(self, more_fonts: Sequence[Path] = ()) -> None:
        self._glyphs = {REGULAR: _register(REGULAR, _FOLDER / "LiberationSans-Regular.ttf")}
        _register(BOLD, _FOLDER / "LiberationSans-Bold.ttf")
        for file in more_fonts:
            name = f"Statement{crc32(bytes(file))}"
            self._glyphs[name] = _register(name, file)
        self._glyphs[_JAPANESE] = _register(_JAPANESE, _FOLDER / "BIZUDPGothic-Regular.ttf")
        self._missing: set[str] = set()

    def set(self, text: str, style: ParagraphStyle) -> Paragraph:
        """Return a paragraph of ``text``."""
        marked = self.markup(text)
        return Paragraph(marked, _break_anywhere(style) if _JAPANESE in marked else style)

    def set_cell(self, text: str, style: ParagraphStyle = FIGURE) -> str | Paragraph:
        """Return a cell of one line: the text, which takes no time to set, if our font has it."""
        plain = _simplify_spaces(text)
        is_ours = self._glyphs[REGULAR].keys() >= set(map(ord, plain))
        return plain if is_ours else self.set(text, style)

    def markup(self, text: str) -> str:
        """Return ``text`` as markup; its line breaks are kept."""
        plain = unicodedata.normalize("NFC", text.strip()).translate(_ALIKE).expandtabs(4)
        return "<br/>".join("".join(self._write(line)) for line in plain.splitlines())

    def describe_missing(self) -> str:
        """Return the characters for which there was no font, in a few words."""
        return name_some([f"U+{ord(character):04X}" for character in sorted(self._missing)])

    def _write(self, line: str) -> Iterator[str]:
        for font, characters in groupby(_simplify_spaces(line), key=self._find_font):
            text = "".join(characters)
            if font is None:
                self._missing.update(text)
                yield f"[{' '.join(f'U+{ord(character):04X}' for character in text)}]"
            else:
                shown = escape(text)
                yield shown if font == REGULAR else f'<font name="{font}">{shown}</font>'

    def _find_font(self, character: str) -> str | None:
        is_shown = character.isprintable() or character == _NO_BREAK
        if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT or not is_shown:
            return None
        code = ord(character)
        return next((name for name, glyphs in self._glyphs.items() if code in glyphs), None)


def _simplify_spaces(text: str) -> str:
    """Return ``text`` with spaces that our fonts have; one that keeps words together still does."""
    return "".join(
        " " if unicodedata.category(char) == "Zs" and char != _NO_BREAK else char
        for char in text.replace("\N{NARROW NO-BREAK SPACE}", _NO_BREAK)
    )


@cache
def _register(name: str, file: Path) -> Mapping[int, int]:
    """Make a font known by a name, and return its glyphs by the numbers of the characters."""
    try:
        font = TTFont(name, str(file))
    except (TTFError, OSError, ValueError) as error:
        raise LedgerError(
            f"{file} is no font that can be used: {error}",
            "name a TrueType file (.ttf) with TrueType outlines",
        ) from error
    pdfmetrics.registerFont(font)
    glyphs: Mapping[int, int] = font.face.charToGlyph
    return glyphs


class NumberedCanvas(Canvas):
    """Keeps all pages until their number is known; ``foot(number, count)`` makes what is below."""

    def __init__(
        self, foot: Callable[[int, int], Sequence[Paragraph]], *arguments: Any, **options: Any
    ) -> None:
        super().__init__(*arguments, **{**options, "initialFontName": REGULAR})
        # SOURCE_DATE_EPOCH, if it is set, has no part in it, either.
        self._doc.signature = hashlib.sha256()  # type: ignore[attr-defined]
        self._doc._timeStamp.YMDhms = _CREATED  # type: ignore[attr-defined]  # noqa: SLF001
        self._foot = foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: D102, N802 - its name there
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out

    def save(self) -> None:  # noqa: D102 - as there
        right, rule = A4[0] - MARGIN, _FOOT_HEIGHT + 3.5 * mm
        kept = self._kept
        for number, page in enumerate(kept, start=1):
            self.__dict__.update(page)
            self.setStrokeGray(0.7)
            self.setLineWidth(0.5)
            self.line(MARGIN, rule, right, rule)
            for words in self._foot(number, len(kept)):
                words.wrapOn(self, right - MARGIN, _FOOT_HEIGHT)
                words.drawOn(self, MARGIN, _FOOT_HEIGHT - mm)
            super().showPage()
        super().save()
