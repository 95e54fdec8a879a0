"""The files of a portal: statement as document, CSV and JSON, calendar of last days, and feed.

They are complete in themselves, so that each has the as-of date. The calendar file (RFC 5545) can
be subscribed to. An event keeps its identity while its date moves, so that a calendar program
moves it, too, instead of showing it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from hashlib import sha256
from importlib.util import find_spec
from itertools import product
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from icalendar import Alarm, Calendar, Event, vText

from ledger.balance.json_values import MONEY_KEYS, to_json
from ledger.balance.summary import Ending
from ledger.dates import day_after
from ledger.intake.access_keys import PortalAddress
from ledger.models import TermsHistory
from ledger.notices.facts import NoticeKind, name_notice
from ledger.output.formats import format_csv
from ledger.wording import Wording
from site_builder.pages.environment import PageRenderer, name_lot
from site_builder.pages.notices import describe_notice
from site_builder.pages.site import SiteFile
from site_builder.pages.untrusted import make_visible
from site_builder.view import PeriodView, PortalView

if TYPE_CHECKING:
    from ledger.output.pdf.typesetting import Typesetter

CALENDAR_PATH = "last-days.ics"
FEED_PATH = "feed.xml"
CSV_PATH = "statement.csv"
JSON_PATH = "statement.json"
DOCUMENT_PATH = "statement-document.html"

_CSV_COLUMNS = (
    *("date", "kind", "reference", "request", "consultant", "category", "worked_minutes"),
    *("minutes", "balance_minutes", "amount", "note", "as_of", "revision", "signed_amount"),
    *("purchase_order", "agreement", "invoice", "value", "currency"),
)
_PERIODS_FOLDER = "statements"
_NOT_IN_FEED = (NoticeKind.UNTRIAGED, NoticeKind.DIGEST)
_MOST_ENTRIES = 50
_REMINDER = timedelta(days=-30)
_CALENDAR_PRODUCT = "-//Service Punchcards//Portal//EN"


def make_document(view: PortalView, renderer: PageRenderer) -> SiteFile:
    """Return the statement as a page to be printed and filed, with its date and commit."""
    return SiteFile(DOCUMENT_PATH, renderer.render("statement-document.html", view=view).encode())


def make_csv(view: PortalView, renderer: PageRenderer) -> SiteFile:
    """Return the whole statement for spreadsheets."""
    wording = renderer.wording
    return SiteFile(CSV_PATH, _write_csv(view, _list_rows(view, wording), wording))


def list_period_files(view: PortalView, period: PeriodView) -> list[tuple[str, str]]:
    """Return the kinds of files that a finished period has, and their paths."""
    kinds = ("pdf", "csv", "json") if find_spec("reportlab") else ("csv", "json")
    start = f"{_PERIODS_FOLDER}/{view.slug}-statement-{period.name}"
    return [(kind, f"{start}.{kind}") for kind in kinds]


def name_period(period: PeriodView, wording: Wording) -> str:
    """Return the name of a month or a quarter in words."""
    year, _hyphen, part = period.name.partition("-")
    if part.startswith("Q"):
        return wording.text("statement.quarter", number=part[1:], year=year)
    return wording.month(period.statement.to)


def make_period_files(view: PortalView, renderer: PageRenderer) -> Iterator[SiteFile]:
    """Yield the files of the finished months and quarters; each is made when it is written."""
    rows = _list_rows(view, renderer.wording)
    for period in view.periods:
        first, last = str(period.statement.from_), str(period.statement.to)
        part = [row for row in rows if first <= row["date"] <= last]
        sources: Mapping[str, bytes | Callable[[], bytes]] = {
            "pdf": partial(_write_pdf, view, period, renderer.wording),
            "csv": partial(_write_csv, view, part, renderer.wording),
            "json": period.statement_json.encode(),
        }
        for kind, path in list_period_files(view, period):
            yield SiteFile(path, sources[kind])


def _write_pdf(view: PortalView, period: PeriodView, wording: Wording) -> bytes:
    from ledger.output.pdf.statement_pdf import StatementDocument  # noqa: PLC0415  # an extra

    return StatementDocument(
        period.statement,
        view.name,
        view.provider,
        TermsHistory((view.terms, *view.earlier_terms)),
        people={},
        revision=view.revision,
        commits=None,
        titles={request.id: request.title for request in view.requests},
        problem_count=0,
        setter=_load_fonts(),
        wording=wording,
        has_money=view.provider.shows_money,
    ).make()


@cache
def _load_fonts() -> Typesetter:
    """Return what sets all PDFs of a process: to read the fonts takes a third of the time."""
    from ledger.output.pdf.typesetting import Typesetter  # noqa: PLC0415  # an extra

    return Typesetter()


def _list_rows(view: PortalView, wording: Wording) -> list[dict[str, Any]]:
    """Return the movements as CSV has them, with the names of people."""
    origin = {"as_of": view.as_of.isoformat(), "revision": view.revision}
    rows = [
        {**movement, **origin, "currency": view.currency}
        for movement in to_json(view.statement)["movements"]
    ]
    if wording.has_decimal_comma:
        for row, name in product(rows, MONEY_KEYS):
            row[name] = (row[name] or "").replace(".", ",")
    return rows


def _write_csv(view: PortalView, rows: Iterable[dict[str, Any]], wording: Wording) -> bytes:
    """Return rows as CSV.

    Where amounts are written with a comma, spreadsheets expect a semicolon between cells. Without
    a byte order mark, they do not read the file as UTF-8.
    """
    columns = [name for name in _CSV_COLUMNS if view.provider.shows_money or name not in MONEY_KEYS]
    separator = ";" if wording.has_decimal_comma else ","
    return format_csv(columns, rows, separator).encode("utf-8-sig")


def make_json(view: PortalView, _renderer: PageRenderer) -> SiteFile:
    """Return the statement for programs, as ``punchcard statement --format json`` writes it."""
    return SiteFile(JSON_PATH, view.statement_json.encode())


def make_calendar(view: PortalView, renderer: PageRenderer) -> SiteFile | None:
    """Return the calendar of all last days; None if nothing ends."""
    if not view.endings:
        return None
    wording = renderer.wording
    site = _write_line(wording.text("site.name", customer=view.name, provider=view.provider.name))
    domain = view.provider.portal_domain
    link = f"{PortalAddress(domain).find_link(view.slug)}dates.html" if domain else ""
    calendar = Calendar()
    calendar.add("prodid", _CALENDAR_PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(site))
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
        summary = _write_line(wording.text("dates.calendar_entry", subject=subject))
        event.add("summary", summary)
        event.add("description", f"{site}\n{link}" if link else site)
        event.add("transp", "TRANSPARENT")
        if link:
            event.add("url", link)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _REMINDER)
        event.add_component(alarm)
        calendar.add_component(event)
    return SiteFile(CALENDAR_PATH, calendar.to_ical())


def make_feed(view: PortalView, renderer: PageRenderer) -> SiteFile:
    """Return what people are told of as a feed (RFC 4287), the latest first."""
    wording = renderer.wording
    shown = [each for each in view.notices if each.kind not in _NOT_IN_FEED]
    shown.sort(key=attrgetter("day"), reverse=True)
    texts = [
        # A feed is everybody's: it names whose account it is.
        describe_notice(each, wording, "notice_internal" if each.kind == "account" else "notice")
        for each in shown[:_MOST_ENTRIES]
    ]
    ids = [_make_identity(*name_notice(each.notice)) for each in texts]
    about = {"feed_id": _make_identity(view.slug), "entries": zip(ids, texts, strict=True)}
    return SiteFile(FEED_PATH, renderer.render("feed.xml", view=view, **about).encode())


def _make_identity(*parts: str) -> str:
    return uuid5(NAMESPACE_OID, "\n".join(("service-punchcards", *parts))).urn


def name_ending(ending: Ending, view: PortalView, wording: Wording) -> str:
    """Return in words what ends; people have their names."""
    subject = ending.subject
    if ending.kind == "account":
        names = {person.email: person.name for person in reversed(view.accounts)}
        subject = names.get(subject, subject)
    if ending.kind == "card":
        subject = next(name_lot(lot, wording) for lot in view.lots if lot.id == subject)
    return wording.text(f"ending.{ending.kind}", subject=subject)


def _write_line(text: str) -> str:
    return " ".join(make_visible(text).split())
