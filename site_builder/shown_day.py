"""What a portal says of its day: the dates, the commit, and what came in since the last update.

All else that a customer sees follows from the records, and stays as it is until the as-of date
reaches one of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias, TypedDict

from ledger.dates import find_next_weekday
from site_builder.last_update import LastUpdate, LateRecords
from site_builder.news import NEWS_DAYS
from site_builder.portal_view import NewsView

FindNews: TypeAlias = Callable[[date, LateRecords], tuple[NewsView, ...]]


class ShownDay(TypedDict):
    """The fields of a view that are others from day to day."""

    as_of: date
    next_update: date
    revision: str | None
    news: tuple[NewsView, ...]
    news_after: date
    has_last_update: bool


DATED_FIELDS = frozenset(ShownDay.__annotations__)


def show_day(
    as_of: date,
    revision: str | None,
    published_on: str,
    find_news: FindNews,
    last_update: LastUpdate | None,
) -> ShownDay:
    """Return what a portal says of ``as_of``.

    Args:
        as_of: the day whose evening the portal shows.
        revision: the commit that it shows, if any.
        published_on: the day of the week on which there is an update.
        find_news: returns what is dated after a day, or is late; see ``news.list_news``.
        last_update: what the customer saw before, if anything.
    """
    update = last_update or LastUpdate(as_of - NEWS_DAYS, LateRecords())
    return ShownDay(
        as_of=as_of,
        next_update=find_next_weekday(as_of, published_on),
        revision=revision,
        news=find_news(update.day, update.late),
        news_after=update.day,
        has_last_update=last_update is not None,
    )
