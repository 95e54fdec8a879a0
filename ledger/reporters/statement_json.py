"""A statement as the text of a file, put together from its head and its movements.

Most of the text are the movements, and they stay the same from one week to the next, while the
head says as of which day and commit they are. So they are written by themselves: whoever has
their texts can put another head before them, and needs no record for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from ledger.reporters.indented_json import enclose_items, format_item
from ledger.text import DIGEST_KEY, digest_text, join_canonical, write_canonical

_MOVEMENTS = "movements"


class StatementHead(NamedTuple):
    """What a statement says besides its movements."""

    customer: str
    from_: date | None
    to: date
    as_of: date
    revision: str | None
    opening_minutes: int
    closing_minutes: int

    def to_json(self) -> dict[str, Any]:
        """Return the head as other programs read it."""
        return {
            "customer": self.customer,
            "from": None if self.from_ is None else self.from_.isoformat(),
            "to": self.to.isoformat(),
            "as_of": self.as_of.isoformat(),
            "revision": self.revision,
            "opening_minutes": self.opening_minutes,
            "closing_minutes": self.closing_minutes,
        }


class MovementTexts(NamedTuple):
    """The movements of a statement: as its file has them, and as its digest wants them."""

    indented: str
    canonical: str


def write_movements(movements: Iterable[Mapping[str, Any]]) -> MovementTexts:
    """Return the texts of some movements."""
    listed = [dict(movement) for movement in movements]
    return MovementTexts(format_item(listed), write_canonical(listed))


def join_statement(head: StatementHead, movements: MovementTexts) -> str:
    """Return the text of the file: the head, the movements, and the digest of both."""
    fields = head.to_json()
    canonical = {name: write_canonical(value) for name, value in fields.items()}
    digest = digest_text(join_canonical({**canonical, _MOVEMENTS: movements.canonical}))
    items = {name: format_item(value) for name, value in fields.items()}
    items |= {_MOVEMENTS: movements.indented, DIGEST_KEY: format_item(digest)}
    return enclose_items(items) + "\n"
