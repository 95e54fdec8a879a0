"""What came in lately, in words: a line for each request and each sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from site_builder.pages.wording import Wording
from site_builder.portal_view import NewsView


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A line: what it is about, where it leads, and what happened."""

    news: NewsView
    name: str
    link: str
    facts: str


def write_news_line(news: NewsView, wording: Wording) -> NewsLine:
    """Return the line for one piece of news."""
    late = (wording.text("news.late"),) if news.is_late else ()
    if news.kind == "request":
        facts = wording.text("news.join").join([*_list_facts(news, wording), *late])
        return NewsLine(news, news.title or "", f"requests/{news.reference}.html", facts)
    return NewsLine(
        news,
        name=wording.label("movement", news.kind),
        link="punchcards.html",
        facts=wording.text("news.join").join([wording.signed_minutes(news.charged_minutes), *late]),
    )


def _list_facts(news: NewsView, wording: Wording) -> Iterator[str]:
    if news.is_opened:
        yield wording.text("news.opened")
    if news.moved_to is not None:
        yield wording.text(f"news.moved_to_{news.moved_to}")
    if news.status is not None:
        yield wording.text("request.status_is", status=wording.label("status", news.status))
    if news.entries:
        yield wording.text("news.entries", count=news.entries)
    if news.corrections:
        yield wording.text("news.corrections", count=news.corrections)
    if news.charged_minutes:
        yield wording.text("news.charged", minutes=wording.signed_minutes(-news.charged_minutes))
    if news.free_minutes:
        yield wording.text("news.free", minutes=wording.minutes(news.free_minutes))
    if news.notes:
        yield wording.text("news.notes", count=news.notes)
