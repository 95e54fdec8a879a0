"""Cleaning of untrusted text: control characters, line breaks, and customers' Markdown.

The templates escape everything that they print. Here control characters that would change the
direction of the text around them are written out, and the descriptions of requests, the only
Markdown that customers write, are rendered to harmless HTML.
"""

import re
from functools import lru_cache

import markdown
import nh3
from markupsafe import Markup, escape

# Control characters, among them the embeddings, overrides and isolates that make a text read
# differently. The marks that Arabic and Hebrew need (U+200E, U+200F, U+061C) are harmless.
_DISTURBING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_ALLOWED_TAGS = {
    *("h3", "p", "br", "hr", "ul", "ol", "li", "code", "pre", "em", "strong", "blockquote", "a")
}
_ALLOWED_LINKS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h[1-6]>")

# The converter takes quadratic time for Markdown that nests or opens without end; such a text,
# which nobody writes by hand, is shown as plain text.
_LONGEST_MARKDOWN = 30_000
_MOST_LINES = 1_000
_MOST_OPENINGS = 400
_OPENINGS = re.compile(r"[\[<*_`!&\\]")
_NESTED = re.compile(
    r"([^\sA-Za-z0-9=-])\1{40}|(?:[ \t]*>){12}|(?:[-+*][ \t]+){12}|(?:\d+\.[ \t]+){12}|^[ \t]{60}",
    re.MULTILINE,
)


def make_visible(text: str) -> str:
    """Return ``text`` with disturbing control characters written out, as ``[U+202E]``."""
    if text.isascii() and text.isprintable():
        return text
    lines = _LINE_ENDS.sub("\n", text)
    return _DISTURBING.sub(lambda match: f"[U+{ord(match[0]):04X}]", lines)


def render_lines(text: str) -> Markup:
    """Return plain text as HTML, with its line breaks."""
    return Markup("<br>\n").join(escape(line) for line in make_visible(text.strip()).split("\n"))


@lru_cache(maxsize=500)  # The search has the words of each request, too.
def render_markdown(text: str, *, is_own: bool = False) -> Markup:
    """Return Markdown as harmless HTML; HTML in it is shown as the text it is.

    In a text of the provider's own, headings are headings, and it may be long.
    """
    visible = make_visible(text)
    if _is_laborious(visible) and not is_own:
        return _render_plain(visible)
    try:
        converted = _make_converter().reset().convert(visible)
    except RecursionError:
        return _render_plain(visible)
    shown = ("<h3>", "</h3>") if is_own else ("<p><strong>", "</strong></p>")
    flat = _HEADING.sub(lambda tag: shown[bool(tag[1])], converted)
    return Markup(_clean(flat))  # noqa: S704 - it was cleaned


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_ALLOWED_TAGS,
        # Without "*" the library would allow title and lang on every tag.
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={tag: {"dir": "auto"} for tag in ("p", "li", "blockquote", "pre")},
    )


def _keep_attribute(_tag: str, attribute: str, value: str) -> str | None:
    # A relative link would look like a link of the portal itself.
    if attribute == "href" and not _ALLOWED_LINKS.match(value):
        return None
    return value


def _is_laborious(text: str) -> bool:
    return (
        len(text) > _LONGEST_MARKDOWN
        or text.count("\n") > _MOST_LINES
        or _NESTED.search(text) is not None
        or len(_OPENINGS.findall(text)) > _MOST_OPENINGS
    )


def _render_plain(text: str) -> Markup:
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return Markup("\n").join(
        Markup('<p dir="auto">{}</p>').format(render_lines(part)) for part in paragraphs
    )


@lru_cache(maxsize=1)
def _make_converter() -> markdown.Markdown:
    converter = markdown.Markdown(extensions=["fenced_code", "sane_lists"], output_format="html")
    converter.preprocessors.deregister("html_block")
    for pattern in ("html", "image_link", "image_reference", "short_image_ref"):
        converter.inlinePatterns.deregister(pattern)
    return converter
