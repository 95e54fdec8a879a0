"""Worked examples, written and checked as tables.

An example is a heading, what applies, and what happens, with what there is on some evenings:

    # a time entry may span two cards
    terms 2026-01-01: card 60, valid 12
    2026-01-10 | P1 2 cards  | +120 | 120
    2026-01-11 = P1/1 left 60; P1/2 left 60
    2026-01-12 | alice/E1 75 |  -75 |  45 | P1/1 60, P1/2 15
    2026-01-12 = P1/1 used 60 (2026-01-12); P1/2 used 15, left 45

Of a row's day and record a record is made (in reverse order, for the order of records means
nothing), and the rows are expected to come out as the statement: in this order, with this effect
and balance, and with these draws as of the last evening; a row ``P1/1 expires`` only comes out.
Records: ``P1 2 cards``, ``A1 goodwill 30``, ``A2 refund 15 of P1``, ``alice/E1 75`` (also ``… on
ACME-2``, ``… as system-access``), ``alice/E2 -15 for alice/E1``. An evening has every lot, with the
day of its completion; ``overdrawn alice/E1 15`` is an entry that no lot covers, ``too much alice/E2
15 of 0`` what takes back more than there was; ``nothing`` means that there is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.models import CustomerRecords, Goodwill, Purchase, Refund, Request, Terms, TermsHistory
from tests.ledger.engine.record_factory import (
    EntryInFile,
    make_entry,
    make_event,
    make_goodwill,
    make_history,
    make_purchase,
    make_records,
    make_refund,
    make_request,
    make_terms,
)

Row = tuple[str, ...]
_TIME = re.compile(
    r"(?P<name>\S+/\S+) (?P<minutes>-?\d+)"
    r"(?: on (?P<request>\S+))?(?: as (?P<category>\S+))?(?: for (?P<target>\S+))?"
)


@dataclass
class WorkedExample:
    """One example: what goes in, and the rows that are expected to come out."""

    terms: list[Terms] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=lambda: {"ACME-1": make_request()})
    purchases: list[Purchase] = field(default_factory=list)
    adjustments: list[Refund | Goodwill] = field(default_factory=list)
    entries: list[EntryInFile] = field(default_factory=list)
    statement: list[Row] = field(default_factory=list)
    evenings: dict[date, list[str]] = field(default_factory=dict)

    @property
    def records(self) -> CustomerRecords:
        """What goes in, in reverse order."""
        return make_records(
            purchases=reversed(self.purchases),
            adjustments=reversed(self.adjustments),
            requests=self.requests,
            entries=reversed(self.entries),
        )

    @property
    def history(self) -> TermsHistory:
        """The terms of the example, or cards of 60 minutes that do not expire."""
        return make_history(*self.terms)

    def check(self) -> None:
        """Assert that what comes out is what the tables say."""
        for evening, expected in self.evenings.items():
            assert (list(_show_evening(self._draw_down(evening))) or ["nothing"]) == expected
        assert list(_show_statement(self._draw_down(max(self.evenings)))) == self.statement

    def _draw_down(self, as_of: date) -> DrawDown:
        return draw_down(self.records, self.history, as_of)


def read_examples(text: str) -> dict[str, WorkedExample]:
    """Read examples, by their headings; those of chapters, with two signs, say nothing."""
    examples = {}
    for block in re.split(r"^# ", re.sub("(?m)^## .*$", "", text), flags=re.MULTILINE)[1:]:
        heading, _, body = block.partition("\n")
        assert heading not in examples
        examples[heading] = _read_example(body)
    return examples


def _read_example(body: str) -> WorkedExample:
    example, evening = WorkedExample(), date.min
    for line in filter(None, map(str.strip, body.splitlines())):
        day, _, shown = line.partition("= ")
        if shown:  # The day is left out where an evening goes on in another line.
            evening = date.fromisoformat(day.strip()) if day else evening
            example.evenings.setdefault(evening, []).extend(shown.rstrip(";").split("; "))
        elif "|" in line:
            first, what, *cells = [cell.strip() for cell in line.split("|")]
            _read_record(example, date.fromisoformat(first), what)
            draws = cells[2] if len(cells) > 2 else ""
            example.statement.append((first, what.split()[0], *cells[:2], draws))
        else:
            _read_condition(example, line)
    return example


def _read_condition(example: WorkedExample, line: str) -> None:
    what, _, rest = line.partition(": ")
    kind, _, name = what.partition(" ")
    if kind == "terms":
        numbers = {key: int(value) for key, value in re.findall(r"(\w+) (\d+)", rest)}
        example.terms.append(
            make_terms(name, card=numbers.get("card", 60), valid=numbers.get("valid"))
        )
    else:
        assert kind == "request", line
        channel, *moves = rest.split(", ")
        example.requests[name] = make_request(
            channel=channel,
            history=[
                make_event(day, moved_to=target)
                for day, target in (move.split(" to ") for move in moves)
            ],
        )


def _read_record(example: WorkedExample, day: date, text: str) -> None:
    words = text.split()
    match words:
        case [purchase, cards, "card" | "cards"]:
            example.purchases.append(make_purchase(purchase, day, int(cards)))
        case [goodwill, "goodwill", minutes]:
            example.adjustments.append(make_goodwill(goodwill, day, int(minutes)))
        case [refund, "refund", minutes, "of", purchase]:
            example.adjustments.append(make_refund(refund, day, purchase, int(minutes)))
        case [_, "expires"]:
            pass
        case _:
            example.entries.append(_read_time(example, day, " ".join(words)))


def _read_time(example: WorkedExample, day: date, text: str) -> EntryInFile:
    found = _TIME.fullmatch(text)
    assert found is not None, text
    return make_entry(
        found["name"],
        day,
        int(found["minutes"]),
        request=found["request"] or "ACME-1",
        category=found["category"],
        corrects=found["target"] and _find_full_name(example, found["target"]),
    )


def _find_full_name(example: WorkedExample, short_name: str) -> str:
    consultant, _, entry_id = short_name.partition("/")
    for file_name, entry in example.entries:
        if entry.id == entry_id and file_name.endswith(f"-{consultant}"):
            return f"{file_name}/{entry_id}"
    return short_name


def _shorten(reference: str) -> str:
    return re.sub(r"^\d{4}-\d{2}-", "", reference)


def _show_statement(drawn: DrawDown) -> Iterator[Row]:
    for line in drawn.movements:
        yield (
            line.date.isoformat(),
            _shorten(line.reference),
            f"{line.minutes:+}" if line.minutes else "0",
            str(line.balance_minutes),
            ", ".join(f"{draw.lot} {draw.minutes}" for draw in line.draws),
        )


def _show_evening(drawn: DrawDown) -> Iterator[str]:
    for lot in drawn.lots:
        became = ("used", "refunded", "expired", "remaining")
        minutes = {name: getattr(lot, f"{name}_minutes") for name in became}
        minutes["left"] = minutes.pop("remaining")
        parts = (f"{name} {count}" for name, count in minutes.items() if count)
        completed = "" if lot.completed_on is None else f" ({lot.completed_on})"
        yield f"{lot.id} {', '.join(parts)}{completed}"
    for entry in drawn.uncovered:
        yield f"overdrawn {_shorten(entry.reference)} {entry.minutes}"
    for excess in drawn.excesses:
        asked = f"{_shorten(excess.reference)} {excess.minutes}"
        yield f"too much {asked} of {excess.available_minutes}"
