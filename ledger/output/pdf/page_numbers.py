"""The foot of each page: which document it is, and which page of how many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ledger.output.pdf.typesetting import REGULAR

_WIDTH = A4[0]
_SIZE = 7.5
_HEIGHT = 10 * mm


def make_canvas(words: str, margin: float) -> Callable[..., Canvas]:
    """Return what makes the canvas of a document whose pages say ``words`` and their number."""
    return lambda *arguments, **options: _NumberedCanvas(words, margin, *arguments, **options)


class _NumberedCanvas(Canvas):
    """Keeps all pages until their number is known."""

    def __init__(self, words: str, margin: float, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "initialFontName": REGULAR})
        self._words = words
        self._margin = margin
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - its name there
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out

    def save(self) -> None:
        kept = self._kept
        for number, page in enumerate(kept, start=1):
            self.__dict__.update(page)
            self._draw_foot(number, len(kept))
            super().showPage()
        super().save()

    def _draw_foot(self, number: int, count: int) -> None:
        self.setFont(REGULAR, _SIZE)
        self.setFillGray(0.3)
        self.setStrokeGray(0.7)
        self.setLineWidth(0.5)
        self.line(self._margin, _HEIGHT + 3.5 * mm, _WIDTH - self._margin, _HEIGHT + 3.5 * mm)
        self.drawString(self._margin, _HEIGHT, self._words)
        self.drawRightString(_WIDTH - self._margin, _HEIGHT, f"Page {number} of {count}")
