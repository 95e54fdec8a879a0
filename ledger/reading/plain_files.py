"""Files in the very form in which this program writes them, as many as there are in one step.

What is done once for all of a customer's files costs a fraction of what it would cost for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ledger.reading.plain_lists import RECORDS, read_plain_lists
from ledger.reading.plain_requests import read_plain_requests

_Records = tuple[Any, ...]
_Read = Callable[[Sequence[bytes]], Sequence[_Records] | None]

_READERS: Mapping[str, _Read] = {
    **{kind: partial(read_plain_lists, kind) for kind in RECORDS},
    "request": read_plain_requests,
}


def read_plain_files(kind: str, sources: Sequence[bytes]) -> list[_Records | None]:
    """Return the records of each of some files; None for one that is not of that form.

    Args:
        kind: what the files hold, a key of ``models.FILE_TYPES``.
        sources: the files' bytes.
    """
    read = _READERS.get(kind)
    return [None] * len(sources) if read is None else _read_in_halves(read, sources)


def _read_in_halves(read: _Read, sources: Sequence[bytes]) -> list[_Records | None]:
    """Read all files at once, or the one half and the other while some file is of another form."""
    records = read(sources) if sources else ()
    if records is not None:
        return [*records]
    if len(sources) == 1:
        return [None]
    middle = len(sources) // 2
    return [*_read_in_halves(read, sources[:middle]), *_read_in_halves(read, sources[middle:])]
