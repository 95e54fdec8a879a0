"""A page as it comes out of the printer, sheet by sheet."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def print_sheets(page: Page) -> list[str]:
    """Return the text of each sheet, letter by letter where the font joins some (``ﬁ``)."""
    from pypdf import PdfReader

    file = page.pdf(format="A4", print_background=False, prefer_css_page_size=True)
    sheets = PdfReader(io.BytesIO(file)).pages
    return [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in sheets]


def print_words(page: Page) -> str:
    """Return the text of all sheets, with single spaces."""
    return " ".join("\n".join(print_sheets(page)).split())
