"""One record and what became of it: the cards it drew on, its corrections, who drew on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.balance.draw_down import DrawDown
from ledger.balance.lots import Lot
from ledger.balance.movements import Draw, Movement, MovementKind
from ledger.errors import SourcePosition, UnknownNameError
from ledger.files.customer import CustomerFolder
from ledger.history.changed_history import NamedRecord, list_named_records
from ledger.models import Request, TimeEntry
from ledger.models.customer_records import CustomerRecords
from ledger.text import suggest_name


class LotUse(NamedTuple):
    """Minutes that a movement took from a lot; negative where it gave them back."""

    lot: str
    movement: Movement
    minutes: int


@dataclass(frozen=True, slots=True)
class RecordStory:
    """A record and what became of it, as of the date of the draw-down.

    Attributes:
        reference: as it was asked for: a card of a purchase is ``P1/2``.
        draws: the lots that a time entry or a refund drew on, and a correction gave back to.
        corrections: the corrections of an entry.
        lots: the cards of a purchase, or the lot of a goodwill credit.
        uses: what drew on these lots.
        entries: the time on a request.
    """

    reference: str
    found: NamedRecord
    position: SourcePosition
    draws: tuple[Draw, ...]
    corrections: tuple[NamedRecord, ...]
    lots: tuple[Lot, ...]
    uses: tuple[LotUse, ...]
    entries: tuple[Movement, ...]


def tell_story(folder: CustomerFolder, drawn: DrawDown, reference: str) -> RecordStory:
    """Return the story of the record that ``reference`` names.

    Raises:
        UnknownNameError: there is no such record.
    """
    found = find_record(folder.records, reference)
    lots = tuple(lot for lot in drawn.lots if _belongs(lot, found, reference))
    names = {lot.id for lot in lots}
    return RecordStory(
        reference=reference,
        found=found,
        position=folder.make_problem("", found.record, None, "").position,
        draws=_find_draws(drawn, found),
        corrections=tuple(_find_corrections(folder.records, found)),
        lots=lots,
        uses=tuple(
            LotUse(draw.lot, movement, draw.minutes)
            for movement in drawn.movements
            for draw in movement.draws
            if draw.lot in names
        ),
        entries=tuple(_find_time(drawn, found)),
    )


def find_record(records: CustomerRecords, reference: str) -> NamedRecord:
    """Return the record that ``reference`` names: an id, a full name, or a card of a purchase.

    Raises:
        UnknownNameError: there is no such record.
    """
    known = list(list_named_records(records))
    for item in known:
        if item.name == reference:
            return item
    purchase, _slash, card = reference.partition("/")
    for item in known:
        if item.kind == "purchase" and item.name == purchase and _is_card(item, card):
            return item
    names = [item.name for item in known]
    raise UnknownNameError(
        f"{records.slug} has no record {reference!r}",
        suggest_name(reference, names) or "name an entry, a purchase, an adjustment or a request",
    )


def _is_card(item: NamedRecord, card: str) -> bool:
    count: int = getattr(item.record, "punchcards", 0)
    return card in map(str, range(1, count + 1))


def _belongs(lot: Lot, found: NamedRecord, reference: str) -> bool:
    if found.kind == "purchase":
        return lot.purchase == found.name and reference in {found.name, lot.id}
    return found.kind == "adjustment" and lot.id == found.name


def _find_draws(drawn: DrawDown, found: NamedRecord) -> tuple[Draw, ...]:
    kinds = {
        "entry": (MovementKind.TIME, MovementKind.CORRECTION),
        "adjustment": (MovementKind.REFUND,),
    }.get(found.kind, ())
    for movement in drawn.movements:
        if movement.reference == found.name and movement.kind in kinds:
            return movement.draws
    return ()


def _find_corrections(records: CustomerRecords, found: NamedRecord) -> Iterator[NamedRecord]:
    if found.kind != "entry":
        return
    full_names = {
        sheet.full_name(entry.id): sheet.resolve(entry.corrects)
        for sheet, entry in records.sheet_entries
        if entry.corrects is not None
    }
    for item in list_named_records(records):
        if isinstance(item.record, TimeEntry) and full_names.get(item.name) == found.name:
            yield item


def _find_time(drawn: DrawDown, found: NamedRecord) -> Iterator[Movement]:
    if isinstance(found.record, Request):
        yield from (movement for movement in drawn.movements if movement.request == found.name)


def sum_worked(movements: Sequence[Movement]) -> int:
    """Return the minutes that were worked, corrections taken off."""
    return sum(movement.worked_minutes or 0 for movement in movements)
