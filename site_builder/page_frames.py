"""What the theme puts around pages, learnt from pages that MkDocs has built.

The theme's template takes a hundred times as long to fill in as its result takes to write, and
says the same around every page but for a few words: the customer's name, the page's title, the
list of its sections. So the first portals are built in full. Where two pages of the same place,
of customers with different names, turn out to differ in those words alone, the pages of all other
portals get theirs put in the same places. Nothing is taken for granted: what two portals do not
show is not used, and a page whose words would need more than escaping goes the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from markupsafe import escape

from site_builder.pages.site import Heading, PortalSite, SitePage, ThemeTexts

# Code points that stand for no character: no page has them.
_TITLE, _SITE, _CUSTOMER, _ANCHOR, _TEXT = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
_TOKENS = re.compile("[\ufdd0-\ufdd4]")
# Themes cut tags out of titles, and blanks; what has neither comes through as it is.
_NOT_PLAIN = re.compile(r"[<>\"\\{}\ufdd0-\ufdd4]|&(?! )|[^\S ]|  |^ | $|^$")
# Headings pass through Markdown; this is what surely comes out as it went in.
_NOT_WORDS = re.compile(r"[^\w .,:;()/–-]|_|  |^ | $|^$")
_STRIPPED = "data-search-"
"""The search plugin takes attributes of this name out of a page."""
_MOST_TRIES = 8
_FEWEST_SECTIONS = 2

_Place: TypeAlias = str
_Words: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What stands around the body of a page, with tokens where words are to be put.

    Attributes:
        head: up to the list of the page's sections; up to the body if it has none.
        section: one entry of that list, and what stands between it and the next.
        tail: the last entry, and all that follows up to the body.
        foot: what follows the body.
    """

    head: str
    section: str
    tail: str
    foot: str

    def fill(self, page: SitePage, words: _Words) -> str:
        """Return the finished page."""
        sections = _list_sections(page)
        listed = [_fill_section(self.section, each) for each in sections[:-1]]
        last = _fill_section(self.tail, sections[-1]) if sections else ""
        before = "".join([self.head, *listed, last])
        return f"{_put(before, words)}{page.body}{_put(self.foot, words)}"


class FrameBook:
    """The frames that were learnt so far, by the place of a page."""

    def __init__(self, frames: Mapping[str, PageFrame] = MappingProxyType({})) -> None:
        self._frames: dict[_Place, PageFrame] = dict(frames)
        self._samples: dict[_Place, tuple[PageFrame, _Words]] = {}
        self._tries: dict[_Place, int] = {}

    def __len__(self) -> int:
        return len(self._frames)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Sequence[str]]) -> FrameBook:
        """Return the book that ``to_plain`` has written down.

        Raises:
            TypeError: it is none.
        """
        return cls({place: PageFrame(*frame) for place, frame in plain.items()})

    def to_plain(self) -> dict[str, tuple[str, ...]]:
        """Return all frames as plain data."""
        return {
            place: (frame.head, frame.section, frame.tail, frame.foot)
            for place, frame in self._frames.items()
        }

    def learn(self, site: PortalSite, read: Callable[[SitePage], str], paths: set[str]) -> None:
        """Learn from a portal that was built in full.

        Args:
            site: the portal.
            read: returns a finished page.
            paths: the pages to learn from.
        """
        seen: set[_Place] = set()
        for page in site.pages:
            place = _find_place(site, page)
            if page.path not in paths or place in seen or place in self._frames:
                continue
            words = _list_words(site.texts, page)
            if words is None or self._tries.get(place, 0) >= _MOST_TRIES:
                continue
            seen.add(place)
            self._tries[place] = self._tries.get(place, 0) + 1
            frame = _take_apart(read(page), page, words)
            if frame is not None:
                self._compare(place, frame, words)

    def fill(self, site: PortalSite, pages: Iterable[SitePage]) -> dict[str, str]:
        """Return the finished pages, by their path, as far as their frames are known."""
        made = {}
        for page in pages:
            frame = self._frames.get(_find_place(site, page))
            words = None if frame is None else _list_words(site.texts, page)
            if frame is not None and words is not None:
                made[page.path] = frame.fill(page, words)
        return made

    def _compare(self, place: _Place, frame: PageFrame, words: _Words) -> None:
        """Take a frame for right if another page shows the same with none of its words."""
        if place in self._samples:
            other, its_words = self._samples[place]
            if frame == other and all(words[token] != its_words[token] for token in words):
                self._frames[place] = frame
        self._samples[place] = (frame, words)


def _find_place(site: PortalSite, page: SitePage) -> _Place:
    """Return what a frame depends on, besides the words that are put into it."""
    menu = tuple((each.path, each.title) for each in site.pages if each.in_navigation)
    name = page.path if page.in_navigation else page.path.rpartition("/")[0]
    has_sections = bool(_list_sections(page))
    texts = site.texts
    around = (texts.provider_name, texts.language, texts.labels)
    return repr((name, page.in_navigation, page.show_contents, has_sections, around, menu))


def _list_words(texts: ThemeTexts, page: SitePage) -> _Words | None:
    """Return the words that differ from page to page, as they are written; None if it is not sure.

    The title of a page in the menu is that of the menu, and the same in all portals.
    """
    words = {_SITE: texts.site_name, _CUSTOMER: texts.customer_name}
    if not page.in_navigation:
        words[_TITLE] = page.title
    of_sections = (text for each in _list_sections(page) for text in (each.anchor, each.text))
    if any(map(_NOT_PLAIN.search, words.values())) or any(map(_NOT_WORDS.search, of_sections)):
        return None
    if _STRIPPED in page.body:
        return None
    return {token: str(escape(word)) for token, word in words.items()}


def _list_sections(page: SitePage) -> tuple[Heading, ...]:
    return page.headings if page.show_contents else ()


def _take_apart(text: str, page: SitePage, words: _Words) -> PageFrame | None:
    """Return the frame of a finished page; None if it is not clear what that is."""
    body, sections = str(page.body), _list_sections(page)
    if not body or text.count(body) != 1 or (page.show_contents and not sections):
        return None
    before, _, foot = text.partition(body)
    if _TOKENS.search(before + foot):
        return None
    head, section, tail = before, "", ""
    if sections:
        parts = _split_at(before, [f"#{each.anchor}" for each in sections])
        if parts is None or len(sections) < _FEWEST_SECTIONS:
            return None
        head, *listed, last = parts
        alike = set(map(_take_section, listed, sections))
        if len(alike) != 1:
            return None
        section, tail = alike.pop(), _take_section(last, sections[-1])
    return PageFrame(*(_take(part, words) for part in (head, section, tail, foot)))


def _split_at(text: str, marks: Iterable[str]) -> list[str] | None:
    """Return the text cut before each of the marks; None if one is not there just once."""
    parts, at = [], 0
    for mark in marks:
        place = text.find(f'"{mark}"', at)
        if place < 0 or text.count(f'"{mark}"') != 1:
            return None
        parts.append(text[at:place])
        at = place
    return [*parts, text[at:]]


def _take_section(text: str, section: Heading) -> str:
    marked = text.replace(f'"#{section.anchor}"', f'"#{_ANCHOR}"', 1)
    return marked.replace(str(escape(section.text)), _TEXT, 1)


def _fill_section(text: str, section: Heading) -> str:
    return text.replace(_ANCHOR, section.anchor).replace(_TEXT, str(escape(section.text)))


def _take(text: str, words: _Words) -> str:
    for token, word in sorted(words.items(), key=lambda item: -len(item[1])):
        text = text.replace(word, token)
    return text


def _put(text: str, words: _Words) -> str:
    for token, word in words.items():
        text = text.replace(token, word)
    return text
