"""The calendar file of all last days, read by a calendar."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from ledger.balance.summary import Ending, EndingKind
from site_builder.pages.downloads import CALENDAR_PATH, make_calendar
from site_builder.pages.environment import DEFAULT_STYLE, make_renderer
from site_builder.view import PortalView
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, make_view


@pytest.fixture(scope="module")
def view() -> PortalView:
    return make_view(SAMPLE_LEDGER, slug="acme")


def write(view: PortalView) -> bytes:
    file = make_calendar(view, make_renderer(DEFAULT_STYLE))
    assert file is not None
    assert file.path == CALENDAR_PATH
    return file.content


def make_ending(subject: str) -> Ending:
    return Ending("acme", EndingKind.LICENCE, subject, SAMPLE_DAY, 0)


def list_days(content: bytes) -> list[tuple[date, date, str]]:
    events: list[Any] = [*Calendar.from_ical(content).walk("VEVENT")]
    return [(event["DTSTART"].dt, event["DTEND"].dt, str(event["SUMMARY"])) for event in events]


def test_every_last_day_is_a_whole_day(view: PortalView) -> None:
    """Nearest first, as on the Overview; people by their names."""
    days = list_days(write(view))
    assert [(first, after) for first, after, _ in days] == [
        (ending.last_day, ending.last_day + timedelta(days=1)) for ending in view.endings
    ]
    assert days[0][2] == "Last day: Licence Tracewell Requirements"
    assert "Last day: Account of Dana Whitfield" in [name for _, _, name in days]
    events: list[Any] = [*Calendar.from_ical(write(view)).walk("VEVENT")]
    assert {event["DTSTAMP"].dt.date() for event in events} == {SAMPLE_DAY}


def test_each_last_day_is_announced_a_month_before_with_a_link_back(view: PortalView) -> None:
    """Without a domain there is no link, and nothing that promises one."""
    events: list[Any] = [*Calendar.from_ical(write(view)).walk("VEVENT")]
    link = "https://acme.portals.tracewell.example/dates.html"
    for event in events:
        assert (event["URL"], event["DESCRIPTION"].splitlines()[-1]) == (link, link)
        [alarm] = event.walk("VALARM")
        assert (alarm["ACTION"], alarm["DESCRIPTION"]) == ("DISPLAY", event["SUMMARY"])
        assert alarm["TRIGGER"].dt == timedelta(days=-30)
    provider = view.provider.model_copy(update={"portal_domain": None})
    assert b"URL" not in write(replace(view, provider=provider))


def test_lines_are_as_the_standard_has_them(view: PortalView) -> None:
    """At most 75 bytes, and each ends with carriage return and line feed."""
    long = replace(view, endings=(make_ending("Ünïcode, with; signs " * 9),))
    for content in (write(view), write(long)):
        assert content.count(b"\n") == content.count(b"\r\n")
        assert max(map(len, content.split(b"\r\n"))) <= 75
    assert list_days(write(long))[0][2].endswith("with; signs")


def test_names_are_escaped_wherever_they_stand(view: PortalView) -> None:
    """Comma, semicolon and backslash have a meaning in a text of a calendar."""
    content = write(replace(view, name="Smith, Jones; Partner \\n Co"))
    lines = content.replace(b"\r\n ", b"").split(b"\r\n")
    for name in (b"X-WR-CALNAME:", b"DESCRIPTION:"):
        written = b"Smith\\, Jones\\; Partner \\\\n Co: punchcards at Tracewell Tools"
        assert any(line.startswith(name + written) for line in lines), name
    assert not any(b"Smith, Jones" in line for line in lines)


@pytest.mark.parametrize("subject", ["a\nBEGIN:VALARM\nb", "a\r\nX:y", "a\u2028b\u0085c\x0bd"])
def test_a_name_stays_one_line(subject: str, view: PortalView) -> None:
    """Nothing can be put into the calendar through a name."""
    content = write(replace(view, endings=(make_ending(subject),)))
    assert content.count(b"\r\nBEGIN:") == 2  # the event and its reminder
    assert b"\r\nX:y" not in content


def test_a_day_that_moves_keeps_its_identity(view: PortalView) -> None:
    """A week later each event is still the same; what is alike twice is two."""

    def identities(view: PortalView) -> list[str]:
        calendar = Calendar.from_ical(write(view))
        return [str(event["UID"]) for event in calendar.walk("VEVENT")]

    moved = tuple(
        replace(ending, last_day=ending.last_day + timedelta(days=30)) for ending in view.endings
    )
    later = replace(view, as_of=SAMPLE_DAY + timedelta(days=7), endings=moved)
    assert identities(later) == identities(view)
    twice = identities(replace(view, endings=view.endings[:1] * 2))
    assert len(set(twice)) == 2
    assert identities(replace(view, slug="other"))[0] not in identities(view)


def test_nothing_that_ends_is_no_calendar(view: PortalView) -> None:
    assert make_calendar(replace(view, endings=()), make_renderer(DEFAULT_STYLE)) is None


def test_the_page_leads_to_the_file(sample_portals: Path) -> None:
    for portal in sorted(sample_portals.iterdir()):
        if portal.is_dir():
            page = (portal / "dates.html").read_text(encoding="utf-8")
            assert (CALENDAR_PATH in page) == (portal / CALENDAR_PATH).is_file()
