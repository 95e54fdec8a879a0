"""What people type into notes, titles and reasons: cleaned, or refused if it cannot be kept."""

from __future__ import annotations

import re

from ledger.errors import LedgerError

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_line(what: str, text: str) -> str:
    """Return a text of one line, without spaces around it.

    Raises:
        LedgerError: it says nothing, has several lines, or holds what no file may.
    """
    line = read_text(what, text)
    if "\n" in line:
        raise LedgerError(f"the {what} has more than one line")
    return line


def read_text(what: str, text: str) -> str:
    """Return a text of one line or more, without spaces at the ends of lines.

    Raises:
        LedgerError: it says nothing, or holds what no file may.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = "\n".join(line.rstrip() for line in lines).strip()
    if not cleaned:
        raise LedgerError(f"the {what} is empty")
    if found := _CONTROL.search(cleaned):
        raise LedgerError(f"the {what} holds a character that no file may (U+{ord(found[0]):04X})")
    return cleaned
