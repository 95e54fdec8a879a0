"""A draft of the time entries that the rows of a time tracker make; each row once.

An entry keeps as its ``source`` the tracker's own ids of its rows, or digests of what they say.
Where rows that were imported are changed or gone, nothing is written: it is said, until somebody
has amended or corrected the entries of that request and day so that they say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from ledger.balance.summary import Balance, compute_balance
from ledger.duration import find_nearest_multiples, format_minutes
from ledger.errors import LedgerError, Problem
from ledger.exchange.row_mapping import Cell, Piece, RowMapping, identify
from ledger.exchange.tracker_files import RULE, Row
from ledger.files.layout import sheet_path
from ledger.ledger import Ledger
from ledger.models import TimeEntry
from ledger.text import make_printable
from ledger.writing.draft import Draft, make_adder
from ledger.writing.entry_search import FoundEntry, find_paths, read_sheet
from ledger.writing.field_text import Field
from ledger.writing.time_entries import count_left, draw_ids, name_sheet

_MINUTE = 60
_Item = TypeVar("_Item")


class Import(NamedTuple):
    """What an import does: ``draft`` is None if there is nothing to write.

    Attributes:
        counts: how many rows are new, known (imported before), left out and unmapped.
        unmapped: what is wrong with rows that cannot be imported.
        changed: where rows that were imported are changed or gone.
        splits: rows that are split at midnight.
        added: entries and minutes by customer, and the balance before.
    """

    draft: Draft | None
    counts: Counter[str]
    unmapped: Sequence[Problem]
    changed: Sequence[str]
    splits: Sequence[str]
    added: Mapping[str, tuple[int, int, Balance]]


class Planned(NamedTuple):
    """An entry that pieces of rows make together."""

    pieces: Sequence[Piece]
    minutes: int

    @property
    def cell(self) -> Cell:
        """Whose it is, on what day and request."""
        return self.pieces[0].cell

    def join(self, name: str) -> str | None:
        """Return what the pieces say in a field, each text once."""
        texts = dict.fromkeys(getattr(piece, name) for piece in self.pieces)
        return "; ".join(filter(None, texts)) or None


def draft_import(
    mapping: RowMapping, rows: Sequence[Row | Problem], ledger: Ledger, name: str
) -> Import:
    """Draft the import of the rows of the file ``name``; balances are those of ``ledger``."""
    recorded = _list_recorded(mapping)
    known = {identify(source) for each in recorded for source in each.entry.source}
    pieces, counts = list[Piece](), Counter[str]()
    unmapped, splits = list[Problem](), list[str]()
    for row in rows:
        found = row if isinstance(row, Problem) else _place(mapping, row)
        if isinstance(found, Problem):
            unmapped.append(found)
        elif not found:
            counts["left_out"] += 1
        else:
            pieces += found
            is_known = identify(found[0].source) in known
            counts["known" if is_known else "new"] += 1
            if len(found) > 1 and not is_known and isinstance(row, Row):
                parts = (f"{_tell(each.seconds)} of {each.cell.day}" for each in found)
                where = row.label or f"line {row.position.line}: "
                splits.append(f"{where}split at midnight into {' and '.join(parts)}")
    counts["unmapped"] = len(unmapped)
    days = [day for row in rows if isinstance(row, Row) for day, _seconds in row.parts]
    stale = _find_stale(recorded, pieces, days)
    planned = [each for each in _plan(mapping, pieces, known) if each.cell not in stale]
    by_customer = _group(planned, lambda each: each.pieces[0].slug)
    terms, as_of = mapping.desk.organization.terms, mapping.desk.as_of
    changed = (
        _compare(mapping, [each for each in recorded if _find_cell(each) == cell], own)
        for cell in sorted(stale)
        for own in [[piece for piece in pieces if piece.cell == cell]]
    )
    added = {
        slug: (
            len(own),
            sum(each.minutes for each in own),
            compute_balance(ledger.read_customer(slug).records, terms, as_of),
        )
        for slug, own in by_customer.items()
    }
    draft = _draft(mapping, by_customer, name) if planned else None
    return Import(draft, counts, unmapped, [*filter(None, changed)], splits, added)


def _place(mapping: RowMapping, row: Row) -> list[Piece] | Problem:
    """Return the pieces of a row, none if it is left out; or why it cannot be recorded."""
    try:
        return [] if mapping.leaves_out(row) else mapping.place(row)
    except LedgerError as error:
        message = make_printable(f"{row.label}{error.message}")
        return Problem(RULE, row.position, message, error.hint)


def _list_recorded(mapping: RowMapping) -> list[FoundEntry]:
    """Return the entries that were imported from the tracker, in the work tree or the commit."""
    prefix, found = f"{mapping.tracker}:", dict[tuple[str, str], FoundEntry]()
    for ledger in mapping.desk.ledgers:
        for path in find_paths(ledger, sheet_path("*", "*")):
            for each in read_sheet(ledger, path, prefix):
                if any(source.startswith(prefix) for source in each.entry.source):
                    found.setdefault((each.slug, each.name), each)
    return [*found.values()]


def _find_cell(found: FoundEntry) -> Cell:
    return Cell(found.entry.date, found.entry.request, found.sheet[len("2026-11-") :])


def _find_stale(
    recorded: Iterable[FoundEntry], pieces: Sequence[Piece], days: Collection[date]
) -> set[Cell]:
    """Return where rows that were imported are changed, or gone from the file's days."""
    there = {identify(piece.source): piece.source for piece in pieces}
    people = {piece.cell.consultant for piece in pieces}
    return {
        cell
        for cell, source in (
            (_find_cell(each), key) for each in recorded for key in each.entry.source
        )
        if there.get(identify(source)) != source
        if identify(source) in there
        or (cell.consultant in people and min(days) <= cell.day <= max(days))
    }


def _compare(mapping: RowMapping, recorded: Sequence[FoundEntry], pieces: Sequence[Piece]) -> str:
    """Return how the entries of a cell differ from what the rows say; empty if they do not."""
    records = mapping.find_desk(recorded[0].slug).records
    said = [*_plan(mapping, pieces)]
    minutes = sum(each.minutes for each in said)
    left = {each.name: count_left(records, each.name, each.entry) for each in recorded}
    notes = sorted(each.entry.note for each in recorded if left[each.name])
    if sum(left.values()) == minutes and notes == sorted(each.join("note") or "" for each in said):
        return ""
    cell = _find_cell(recorded[0])
    return (
        f"{cell.day} {cell.request}: {mapping.tracker} says {format_minutes(minutes)} of "
        f"{cell.consultant} now, {format_minutes(sum(left.values()))} are recorded "
        f"({', '.join(left)})"
    )


def _plan(
    mapping: RowMapping, pieces: Iterable[Piece], known: Collection[str] = ()
) -> Iterator[Planned]:
    """Yield the entries that pieces make, rounded; of rows that are known there are some.

    Sums are rounded, not their parts: a row that is split at midnight gains no minute by it.
    """
    is_by_day = mapping.map.rounded_by == "request-and-day"
    groups = _group(
        sorted(pieces, key=lambda piece: (piece.cell, piece.began)),
        lambda piece: (piece.cell, piece.category) if is_by_day else piece.source,
    )
    for group in groups.values():
        new = [piece for piece in group if identify(piece.source) not in known]
        done = sum(piece.seconds for piece in group) - sum(piece.seconds for piece in new)
        for day, part in groupby(new, key=lambda piece: piece.cell.day):
            together = list(part)
            total = done + sum(piece.seconds for piece in together)
            if minutes := _round(mapping, total, day) - _round(mapping, done, day):
                yield Planned(together, minutes)
            done = total


def _round(mapping: RowMapping, seconds: int, day: date) -> int:
    terms, how = mapping.desk.organization.terms.in_force_on(day), mapping.map.rounding
    step = _MINUTE * (1 if terms is None else terms.increment_minutes)
    below, above = find_nearest_multiples(seconds, step)
    is_nearer_below = how == "nearest" and seconds - below < above - seconds
    is_below = seconds == below or how == "down" or is_nearer_below
    return (below if is_below else above) // _MINUTE


def _draft(mapping: RowMapping, by_customer: Mapping[str, Sequence[Planned]], name: str) -> Draft:
    """Draft the entries, in one edit of each time file."""
    edits = {}
    for slug, own in by_customer.items():
        sheets = _group(own, lambda each: name_sheet(each.cell.day, each.cell.consultant))
        for sheet, planned in sheets.items():
            draw = cache(partial(draw_ids, mapping.find_desk(slug), sheet))
            planned.sort(key=lambda each: (each.cell.day, each.pieces[0].began))
            entries = [_make_fields(each, next(draw(each.cell.day))) for each in planned]
            edits[sheet_path(slug, sheet)] = make_adder(TimeEntry, *entries)
    number = sum(map(len, by_customer.values()))
    count = f"{number} {'entry' if number == 1 else 'entries'}"
    return Draft(edits, name, f"import {count} of {mapping.tracker} from {name}")


def _make_fields(planned: Planned, entry_id: str) -> dict[str, Field | None]:
    sources = [piece.source for piece in planned.pieces]
    return {
        "id": entry_id,
        "date": planned.cell.day,
        "request": planned.cell.request,
        "minutes": planned.minutes,
        "category": planned.pieces[0].category,
        "note": planned.join("note"),
        "internal_note": planned.join("internal_note"),
        "source": sources[0] if len(sources) == 1 else sources,
    }


def _tell(seconds: int) -> str:
    return format_minutes(round(seconds / _MINUTE))


def _group(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> dict[Any, list[_Item]]:
    groups: dict[Any, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
