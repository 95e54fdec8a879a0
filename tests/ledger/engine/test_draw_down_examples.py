"""What comes out of the draw-down is what ``worked_examples.txt`` says, and of odd records."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.balance.draw_down import DrawDown, Uncovered, draw_down
from tests.ledger.engine.record_factory import (
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

TEXT = Path(__file__).with_name("worked_examples.txt").read_text()
BLOCKS = re.split("(?m)^# ", re.sub("(?m)^## .*\n", "", TEXT))[1:]
EXAMPLES = dict(block.split("\n", 1) for block in BLOCKS)
TIME = re.compile(
    r"(?P<name>\S+/\S+) (?P<minutes>-?\d+)"
    r"(?: on (?P<request>\S+))?(?: as (?P<category>\S+))?(?: for (?P<target>\S+))?"
)


class Example:
    """An example: what goes in, and the rows that are expected to come out."""

    def __init__(self, body: str) -> None:
        self.records: dict[str, list[Any]] = {"purchases": [], "adjustments": [], "entries": []}
        self.requests, self.full_names = {"ACME-1": make_request()}, dict[str, str]()
        self.statement: list[tuple[str, ...]] = []
        self.evenings = defaultdict[date, list[str]](list)
        terms, evening = [], date.min
        for line in filter(None, map(str.strip, body.splitlines())):
            day, _, shown = line.partition("= ")
            if shown:  # The day is left out where an evening goes on in another line.
                evening = date.fromisoformat(day.strip()) if day else evening
                self.evenings[evening] += shown.rstrip(";").split("; ")
            elif "|" in line:
                day, what, *cells = [*(cell.strip() for cell in line.split("|")), ""][:5]
                self.read_record(day, what)
                self.statement.append((day, what.split()[0], *cells))
            elif line.startswith("terms "):
                numbers = {
                    key: int(value) for key, value in re.findall(r"(card|valid) (\d+)", line)
                }
                terms.append(make_terms(line.split()[1].rstrip(":"), **numbers))
            else:
                self.read_request(line)
        self.terms = make_history(*terms)

    def read_request(self, line: str) -> None:
        name, channel, *moves = re.split(": |, ", line.removeprefix("request "))
        events = [make_event(move[:10], moved_to=move.split()[-1]) for move in moves]
        self.requests[name] = make_request(channel=channel, history=events)

    def read_record(self, day: str, text: str) -> None:
        match text.split():
            case [name, cards, "card" | "cards"]:
                self.records["purchases"].append(make_purchase(name, day, int(cards)))
            case [name, "goodwill", minutes]:
                self.records["adjustments"].append(make_goodwill(name, day, int(minutes)))
            case [name, "refund", minutes, "of", purchase]:
                refund = make_refund(name, day, purchase, int(minutes))
                self.records["adjustments"].append(refund)
            case [_, "expires"]:
                pass
            case _:
                found = TIME.fullmatch(text)
                assert found is not None, text
                more = {"category": found["category"], "request": found["request"] or "ACME-1"}
                if target := found["target"]:
                    more["corrects"] = self.full_names.get(target, target)
                made = make_entry(found["name"], day, int(found["minutes"]), **more)
                self.full_names[found["name"]] = f"{made[0]}/{made[1].id}"
                self.records["entries"].append(made)

    def draw_down(self, as_of: date) -> DrawDown:
        backwards = {kind: reversed(records) for kind, records in self.records.items()}
        return draw_down(make_records(requests=self.requests, **backwards), self.terms, as_of)


def shorten(reference: str) -> str:
    return re.sub(r"^\d{4}-\d{2}-", "", reference)


def show_statement(drawn: DrawDown) -> Iterator[tuple[str, ...]]:
    for line in drawn.movements:
        effect = f"{line.minutes:+}" if line.minutes else "0"
        draws = ", ".join(f"{draw.lot} {draw.minutes}" for draw in line.draws)
        yield str(line.date), shorten(line.reference), effect, str(line.balance_minutes), draws


def show_evening(drawn: DrawDown) -> Iterator[str]:
    for lot in drawn.lots:
        became = {"used": lot.used_minutes, "refunded": lot.refunded_minutes}
        became |= {"expired": lot.expired_minutes, "left": lot.remaining_minutes}
        parts = (f"{name} {minutes}" for name, minutes in became.items() if minutes)
        completed = "" if lot.completed_on is None else f" ({lot.completed_on})"
        yield f"{lot.id} {', '.join(parts)}{completed}"
    for entry in drawn.uncovered:
        yield f"overdrawn {shorten(entry.reference)} {entry.minutes}"
    for excess in drawn.excesses:
        asked = f"{shorten(excess.reference)} {excess.minutes}"
        yield f"too much {asked} of {excess.available_minutes}"


@pytest.mark.parametrize("rule", EXAMPLES)
def test_worked_example(rule: str) -> None:
    example = Example(EXAMPLES[rule])
    for evening, expected in example.evenings.items():
        assert ([*show_evening(example.draw_down(evening))] or ["nothing"]) == expected
    last = example.draw_down(max(example.evenings))
    assert [*show_statement(last)] == example.statement


def test_every_worked_example_has_a_rule_of_its_own() -> None:
    assert len(EXAMPLES) == len(BLOCKS)


def test_purchase_before_the_first_terms_is_no_card() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-31"), make_purchase("P2", "2026-02-01")]
    )
    drawn = draw_down(records, make_history(make_terms("2026-02-01")), date(2026, 12, 31))
    assert [lot.id for lot in drawn.lots] == ["P2/1"]
    assert [line.reference for line in drawn.movements] == ["P2"]


def test_uncovered_entry_bears_its_own_day() -> None:
    records = make_records(entries=[make_entry("alice/E1", "2026-01-12", 45)])
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.uncovered == (Uncovered("2026-01-alice/E1", date(2026, 1, 12), 45),)


def test_last_day_of_the_calendar_has_no_day_after() -> None:
    records = make_records(purchases=[make_purchase("P1", "9999-11-30")])
    terms = make_history(make_terms(valid=24))
    (lot,) = draw_down(records, terms, date.max).lots
    assert lot.last_day == date.max
    assert lot.remaining_minutes == 60


def test_goodwill_of_a_minute_is_a_lot() -> None:
    records = make_records(adjustments=[make_goodwill("A1", "2026-01-10", 1)])
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert [(lot.id, lot.remaining_minutes) for lot in drawn.lots] == [("A1", 1)]


@pytest.mark.parametrize("minutes", [0, -15])
def test_refund_of_nothing_takes_nothing(minutes: int) -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        adjustments=[make_refund("A1", "2026-01-12", "P1", minutes)],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert (drawn.balance_minutes, drawn.excesses) == (60, ())


@pytest.mark.parametrize("minutes", [0, -15])
def test_goodwill_that_adds_nothing_is_no_lot(minutes: int) -> None:
    records = make_records(
        adjustments=[make_goodwill("A1", "2026-01-10", minutes)],
        entries=[make_entry("alice/E1", "2026-01-12", 15)],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.lots == ()
    assert [line.reference for line in drawn.movements] == ["2026-01-alice/E1"]
    assert drawn.balance_minutes == -15


def test_records_with_the_same_id_are_an_error_but_no_obstacle() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10"), make_purchase("P1", "2026-01-10")],
        entries=[
            make_entry("alice/E1", "2026-01-12", 15),
            make_entry("alice/E1", "2026-01-12", 30),
            make_entry("alice/E2", "2026-01-13", -30, corrects="E1"),
        ],
    )
    drawn = draw_down(records, make_history(), date(2026, 12, 31))
    assert drawn.balance_minutes == 120 - 15 - 30 + 15
    assert [(item.minutes, item.available_minutes) for item in drawn.excesses] == [(30, 15)]
