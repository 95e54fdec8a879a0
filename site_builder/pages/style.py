"""What a provider may choose about the pages themselves: language, wording, templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class PageStyle:
    """How the pages are written.

    Attributes:
        language: the name of the file of texts.
        texts: a folder with texts of the provider's own, one file a language.
        templates: a folder with templates of the provider's own, each in place of ours of the
            same name.
    """

    language: str = DEFAULT_LANGUAGE
    texts: Path | None = None
    templates: Path | None = None


DEFAULT_STYLE = PageStyle()
