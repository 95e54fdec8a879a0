"""Rows as CSV for programs and as a table for people."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tabulate import tabulate

from ledger.text import escape_controls

# What begins a formula, in full width, too; also behind what may part two cells for a spreadsheet
# that expects another separator.
_STARTS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(
    rf"^(?=[;,\s]*[{_STARTS}\t\r])(?!-[0-9]+(?:[.,][0-9]+)?$)|(?<=[;,\t])(?=[{_STARTS}])"
)


def format_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], delimiter: str = ","
) -> str:
    """Return RFC 4180 CSV of the given columns; None is empty, true and false are in words.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP
    advises against CSV injection; numbers keep their sign. Control characters are escaped.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def list_scalar_columns(row: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields of a JSON object that are no lists and no objects."""
    return [name for name, value in row.items() if not isinstance(value, list | dict)]


def format_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[str] = ()
) -> str:
    """Return a table for people; the columns named in ``right`` are aligned to the right."""
    aligned_right = set(right)
    alignment = ["right" if header in aligned_right else "left" for header in headers]
    return tabulate(
        rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=alignment
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FORMULA.sub("'", escape_controls(value)) if isinstance(value, str) else value
