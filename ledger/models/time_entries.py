"""What consultants spent on requests: time/*.yml."""

from __future__ import annotations

from pydantic import Field

from ledger.models.fields import Day, FreeText, Record, RecordId, Text, WholeNumber
from ledger.models.requests import Category


class TimeEntry(Record):
    """An item of a time file: minutes that a consultant spent on a request, or a correction."""

    id: RecordId = Field(
        description="Unique in the file; usually the day and a number.", examples=["03-1"]
    )
    date: Day = Field(
        description="The day of the work, in the month of the file.", examples=["2026-11-03"]
    )
    request: Text = Field(description="The request it was spent on.", examples=["ACME-12"])
    minutes: WholeNumber = Field(
        description="Whole steps, usually of 15 minutes; negative in a correction.",
        examples=[45, -15],
    )
    category: Category | None = Field(
        None,
        description="What it is charged as; left out: the request's category.",
        examples=["system-access"],
    )
    corrects: Text | None = Field(
        None,
        description="In a correction: the entry, by an id of the same file or by its full name.",
        examples=["03-1", "2026-11-alice/03-1"],
    )
    note: FreeText = Field(
        description="What was done; the customer reads this.",
        examples=["Exchanged SAML metadata with the identity team."],
    )
    internal_note: FreeText | None = Field(
        None,
        description="The customer never reads this.",
        examples=["Ask Ben about the certificate."],
    )

    @property
    def is_correction(self) -> bool:
        """Whether this takes back minutes of an earlier entry."""
        return self.minutes < 0
