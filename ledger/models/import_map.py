"""A map of ``punchcard import``: which rows of a time tracker are time on which request."""

from typing import Literal

from ledger.models.fields import FreeText, Handle, Listed, Record, Text, Texts, field, optional
from ledger.models.organization import TimeZone

NoteField = Literal["note", "task", "project", "client"]


class Columns(Record):
    """Which column of a CSV file says what; of several the first that says something counts.

    ``A + B`` are two columns that make one text.
    """

    id: Texts = field("The tracker's own number of a row.", "Entry ID", default=())
    person: Texts = field("Who did it: address, name.", "First Name + Last Name", default=())
    client: Texts = field("The client.", "Kunde", default=())
    project: Texts = field("The project.", "Projekt", default=())
    task: Texts = field("The task or activity.", ["Task", "Activity"], default=())
    tags: Texts = field("The tags, with commas between them.", "Tags", default=())
    billable: Texts = field("Whether it is billable.", "Abrechenbar", default=())
    note: Texts = field("What was done.", "Beschreibung", default=())
    date: Texts = field("The day of the work, or of its start.", "Datum", default=())
    start: Texts = field("When it began: time, or day and time.", "Von", default=())
    end_date: Texts = field("The day of its end.", "End date", default=())
    end: Texts = field("When it ended: time, or day and time.", "Bis", default=())
    duration: Texts = field("How long: 1:30, 1:30:00, 1.5 or 1,5.", "Stunden", default=())


class Person(Record):
    """Who somebody in the tracker is."""

    person: Text = field("The address or name in the tracker.", "alice@example.com")
    consultant: Handle = field("The consultant's handle.", "alice")


class RowPattern(Record):
    """Rows of which all that is given is true; capitals count for nothing, * is any text."""

    client: Text | None = optional("The client.", "Acme Robotics")
    project: Text | None = optional("The project.", "SAML*")
    task: Text | None = optional("The task or activity.", "Support")
    tags: Texts = field("Tags, all of them.", "internal", ["saml", "call"], default=())
    note: Text | None = optional("What was done.", "*ACME-12*")
    billable: Literal["yes", "no"] | None = optional("Whether it is billable.", "no")


class RequestRule(RowPattern):
    """Rows that are time on a request."""

    request: Text = field("The request; its key says whose it is.", "ACME-12")
    category: Text | None = optional("What it is charged as, if not the request's.", "onboarding")
    entry_note: FreeText | None = optional(
        "The note of all entries, instead of the rows' own.", "Worked on the connection."
    )


class ImportMap(Record):
    """Which rows of a time tracker are time on which request, by which consultant."""

    people: Listed[Person] = field(
        "Who is whom; consultants with their own name or address need not be here.",
        [{"person": "Ally M.", "consultant": "alice"}],
        default=(),
    )
    requests: Listed[RequestRule] = field(
        "Which rows are time on which request; the first that fits counts.",
        [{"client": "Acme Robotics", "project": "SAML*", "request": "ACME-12"}],
        default=(),
    )
    leave_out: Listed[RowPattern] = field(
        "Which rows are no time of a customer.", [{"billable": "no"}], default=()
    )
    rounded_by: Literal["entry", "request-and-day"] | None = optional(
        "What is rounded to the step of the terms: each row (if empty), or the sum of a "
        "consultant's rows of a request and a day, which become one entry.",
        "request-and-day",
    )
    rounding: Literal["up", "down", "nearest"] | None = optional(
        "How it is rounded; empty: up.", "nearest"
    )
    note: Listed[NoteField] = field(
        "What the customer reads: the first of these that says something; empty: note, then task.",
        ["task", "project"],
        default=(),
    )
    internal_note: Listed[NoteField] = field(
        "What the customer does not read, in the same way.", ["note"], default=()
    )
    timezone: TimeZone | None = optional(
        "The time zone of the tracker's times; empty: the provider's.", "America/New_York"
    )
    dates: Literal["day-first", "month-first"] | None = optional(
        "How 03/11/2026 is meant.", "day-first"
    )
    columns: Columns | None = optional(
        "Columns that the tracker calls otherwise; of any other CSV file all that there are.",
        {"date": "Datum", "duration": "Stunden", "client": "Kunde", "note": "Beschreibung"},
    )
