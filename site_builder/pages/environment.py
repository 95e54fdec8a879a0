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

from site_builder.pages.untrusted import make_visible, render_lines
from site_builder.pages.wording import Wording

TEMPLATES_FOLDER = Path(__file__).parent / "templates"


class PageRenderer:
    """Renders our templates with the words of one language."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self._environment = _make_environment(wording)

    def render(self, template: str, values: Mapping[str, Any]) -> Markup:
        """Return the template called ``template``, filled in: finished HTML."""
        return Markup(self._environment.get_template(template).render(values))  # noqa: S704 - autoescaped


@lru_cache(maxsize=8)
def make_renderer(wording: Wording) -> PageRenderer:
    """Return the renderer for a language; its templates are compiled once."""
    return PageRenderer(wording)


def make_contact_link(contact: str) -> str:
    """Return the link for a contact: an address of a page, or an e-mail address."""
    if contact.lower().startswith(("http://", "https://")):
        return contact
    return f"mailto:{quote(contact, safe='@')}"


def _make_environment(wording: Wording) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(t=wording.text, label=wording.label, contact_link=make_contact_link)
    environment.filters.update(
        day=wording.day,
        short_day=wording.short_day,
        month=wording.month,
        minutes=wording.minutes,
        signed_minutes=wording.signed_minutes,
        money=wording.money,
        lines=render_lines,
    )
    return environment


def _finalize(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return make_visible(value)
    return value
