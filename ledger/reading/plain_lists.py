"""Lists of flat records from text in the very form in which this program writes them, in one step.

Every field is a line, in the order of the fields of the record, and every value plain text. That is
nearly every file of time entries, of which a ledger has the most. What it takes it reads as
``reading.yaml_source`` and ``reading.plain_records`` do; about anything else it has no opinion. A
test holds it against the full way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from ledger.models import Account, Purchase, Record, TimeEntry
from ledger.reading.canonical_yaml import join_plain
from ledger.reading.plain_records import OddError
from ledger.reading.record_form import TEXT_START, RecordForm

RECORDS: Mapping[str, type[Record]] = {
    "accounts": Account,
    "purchases": Purchase,
    "time": TimeEntry,
}

_ANY_TEXT = f"{TEXT_START}[^\n]*"


def read_plain_lists(kind: str, sources: Sequence[bytes]) -> list[tuple[Any, ...]] | None:
    """Return the records of each of some files; None if not all are of that form.

    Args:
        kind: what the files hold, a key of ``RECORDS``.
        sources: the files' bytes, each of which holds a list.
    """
    text = join_plain(sources, b"- ")
    lines = 0 if text is None else text.count("\n")
    if text is None or not _is_plain(text, lines):
        return None
    form = _find_form(kind)
    columns = list(zip(*form.pattern.findall(text), strict=True))
    # A field that is there is a line, so all that is there is in them if there are as many.
    if sum(len(column) - column.count("") for column in columns) != lines:
        return None
    try:
        records = form.fields.make_records(columns)
    except OddError:
        return None
    return _share_out(records, sources)


def _is_plain(text: str, lines: int) -> bool:
    """Whether no value ends before its line does, nor goes on to be more than text.

    That is if each of its lines, of so many, has the one colon after its key. To count or find a
    single sign takes a fraction of what it takes for two.
    """
    if " \n" in text or ("#" in text and " #" in text):
        return False
    return text.count(":") == lines or (":\n" not in text and text.count(": ") == lines)


def _share_out(records: tuple[Any, ...], sources: Sequence[bytes]) -> list[tuple[Any, ...]]:
    # A dash begins a line where a record begins, and nowhere else, as every line is one of a
    # record; and every file begins with one, so that no record reaches into the next file.
    counts = (source.count(b"\n- ") + 1 for source in sources)
    return [records[start:end] for start, end in pairwise(accumulate(counts, initial=0))]


class _ListForm:
    """The form of a list: the fields of its records, and a pattern with their texts as groups."""

    def __init__(self, record: type[Record]) -> None:
        self.fields = RecordForm(record, _ANY_TEXT)
        lines = [
            self.fields.make_optional(key, f"{'  ' if number else '- '}{key}: ({value})\n")
            for number, (key, value) in enumerate(self.fields.values.items())
        ]
        self.pattern = re.compile("^" + "".join(lines), re.MULTILINE)


@cache
def _find_form(kind: str) -> _ListForm:
    return _ListForm(RECORDS[kind])
