"""Puts finished pages into the site that MkDocs builds.

A page in docs/ that says ``finished_html: true`` is HTML from its first line to its last: nothing
of it is read as Markdown.
Pages that do not say so are ordinary Markdown, as MkDocs has it.

This file needs nothing but MkDocs, and stands on its own: a portal that was written out as an
ordinary MkDocs project carries it along.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    import jinja2
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

# A sitemap would tell the world what a private portal holds; a page "not found" needs to know
# where on its host the portal lies, and a portal works anywhere.
UNWANTED_TEMPLATES = ("sitemap.xml", "404.html")
# What a browser may keep for as long as its address stays the same.
VERSIONED = ("stylesheets/portal.css", "javascripts/portal.js")

_bodies: dict[str, str] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out what a private portal does not want; give our files addresses with a version."""
    config.theme.static_templates.difference_update(UNWANTED_TEMPLATES)
    for name in VERSIONED:
        files = (Path(folder, "assets", name) for folder in (config.docs_dir, *config.theme.dirs))
        content = next(file for file in files if file.is_file()).read_bytes()
        version = hashlib.sha256(content).hexdigest()[:8]
        config.extra.setdefault("assets", {})[name] = f"assets/{name}?v={version}"
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Leave out, as a file, what is left out as a template."""
    del config
    for file in list(files):
        if file.src_uri in UNWANTED_TEMPLATES:
            files.remove(file)
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a finished page aside, and give MkDocs a heading that «Skip to content» leads to."""
    del config, files
    if not page.meta.get("finished_html"):
        return markdown
    _bodies[page.file.src_uri] = markdown
    return "# Top { #top }\n"


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the finished page where MkDocs has the heading."""
    del config, files
    body = _bodies.pop(page.file.src_uri, None)
    return html if body is None else Markup(body)  # noqa: S704 - finished HTML: that is the point


def on_env(env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Escape what the theme puts into pages."""
    del config, files
    env.autoescape = True
    return env
