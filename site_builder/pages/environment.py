"""The Jinja environment of our own pages: autoescaping always, undefined names are errors.

Whatever a template puts out also passes ``make_visible``, so that no piece of data can turn the
direction of the text around it, wherever it is put.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from ledger.errors import LedgerError
from site_builder.pages.style import PageStyle
from site_builder.pages.untrusted import make_visible, render_lines
from site_builder.pages.wording import Wording, load_wording

TEMPLATES_FOLDER = Path(__file__).parent / "templates"


class PageRenderer:
    """Renders our templates with the words of one language."""

    def __init__(self, wording: Wording, templates: Path | None = None) -> None:
        self.wording = wording
        self._templates = templates
        self._environment = _make_environment(wording, templates)

    def render(self, template: str, values: Mapping[str, Any]) -> Markup:
        """Return the template called ``template``, filled in: finished HTML.

        Raises:
            LedgerError: a template of the provider's own does not work.
        """
        try:
            html = self._environment.get_template(template).render(values)
        except jinja2.TemplateError as error:
            if self._templates is None:
                raise
            message = f"the page {template} cannot be made with the templates in {self._templates}"
            raise LedgerError(f"{message}: {error}", "compare them with ours") from error
        return Markup(html)  # noqa: S704 - autoescaped


@lru_cache(maxsize=8)
def make_renderer(style: PageStyle) -> PageRenderer:
    """Return the renderer for a style; its templates are compiled once.

    Raises:
        LedgerError: the texts or templates that the style names do not make pages.
    """
    for folder in (style.texts, style.templates):
        if folder is not None and not folder.is_dir():
            raise LedgerError(f"{folder} is not a folder", "mkdocs.yml names it for the portals")
    return PageRenderer(load_wording(style.language, style.texts), style.templates)


def forget_renderers() -> None:
    """Read texts and templates anew at the next use: somebody may have edited them."""
    make_renderer.cache_clear()
    load_wording.cache_clear()


def is_address(contact: str) -> bool:
    """Whether a contact is an e-mail address, and not the address of a page."""
    return not contact.lower().startswith(("http://", "https://"))


def make_contact_link(contact: str) -> str:
    """Return the link for a contact: an address of a page, or an e-mail address."""
    return f"mailto:{quote(contact, safe='@')}" if is_address(contact) else contact


def _show_hidden(value: object) -> object:
    """Make the disturbing characters of a text visible; finished HTML stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return make_visible(value)
    return value


def _make_environment(wording: Wording, templates: Path | None) -> jinja2.Environment:
    folders = [templates, TEMPLATES_FOLDER] if templates else [TEMPLATES_FOLDER]
    ours = jinja2.FileSystemLoader(TEMPLATES_FOLDER)
    environment = jinja2.Environment(
        # A template of the provider's can extend or import ours of the same name.
        loader=jinja2.ChoiceLoader(
            [jinja2.FileSystemLoader(folders), jinja2.PrefixLoader({"punchcard": ours})]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show_hidden,
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
