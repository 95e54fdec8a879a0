"""Text for ReportLab: escaped, in fonts that have its characters.

The document's own fonts have Latin, Greek, Cyrillic and the signs of trade. A character that they
lack is taken from the fonts that the caller names; what none of them has, and what is written from
right to left (ReportLab sets characters in the order in which they come), is written out as
``[U+5BB6 U+6B4C]``: nothing is lost, nothing looks like something else, and the caller is told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from ledger.errors import LedgerError

REGULAR = "StatementRegular"
BOLD = "StatementBold"

_FOLDER = Path(__file__).parent / "fonts"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_SPACES = "Zs"
_MOST_NAMED = 5
_ALIKE = str.maketrans({"\N{NON-BREAKING HYPHEN}": "-", "\N{SOFT HYPHEN}": None})


class Typesetter:
    """Turns texts into what ReportLab's paragraphs read; raises LedgerError for a useless font.

    Attributes:
        missing: the characters for which there was no font.
    """

    def __init__(self, more_fonts: Sequence[Path] = ()) -> None:
        self._glyphs = {REGULAR: _register(REGULAR, _FOLDER / "LiberationSans-Regular.ttf")}
        _register(BOLD, _FOLDER / "LiberationSans-Bold.ttf")
        for number, file in enumerate(more_fonts):
            name = f"Statement{number}"
            self._glyphs[name] = _register(name, file)
        self.missing: set[str] = set()

    def markup(self, text: str) -> str:
        """Return ``text`` as markup; its line breaks are kept."""
        lines = unicodedata.normalize("NFC", text.strip()).translate(_ALIKE).splitlines()
        return "<br/>".join(
            "".join(self._write(*piece) for piece in self._split(line)) for line in lines
        )

    def has_all(self, text: str) -> bool:
        """Whether there is a font for every character of ``text``."""
        return all(font for line in text.splitlines() for font, _text in self._split(line))

    def _split(self, line: str) -> Iterator[tuple[str | None, str]]:
        """Yield the name of a font and the characters to set in it; None has no font."""
        clean = "".join(" " if unicodedata.category(char) == _SPACES else char for char in line)
        for font, characters in groupby(clean, key=self._find_font):
            yield font, "".join(characters)

    def _find_font(self, character: str) -> str | None:
        if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT or not character.isprintable():
            return None
        code = ord(character)
        return next((name for name, glyphs in self._glyphs.items() if code in glyphs), None)

    def _write(self, font: str | None, text: str) -> str:
        if font is None:
            self.missing.update(text)
            return f"[{' '.join(f'U+{ord(character):04X}' for character in text)}]"
        return escape(text) if font == REGULAR else f'<font name="{font}">{escape(text)}</font>'


def describe_missing(characters: Iterable[str]) -> str:
    """Return the characters that no font has, in a few words."""
    codes = [f"U+{ord(character):04X}" for character in sorted(characters)]
    shown = ", ".join(codes[:_MOST_NAMED])
    more = len(codes) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


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
