"""What consultants spent on requests: time/*.yml."""

from __future__ import annotations

from ledger.models.kinds import Category
from ledger.models.record import Record, field
from ledger.scalars import Day, RecordId, Text, WholeNumber


class TimeEntry(Record):
    """An item of a time file: minutes that a consultant spent on a request, or a correction."""

    id: RecordId = field(
        description="Unique in the file; usually the day and a number.", examples=["03-1"]
    )
    date: Day = field(
        description="The day of the work, in the month of the file.", examples=["2026-11-03"]
    )
    request: Text = field(description="The request it was spent on.", examples=["ACME-12"])
    minutes: WholeNumber = field(
        description="Whole steps, usually of 15 minutes; negative in a correction.",
        examples=[45, -15],
    )
    category: Category | None = field(
        default=None,
        description="What it is charged as; left out: the request's category.",
        examples=["system-access"],
    )
    corrects: Text | None = field(
        default=None,
        description="In a correction: the entry, by an id of the same file or by its full name.",
        examples=["03-1", "2026-11-alice/03-1"],
    )
    note: Text = field(
        description="What was done; the customer reads this.",
        examples=["Exchanged SAML metadata with the identity team."],
    )
    internal_note: Text | None = field(
        default=None,
        description="The customer never reads this.",
        examples=["Ask Ben about the certificate."],
    )

    @property
    def is_correction(self) -> bool:
        """Whether this takes back minutes of an earlier entry."""
        return self.minutes < 0
