"""What is new to a customer since the last update: a line a request, sale, credit or expiry."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ledger.balance.movements import Movement, MovementKind
from ledger.text import cut_text
from ledger.wording import Wording
from site_builder.charts import Hours
from site_builder.view import EventView, PortalView, RequestView

# A few letters and a full stop, as in "e.g.", are no sentence yet.
_SENTENCE = re.compile(r".{15,}?(?:[.!?](?=\s[^a-z0-9])|。)")
_LONGEST_SENTENCE = 160


class NewsLine(NamedTuple):
    """A line of news: what it is about, the page that it links to, and what happened.

    ``note`` is the first sentence of what was said last of the work, or else at all.
    """

    date: date
    reference: str
    name: str
    link: str
    facts: str
    note: str = ""
    entries: tuple[Movement, ...] = ()


def list_news(view: PortalView, wording: Wording) -> list[NewsLine]:
    """Return what is new, the latest first: of each request one line, however much was done."""
    lines = [*_list_sales(view, wording), *_list_requests(view, wording)]
    return sorted(lines, key=lambda line: line.date, reverse=True)


def sum_up_news(news: Iterable[NewsLine], wording: Wording) -> str:
    """Return what was charged and what not, and by whom the work was done."""
    entries = [entry for line in news for entry in line.entries]
    facts = _join(_list_times(entries, wording), False, wording)
    people = sorted({entry.consultant for entry in entries if entry.consultant})
    if not facts:
        return wording.text("news.no_time")
    return wording.text("news.by", facts=facts, people=wording.join(people))


def _list_sales(view: PortalView, wording: Wording) -> Iterator[NewsLine]:
    update = view.last_update
    for movement in view.statement.movements:
        is_late = movement.date <= update.day
        is_new = not is_late or movement.reference in update.late_references
        if is_new and movement.kind not in {MovementKind.TIME, MovementKind.CORRECTION}:
            facts = _join([wording.signed_minutes(movement.minutes)], is_late, wording)
            name = wording.label("movement", movement.kind)
            yield NewsLine(movement.date, movement.reference, name, "punchcards.html", facts)


def _list_requests(view: PortalView, wording: Wording) -> Iterator[NewsLine]:
    update = view.last_update
    for request in view.requests:
        entries = [
            entry
            for entry in request.entries
            if entry.date > update.day or entry.reference in update.late_references
        ]
        events = [
            event
            for index, event in enumerate(request.events)
            if event.date > update.day or (request.id, index) in update.late_events
        ]
        days = [*(entry.date for entry in entries), *(event.date for event in events)]
        is_opened = request.opened > update.day or request.id in update.late_references
        if is_opened:
            days.append(request.opened)
        if days:
            facts = [wording.text("news.opened")] if is_opened else []
            facts += _list_facts(request, events, entries, wording)
            said = _join(facts, min(days) <= update.day, wording)
            link, note = f"requests/{request.id}.html", _find_note(events, entries, wording)
            last_day = max(days)
            yield NewsLine(last_day, request.id, request.title, link, said, note, tuple(entries))


def _list_facts(
    request: RequestView, events: list[EventView], entries: list[Movement], wording: Wording
) -> Iterator[str]:
    moves = [event.moved_to for event in events if event.moved_to]
    if moves:
        yield wording.text(f"news.moved_to_{moves[-1]}")
    if any(event.status for event in events):
        yield wording.text("request.status_is", status=wording.label("status", request.status))
    yield from _list_times(entries, wording)


def _list_times(entries: Iterable[Movement], wording: Wording) -> list[str]:
    charged = [entry.charged_minutes for entry in entries]
    times = {
        "charged": sum(each for each in charged if each > 0),
        "given_back": -sum(each for each in charged if each < 0),
        "free": Hours(entries).free_minutes,
    }
    return [
        wording.text(f"news.{name}", minutes=wording.minutes(minutes))
        for name, minutes in times.items()
        if minutes
    ]


def _find_note(events: list[EventView], entries: list[Movement], wording: Wording) -> str:
    said = [(each.by, each.note) for each in events if each.note]
    done = [
        (each.consultant, each.note) for each in entries if each.note and each.charged_minutes >= 0
    ]
    if not said and not done:
        return ""
    person, note = (done or said)[-1]
    line = " ".join(note.split())
    sentence = _SENTENCE.match(line)
    short = cut_text(sentence[0] if sentence else line, _LONGEST_SENTENCE)
    return wording.text("news.said", person=person, note=short)


def _join(facts: list[str], is_late: bool, wording: Wording) -> str:
    late = [wording.text("news.late")] if is_late else []
    return wording.text("news.join").join([*facts, *late])
