"""Puts finished pages into the site that MkDocs builds.

A page in docs/ that says ``finished_html: true`` is HTML from its first line to its last: nothing
of it is read as Markdown.
Pages that do not say so are ordinary Markdown, as MkDocs has it.

This file needs nothing but MkDocs, and stands on its own: a portal that was written out as an
ordinary MkDocs project carries it along.
"""

from __future__ import annotations

import hashlib
import re
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
# A script or a style as pages name it; those of the theme have a version in their name.
_ASSET = re.compile(
    r'(?<==")(?:\.\./)*(assets/(?!(?:[^"]+[.])?[0-9a-f]{8}[.]min[.])[^"?#]+[.](?:css|js))(?=")'
)

_bodies: dict[str, str] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out what a private portal does not want."""
    config.theme.static_templates.difference_update(UNWANTED_TEMPLATES)
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
    """Escape what the theme puts into pages; note the versions of scripts and styles.

    Of several sites with one configuration only the first one has the theme's files.
    """
    versions = config.extra.setdefault("versions", {})
    for file in files:
        if _ASSET.search(f'="{file.src_uri}"'):
            versions[file.src_uri] = hashlib.sha256(file.content_bytes).hexdigest()[:8]
    env.autoescape = True
    return env


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Give scripts and styles addresses that change with what is in them."""
    del page
    versions = config.extra["versions"]
    return _ASSET.sub(
        lambda found: f"{found[0]}?v={versions[found[1]]}" if found[1] in versions else found[0],
        output,
    )
