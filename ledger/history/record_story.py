"""One record: the commits it comes from, and what became of it.

Records are followed by their names through all versions of the customer's files, not by lines:
a record that was moved or reformatted keeps its origin.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger.balance.draw_down import DrawDown
from ledger.balance.json_values import select_fields, to_json
from ledger.balance.movements import Usage, measure_usage
from ledger.errors import UnknownNameError
from ledger.files.layout import Place, place_file
from ledger.files.reader import CustomerFolder, ReadFiles
from ledger.files.source import LedgerFile, RevisionFiles
from ledger.git import GitRepository, literal_path
from ledger.history.changed_history import index_records
from ledger.history.commits import Commit, list_commits, refuse_cut, walk_commits
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Record
from ledger.text import suggest_name

_KINDS = {"request", "time", "purchases", "adjustments"}


class Origin(NamedTuple):
    """The commit that brought a record, the last that changed it, and the record after them."""

    brought: Commit
    changed: Commit | None
    record: Record


def find_commits(ledger: Ledger, slug: str) -> Mapping[str, str | None]:
    """Return the commit that brought each of a customer's records, by its name; see below."""
    return {name: origin.brought.id for name, origin in find_origins(ledger, f"{slug}/").items()}


def find_origins(ledger: Ledger, place: str) -> Mapping[str, Origin]:
    """Return each committed record's origin, in a file or folder; LedgerError: history is cut."""
    repository, head, prefix = ledger.repository, ledger.commit, ledger.files.prefix
    if repository is None or head is None:
        return {}
    refuse_cut(repository, [head], (), " to say where records come from")
    ids = list_commits(repository, head, "--full-history", "--", literal_path(prefix + place))
    walked = walk_commits(repository, ids, prefix, place)
    origins: dict[str, Origin] = {}
    for commit, change in ((commit, each) for commit, changes in walked for each in changes):
        before = [read_records(repository, blob) for blob in change.before]
        for name, record in read_records(repository, change.after).items():
            known = origins.get(name)
            if known is None:
                origins[name] = Origin(commit, None, record)
            elif known.record != record and all(old.get(name) != record for old in before):
                origins[name] = known._replace(changed=commit, record=record)
    return origins


def read_records(repository: GitRepository, blob: LedgerFile | None) -> Mapping[str, Record]:
    """Return the records of a version of a customer's file by their names.

    Names are like ``P1``, ``ACME-12`` and ``2026-11-alice/03-1``; there are none in a file that is
    not a customer's, or that was not there.
    """
    if blob is None or not blob.is_file:
        return {}
    place, path = place_file(blob.path), blob.path
    if not isinstance(place, Place) or place.kind not in _KINDS:
        return {}
    files = RevisionFiles(repository.read_object, "", None, {path: blob})
    records = ReadFiles(files).read(blob, place.kind).records
    if place.kind == "request":
        return dict(zip([place.name], records, strict=False))
    start = f"{place.name}/" if place.kind == "time" else ""
    return {f"{start}{record.id}": record for record in records}


def find_record(records: CustomerRecords, reference: str) -> tuple[str, str, Record]:
    """Return kind, name and record by an id, a full name or a card; an UnknownNameError if none."""
    purchase, _slash, card = reference.partition("/")
    known = index_records(records)
    for wanted, is_card in ((reference, False), (purchase, True)):
        for (kind, name), record in known.items():
            cards = range(1, getattr(record, "punchcards", 0) + 1)
            if name == wanted and (not is_card or card in map(str, cards)):
                return kind, name, record
    hint = suggest_name(reference, [name for _kind, name in known])
    raise UnknownNameError(
        f"{records.slug} has no record {reference!r}",
        hint or "name an entry, a purchase, an adjustment or a request",
    )


def tell_story(
    folder: CustomerFolder, drawn: DrawDown, found: tuple[str, str, Record], reference: str
) -> dict[str, Any]:
    """Return, as JSON data, a record and what became of it, as of the date of the draw-down.

    ``found`` is what ``find_record`` says of ``reference``. ``draws`` are the lots that a time
    entry or a refund drew on, and a correction gave back to; ``lots`` the cards of a purchase or
    the lot of a goodwill credit; ``uses`` what drew on these, with negative minutes where it gave
    them back; ``entries`` the time on a request; ``agreement`` the version that covers a purchase;
    ``usage`` what became of a purchase, a card or a credit, in minutes and in money.
    """
    kind, name, record = found
    position = folder.make_problem("", record, None, "").position
    own = next((movement for movement in drawn.movements if movement.reference == name), None)
    lots = [lot for lot in drawn.lots if reference in (lot.id, lot.purchase)]
    usage = measure_usage(lots, drawn.consumptions).get(reference)
    return {
        "reference": reference,
        "kind": kind,
        "file": position.file,
        "line": position.line,
        "record": to_json(record, folder.records.customer.currency),
        "draws": to_json(own.draws if own else ()),
        "corrections": [
            {"reference": sheet.full_name(entry.id), **to_json(entry)}
            for sheet, entry in folder.records.sheet_corrections
            if entry.corrects is not None and sheet.resolve(entry.corrects) == name
        ],
        "lots": to_json(lots),
        "uses": [
            {"lot": draw.lot, **select_fields(movement, "date", "kind", "reference")}
            | {"minutes": draw.minutes}
            for movement in drawn.movements
            for draw in movement.draws
            if draw.lot in {lot.id for lot in lots}
        ],
        "entries": [
            select_fields(movement, "date", "reference", "worked_minutes", "minutes")
            for movement in drawn.movements
            if movement.request == name
        ],
        "agreement": own.agreement if own else None,
        "currency": drawn.currency,
        "usage": usage and select_fields(usage, *Usage._fields, currency=drawn.currency),
    }
