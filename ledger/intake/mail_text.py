"""The words of an e-mail without its markup: what is left is text that looks like what it says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

import nh3

_UNSEEN = ("script", "style")
_UNREAD = frozenset({*_UNSEEN, "title", "template", "object", "iframe", "svg", "math"})
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tr", "ul",
})
_ELEMENTS = frozenset({
    "a", "abbr", "area", "audio", "b", "base", "big", "body", "button", "canvas", "center", "cite",
    "code", "col", "colgroup", "del", "em", "embed", "fieldset", "font", "frame", "frameset",
    "head", "html", "i", "img", "input", "ins", "kbd", "label", "legend", "link", "mark",
    "marquee", "meta", "noscript", "option", "param", "q", "s", "samp", "select", "small",
    "source", "span", "strike", "strong", "sub", "sup", "tbody", "td", "textarea", "tfoot", "th",
    "thead", "time", "track", "tt", "u", "var", "video", "wbr", *_BLOCKS, *_UNREAD,
})
# These have no content, or end where the next one of their kind begins.
_NEVER_DEEP = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})
# fmt: on
_TAG = re.compile(
    r"</?([a-z][a-z0-9]{0,9})(?:[\s/][^<>]*)?>|<!(?:--|doctype)[^<>]*>", re.IGNORECASE
)
_KEPT_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: href="([^"]*)")?[^<>]*>')
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SIGNATURE = re.compile(r"^-- $.*", re.MULTILINE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n{3,}")
_MOST_LAYERS = 10
_DEEPEST_HTML = 300
_OPENING_OR_CLOSING = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Return plain text without HTML tags, control characters, signature and needless blanks.

    Only what is the name of an HTML element counts as a tag: ``a < b`` and ``List<String>`` stay.
    """
    text = re.sub("\r\n|[\r\u2028\u2029]", "\n", text)
    text = _SIGNATURE.sub("", _CONTROL.sub("", text))
    lines = (line.rstrip().expandtabs(4) for line in _strip_tags(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_html(source: str) -> str:
    """Return the text of an HTML page: a line a block, list items with a dash, links with address.

    What a reader would not see (scripts, styles, the title) is left out.
    """
    tidy = nh3.clean(
        source,
        tags=set(_BLOCKS | {"a", "td", "th"}),
        clean_content_tags=set(_UNREAD),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    # What is left is well-formed: a `<` that was text is `&lt;` now.
    spaced = re.sub(r"\s+", " ", tidy)
    text = html.unescape("".join(_put_links(_KEPT_TAG.split(spaced))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return clean_text("\n".join(lines))


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


def _strip_tags(text: str) -> str:
    for element in _UNSEEN:
        # With its content; one that is not closed is left to lose its tag.
        kept, place = "", 0
        opening, closing = (
            re.compile(form, re.IGNORECASE) for form in (rf"<{element}\b", rf"</{element}\s*>")
        )
        while (start := opening.search(text, place)) and (end := closing.search(text, start.end())):
            kept += text[place : start.start()]
            place = end.end()
        text = kept + text[place:]
    for _layer in range(_MOST_LAYERS):
        shorter = _TAG.sub(
            lambda tag: "" if (tag[1] or "a").casefold() in _ELEMENTS else tag[0], text
        )
        if shorter == text:
            return text
        text = shorter  # Taking one tag away can put another one together.
    return text.replace("<", "")


def _put_links(parts: Sequence[str | None]) -> Iterator[str]:
    """Yield texts and what stands for the tags between them, split as ``_KEPT_TAG`` does."""
    address, words = "", ""
    yield parts[0] or ""
    for place in range(1, len(parts), 4):
        closing, tag, href, text = parts[place : place + 4]
        if tag == "a" and not closing:
            address, words = href or "", ""
        elif tag == "a":
            has_words = bool(words.strip()) and words.strip() != address
            yield f" ({address})" if address and has_words else ""
            address = ""
        elif tag in _BLOCKS:
            yield "\n- " if tag == "li" and not closing else "" if tag == "li" else "\n"
        else:
            yield " "
        words += text or "" if address else ""
        yield text or ""
