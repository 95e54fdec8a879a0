"""The words of an e-mail: plain text as it was written, HTML without its markup."""

import html
import re

import nh3

from ledger.writing.yaml_text import CONTROLS

_UNREAD = {"script", "style", "title", "template", "object", "iframe", "svg", "math"}
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tr", "ul",
})
# These have no content, or end where the next one of their kind begins.
_NEVER_DEEP = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})
# fmt: on
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>')
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]*>")
_DEEPEST_HTML = 300
_OPENING_OR_CLOSING = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Return a text with its own words, but for characters that no file may hold."""
    return CONTROLS.sub("", re.sub("\r\n|[\r\u2028\u2029]", "\n", text))


def clean_html(source: str) -> str:
    """Return what a reader of an HTML page sees: a line a block, items with a dash, addresses."""
    tidy = nh3.clean(
        source,
        tags=set(_BLOCKS | {"a", "td", "th"}),
        clean_content_tags=_UNREAD,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    # What is left is well-formed: a `<` that was text is `&lt;` now.
    spaced = _LINK.sub(_name_address, re.sub(r"\s+", " ", tidy))
    lines = html.unescape(_TAG.sub(_replace_tag, spaced)).split("\n")
    text = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", clean_text(text)).strip()


def is_too_deep(source: str) -> bool:
    """Whether a page is nested so deep that no mail program made it; reading it would take long."""
    depth = 0
    for tag in _OPENING_OR_CLOSING.finditer(source):
        if tag[2].casefold() not in _NEVER_DEEP:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            if depth > _DEEPEST_HTML:
                return True
    return False


def unflow(text: str, *, deletes_space: bool) -> str:
    """Return a text whose lines a mail program broke (RFC 3676) with its own lines again."""
    whole: list[str] = []
    is_open = False
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.removeprefix(" ")
        flows_on = content.endswith(" ") and content != "-- "
        part = content[:-1] if flows_on and deletes_space else content
        if is_open:
            whole[-1] += part
        else:
            whole.append(part)
        is_open = flows_on
    return "\n".join(whole)


def _name_address(link: re.Match[str]) -> str:
    address, words = link[1], _TAG.sub("", link[2]).strip()
    return f"{link[2]} ({address})" if words and words != address else link[2]


def _replace_tag(tag: re.Match[str]) -> str:
    name = tag[2]
    if name == "li":
        return "" if tag[1] else "\n- "
    return "\n" if name in _BLOCKS else "" if name == "a" else " "
