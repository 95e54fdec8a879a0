"""Accounts and dates: who may see the portal and what ends when, as a page and as a calendar.

The calendar file (RFC 5545) can be subscribed to. An event keeps its identity while its date
moves, so that a calendar program moves it, too, instead of showing it twice.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time
from hashlib import sha256

from icalendar import Calendar, Event

from ledger.balance.expiry import Ending
from ledger.dates import day_after
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SiteFile, SitePage
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.view import PortalView

CALENDAR_PATH = "last-days.ics"

_PRODUCT = "-//Service Punchcards//Portal//EN"


def render_dates_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of accounts, licences, services and the portal's own last day."""
    sections = ["portal", "accounts", "licences", *(["services"] if view.services else [])]
    names = [
        *(account.name for account in view.accounts),
        *(licence.product for licence in view.licences),
        *(service.name for service in view.services),
    ]
    headings = [Heading(name, renderer.wording.text(f"dates.{name}")) for name in sections]
    return renderer.render_page(
        "dates", ", ".join(names), headings, view=view, calendar_path=CALENDAR_PATH
    )


def name_ending(ending: Ending, view: PortalView, wording: Wording) -> str:
    """Return in words what ends; people have their names."""
    subject = ending.subject
    if ending.kind == "account":
        names = {person.email: person.name for person in reversed(view.accounts)}
        subject = names.get(subject, subject)
    if ending.kind == "card":
        subject = wording.text("lot.card", id=subject)
    return wording.text(f"ending.{ending.kind}", subject=subject)


def make_calendar(view: PortalView, renderer: PageRenderer) -> SiteFile | None:
    """Return the calendar of all last days; None if nothing ends."""
    if not view.endings:
        return None
    wording = renderer.wording
    site = _write_line(wording.text("site.name", customer=view.name, provider=view.provider.name))
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", site)
    seen: Counter[tuple[str, str]] = Counter()
    for ending in view.endings:
        seen[ending.kind, ending.subject] += 1
        number = seen[ending.kind, ending.subject]
        # A hash, because the subject may be a person's address.
        identity = "\n".join((view.slug, ending.kind, ending.subject, str(number)))
        subject = name_ending(ending, view, wording)
        event = Event()
        event.add("uid", f"{sha256(identity.encode()).hexdigest()[:32]}@service-punchcards")
        event.add("dtstamp", datetime.combine(view.as_of, time(), UTC))
        event.add("dtstart", ending.last_day)
        event.add("dtend", day_after(ending.last_day))
        event.add("summary", _write_line(wording.text("dates.calendar_entry", subject=subject)))
        event.add("description", site)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return SiteFile(CALENDAR_PATH, calendar.to_ical())


def _write_line(text: str) -> str:
    return " ".join(make_visible(text).split())
