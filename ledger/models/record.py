"""What all records have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def empty_for_none(value: object) -> object:
    """Return an empty list for an empty value; before a field that is a list."""
    return [] if value is None else value


class Record(BaseModel):
    """A record of a file: frozen, and no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False, defer_build=True)
