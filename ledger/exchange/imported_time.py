"""A draft of the time entries that the rows of a time tracker make; each row once.

An entry keeps as its ``source`` the tracker's own ids of its rows, or digests of what they say.
Where rows that were imported are changed or gone, nothing is written: it is said, until somebody
has amended or corrected the entries of that request and day so that they say the same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from ledger.balance.summary import Balance, compute_balance
from ledger.duration import format_minutes, round_to_multiple
from ledger.errors import LedgerError, Problem
from ledger.exchange.row_mapping import Cell, Piece, RowMapping, identify
from ledger.exchange.tracker_files import RULE, Row
from ledger.files.layout import sheet_path
from ledger.ledger import Ledger
from ledger.models import TimeEntry
from ledger.text import make_printable
from ledger.writing.draft import Draft, make_adder
from ledger.writing.entry_search import FoundEntry, find_paths, read_sheet
from ledger.writing.time_entries import count_left, draw_ids, name_sheet
from ledger.writing.yaml_text import Field

_MINUTE = 60
_Item = TypeVar("_Item")


class Import(NamedTuple):
    """What an import does: ``draft`` is None if there is nothing to write."""

    draft: Draft | None
    # how many rows are new, known (imported before), held back, left out, unmapped
    counts: Counter[str]
    unmapped: Sequence[Problem]  # what is wrong with rows that cannot be imported
    changed: Sequence[str]  # where rows that were imported are changed or gone
    splits: Sequence[str]  # rows that are split at midnight
    # entries and minutes by customer, and the balance before
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
    found = [row if isinstance(row, Problem) else _place(mapping, row) for row in rows]
    placed = [each for each in found if each and not isinstance(each, Problem)]
    pieces = [piece for each in placed for piece in each]
    days = [day for row in rows if isinstance(row, Row) for day, _seconds in row.parts]
    recorded = _list_recorded(mapping)
    stale = _find_stale(recorded, pieces, days)
    changed = _find_changed(mapping, recorded, pieces, stale)
    known = {identify(source) for each in recorded for source in each.entry.source}
    # Where the ledger says the same as the rows, they are known, too, whatever else is changed.
    known |= {identify(each.source) for each in pieces if each.cell in stale - changed.keys()}
    held = {each.source for each in pieces if each.cell in changed}
    unmapped = [each for each in found if isinstance(each, Problem)]
    counts = Counter[str](unmapped=len(unmapped), left_out=found.count([]))
    splits = []
    for each in placed:
        if identify(each[0].source) in known:
            counts["known"] += 1
        elif not held.isdisjoint(piece.source for piece in each):
            counts["held"] += 1
        else:
            counts["new"] += 1
            parts = (f"{format_minutes(p.seconds // _MINUTE)} of {p.cell.day}" for p in each)
            if len(each) > 1:
                splits.append(f"{each[0].where}split at midnight into {' and '.join(parts)}")
    ready = [each for each in pieces if each.source not in held or identify(each.source) in known]
    by_customer = _group(_plan(mapping, ready, known), lambda each: each.pieces[0].slug)
    terms, as_of = mapping.desk.organization.terms, mapping.desk.as_of
    added = {
        slug: (
            len(own),
            sum(each.minutes for each in own),
            compute_balance(ledger.read_customer(slug).records, terms, as_of),
        )
        for slug, own in by_customer.items()
    }
    draft = _draft(mapping, by_customer, name) if by_customer else None
    return Import(draft, counts, unmapped, [*changed.values()], splits, added)


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


def _find_changed(
    mapping: RowMapping,
    recorded: Iterable[FoundEntry],
    pieces: Iterable[Piece],
    stale: Collection[Cell],
) -> dict[Cell, str]:
    """Return how entries differ from what the rows say, by the cells where they do."""
    entries, changed = _group(recorded, _find_cell), dict[Cell, str]()
    said = _group(_plan(mapping, pieces), lambda each: each.cell) if stale else {}
    for cell in sorted(stale):
        records, own = mapping.find_desk(entries[cell][0].slug).records, said.get(cell, [])
        left = {each: count_left(records, each.name, each.entry) for each in entries[cell]}
        notes = sorted(each.entry.note for each in left if left[each])
        minutes, sum_ = sum(each.minutes for each in own), sum(left.values())
        if sum_ != minutes or notes != sorted(each.join("note") or "" for each in own):
            changed[cell] = (
                f"{cell.day} {cell.request}: {mapping.tracker} says {format_minutes(minutes)} of "
                f"{cell.consultant} now, {format_minutes(sum_)} are recorded "
                f"({', '.join(each.name for each in left)})"
            )
    return changed


def _plan(
    mapping: RowMapping, pieces: Iterable[Piece], known: Collection[str] = ()
) -> Iterator[Planned]:
    """Yield the entries that pieces make: sums are rounded, not their parts; some are ``known``."""
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
    terms = mapping.desk.organization.terms.in_force_on(day)
    step = _MINUTE * (1 if terms is None else terms.increment_minutes)
    return round_to_multiple(seconds, step, mapping.map.rounding or "up") // _MINUTE


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


def _group(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> dict[Any, list[_Item]]:
    groups: dict[Any, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
