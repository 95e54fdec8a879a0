"""A map of ``punchcard import``: which rows of a time tracker are time on which request."""

from typing import Literal

from ledger.models import fields as f
from ledger.models.organization import TimeZone

NoteField = Literal["note", "task", "project", "client"]


class Columns(f.Record):
    """Which column of a CSV file says what; of several the first that says something counts.

    ``A + B`` are two columns that make one text.
    """

    id: f.Texts = f.listed("The tracker's own number of a row.", "Entry ID")
    person: f.Texts = f.listed("Who did it: address, name.", "First Name + Last Name")
    client: f.Texts = f.listed("The client.", "Kunde")
    project: f.Texts = f.listed("The project.", "Projekt")
    task: f.Texts = f.listed("The task or activity.", ["Task", "Activity"])
    tags: f.Texts = f.listed("The tags, with commas between them.", "Tags")
    billable: f.Texts = f.listed("Whether it is billable.", "Abrechenbar")
    note: f.Texts = f.listed("What was done.", "Beschreibung")
    date: f.Texts = f.listed("The day of the work, or of its start.", "Datum")
    start: f.Texts = f.listed("When it began: time, or day and time.", "Von")
    end_date: f.Texts = f.listed("The day of its end.", "End date")
    end: f.Texts = f.listed("When it ended: time, or day and time.", "Bis")
    duration: f.Texts = f.listed("How long: 1:30, 1:30:00, 1.5 or 1,5.", "Stunden")


class Person(f.Record):
    """Who somebody in the tracker is."""

    person: f.Text = f.field("The address or name in the tracker.", "alice@example.com")
    consultant: f.Handle = f.field("The consultant's handle.", "alice")


class RowPattern(f.Record):
    """Rows of which all that is given is true; capitals count for nothing, * is any text."""

    client: f.Text | None = f.optional("The client.", "Acme Robotics")
    project: f.Text | None = f.optional("The project.", "SAML*")
    task: f.Text | None = f.optional("The task or activity.", "Support")
    tags: f.Texts = f.listed("Tags, all of them.", "internal", ["saml", "call"])
    note: f.Text | None = f.optional("What was done.", "*ACME-12*")
    billable: Literal["yes", "no"] | None = f.optional("Whether it is billable.", "no")


class RequestRule(RowPattern):
    """Rows that are time on a request."""

    request: f.Text = f.field("The request; its key says whose it is.", "ACME-12")
    category: f.Text | None = f.optional(
        "What it is charged as, if not the request's.", "onboarding"
    )
    entry_note: f.FreeText | None = f.optional(
        "The note of all entries, instead of the rows' own.", "Worked on the connection."
    )


class ImportMap(f.Record):
    """Which rows of a time tracker are time on which request, by which consultant."""

    people: f.Listed[Person] = f.listed(
        "Who is whom; consultants with their own name or address need not be here.",
        [{"person": "Ally M.", "consultant": "alice"}],
    )
    requests: f.Listed[RequestRule] = f.listed(
        "Which rows are time on which request; the first that fits counts.",
        [{"client": "Acme Robotics", "project": "SAML*", "request": "ACME-12"}],
    )
    leave_out: f.Listed[RowPattern] = f.listed(
        "Which rows are no time of a customer.", [{"billable": "no"}]
    )
    rounded_by: Literal["entry", "request-and-day"] | None = f.optional(
        "What is rounded to the step of the terms: each row (if empty), or the sum of a "
        "consultant's rows of a request and a day, which become one entry.",
        "request-and-day",
    )
    rounding: Literal["up", "down", "nearest"] | None = f.optional(
        "How it is rounded; empty: up.", "nearest"
    )
    note: f.Listed[NoteField] = f.listed(
        "What the customer reads: the first of these that says something; empty: note, then task.",
        ["task", "project"],
    )
    internal_note: f.Listed[NoteField] = f.listed(
        "What the customer does not read, in the same way.", ["note"]
    )
    timezone: TimeZone | None = f.optional(
        "The time zone of the tracker's times; empty: the provider's.", "America/New_York"
    )
    dates: Literal["day-first", "month-first"] | None = f.optional(
        "How 03/11/2026 is meant.", "day-first"
    )
    columns: Columns | None = f.optional(
        "Columns that the tracker calls otherwise; of any other CSV file all that there are.",
        {"date": "Datum", "duration": "Stunden", "client": "Kunde", "note": "Beschreibung"},
    )
