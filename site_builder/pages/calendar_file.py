"""All last days as a calendar file (RFC 5545), to be subscribed to or opened once.

A day keeps its identity while its date moves, so that a calendar that reads the file again moves
it too, and does not show it twice. The day on which the file is made is put in last: the rest
stays from one week to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.dates import day_after
from site_builder.pages.ending_names import name_ending
from site_builder.pages.site import SiteFile
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.portal_view import EndingView, PortalView

if TYPE_CHECKING:
    from icalendar import Event

CALENDAR_PATH = "last-days.ics"

_PRODUCT = "-//Service Punchcards//Portal//EN"
_NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)
_NO_STAMP = "DTSTAMP:19700101T000000Z"


def make_calendar(view: PortalView, undated: str) -> Iterator[SiteFile]:
    """Yield the file with all last days, given it without the day on which it is made."""
    if undated:
        stamp = f"DTSTAMP:{view.as_of:%Y%m%d}T000000Z"
        # No line of another kind begins so: long ones are folded, with a blank in front.
        dated = undated.replace(f"\r\n{_NO_STAMP}\r\n", f"\r\n{stamp}\r\n")
        yield SiteFile(CALENDAR_PATH, dated.encode())


def make_undated_calendar(view: PortalView, wording: Wording) -> str:
    """Return the text of the file for no day in particular; a calendar without any entry is none.

    It depends on nothing that is another day's.
    """
    from icalendar import Calendar  # who only dates the file does without

    if not view.endings:
        return ""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _write_line(_name_site(view, wording)))
    seen: dict[tuple[str, str], int] = {}
    for ending in view.endings:
        key = (ending.kind, ending.subject)
        seen[key] = seen.get(key, 0) + 1
        calendar.add_component(_make_event(ending, seen[key], view, wording))
    return str(calendar.to_ical(), "utf-8")


def _make_event(ending: EndingView, number: int, view: PortalView, wording: Wording) -> Event:
    from icalendar import Event

    event = Event()
    subject = name_ending(ending, view, wording)
    event.add("uid", _identify(ending, number, view))
    event.add("dtstamp", _NO_DAY)
    event.add("dtstart", ending.last_day)
    event.add("dtend", day_after(ending.last_day))
    event.add("summary", _write_line(wording.text("dates.calendar_entry", subject=subject)))
    event.add("description", _write_line(_name_site(view, wording)))
    event.add("transp", "TRANSPARENT")
    return event


def _name_site(view: PortalView, wording: Wording) -> str:
    return wording.text("site.name", customer=view.name, provider=view.provider.name)


def _write_line(text: str) -> str:
    return " ".join(make_visible(text).split())


def _identify(ending: EndingView, number: int, view: PortalView) -> str:
    # What it is about may be a person's address, which an identity need not give away.
    words = "\n".join((view.slug, ending.kind, ending.subject, str(number)))
    return f"{sha256(words.encode('utf-8')).hexdigest()[:32]}@service-punchcards"
