"""The Jinja environment of our own pages: autoescaping always, undefined names are errors.

Every value that a template prints also passes ``make_visible``, so that no text of a customer can
change the direction of the text around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from ledger.errors import LedgerError
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.untrusted import make_visible, render_lines
from site_builder.pages.wording import DEFAULT_LANGUAGE, Wording, load_wording

TEMPLATES_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class PageStyle:
    """What a provider may choose about the pages themselves.

    Attributes:
        language: the name of a file of texts, without its ending.
        texts: a folder with the provider's own texts, one file a language.
        templates: a folder with the provider's own templates, each instead of ours of that name.
    """

    language: str = DEFAULT_LANGUAGE
    texts: Path | None = None
    templates: Path | None = None


DEFAULT_STYLE = PageStyle()


class PageRenderer:
    """Renders our templates with the texts of one language."""

    def __init__(self, wording: Wording, templates: Path | None = None) -> None:
        self.wording = wording
        self._templates = templates
        self._environment = _make_environment(wording, templates)

    def render(self, template: str, values: Mapping[str, Any]) -> Markup:
        """Return a filled-in template: finished HTML.

        Raises:
            LedgerError: a template of the provider's own does not work.
        """
        try:
            return Markup(self._environment.get_template(template).render(values))  # noqa: S704 - autoescaped
        except jinja2.TemplateError as error:
            if self._templates is None:
                raise
            message = f"the page {template} cannot be made with the templates in {self._templates}"
            raise LedgerError(f"{message}: {error}", "compare them with ours") from error

    def render_page(
        self,
        name: str,
        values: Mapping[str, Any],
        search_text: str,
        headings: Iterable[Heading] = (),
        search_entries: Iterable[SearchEntry] = (),
        path: str | None = None,
        *,
        show_contents: bool = False,
    ) -> SitePage:
        """Return a page of the menu, made of the template and the texts called ``name``."""
        title = self.wording.text(f"{name.replace('-', '_')}.title")
        return SitePage(
            path=path or name,
            title=title,
            body=self.render(f"{name}.html", values),
            headings=tuple(headings),
            search_entries=(SearchEntry(title, search_text), *search_entries),
            show_contents=show_contents,
        )


@lru_cache(maxsize=8)
def make_renderer(style: PageStyle) -> PageRenderer:
    """Return the renderer of a style; its templates are compiled once.

    Raises:
        LedgerError: the texts or templates that the style names cannot be used.
    """
    for folder in (style.texts, style.templates):
        if folder is not None and not folder.is_dir():
            raise LedgerError(f"{folder} is not a folder", "mkdocs.yml names it for the portals")
    return PageRenderer(load_wording(style.language, style.texts), style.templates)


def forget_renderers() -> None:
    """Read texts and templates again at the next use: they may have been edited."""
    make_renderer.cache_clear()
    load_wording.cache_clear()


def is_address(contact: str) -> bool:
    """Whether a contact is an e-mail address, and not the address of a web page."""
    return not contact.lower().startswith(("http://", "https://"))


def make_contact_link(contact: str) -> str:
    """Return the link for a contact: an address of a web page, or an e-mail address."""
    return f"mailto:{quote(contact, safe='@')}" if is_address(contact) else contact


def _make_environment(wording: Wording, templates: Path | None) -> jinja2.Environment:
    folders = [templates, TEMPLATES_FOLDER] if templates else [TEMPLATES_FOLDER]
    ours = jinja2.FileSystemLoader(TEMPLATES_FOLDER)
    environment = jinja2.Environment(
        # The provider's templates can include ours of the same name as "punchcard/<name>".
        loader=jinja2.ChoiceLoader(
            [jinja2.FileSystemLoader(folders), jinja2.PrefixLoader({"punchcard": ours})]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(
        t=wording.text,
        label=wording.label,
        language=wording.language,
        contact_link=make_contact_link,
    )
    environment.filters.update(
        day=wording.day,
        short_day=wording.short_day,
        month=wording.month,
        short_month=wording.short_month,
        percent=wording.percent,
        minutes=wording.minutes,
        signed_minutes=wording.signed_minutes,
        money=wording.money,
        lines=render_lines,
    )
    return environment


def _finalize(value: object) -> object:
    """Return a value as it is to be escaped: a text with its control characters written out."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return make_visible(value)
    return value
