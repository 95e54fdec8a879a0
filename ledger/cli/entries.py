"""``punchcard amend`` and ``undo``: time entries that are on no protected branch yet."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from ledger.cli import options
from ledger.cli.completion import complete
from ledger.cli.options import Writing
from ledger.cli.value_types import DURATION


@click.command("amend")
@click.argument("entry", required=False, shell_complete=complete)
@click.option("-t", "--duration", "minutes", type=DURATION, help="How long it was.")
@click.option("-m", "--note", help="What was done; - reads it from standard input.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@click.option("--request", help="The request of the same customer that it was for.")
@options.category_option("What it is charged as: a category of the terms.")
@options.consultant_option("Whose last entry it is.")
@options.writing_options
def amend_command(
    entry: str | None, consultant: str | None, writing: Writing, **fields: Any
) -> int:
    """Change a time entry that is on no protected branch yet: your last one, or ENTRY.

    ENTRY is an id such as 03-1-kfm, or a full name. What is not named stays, the date too; in
    another month the entry goes to the file of that month. With --commit or --branch, the commit
    that brought it is rewritten if it has nothing else and is not pushed, else another one comes on
    top. What is on the protected branch stays; you are told how to correct it.

    \b
    Examples:
      punchcard amend --duration 1h15
      punchcard amend 20-1 -m "Reviewed the export together." --date yesterday
      punchcard amend --request 12 --category system-access --commit
    """
    from ledger.writing.amendments import draft_amendment

    if writing.day is None and all(value is None for value in fields.values()):
        raise click.UsageError("say what to change: --duration, --note, --date, --request, …")
    customer, name = _find_entry(writing, entry, consultant)
    is_moved = writing.day is not None
    return writing.write(customer, draft_amendment, entry=name, is_moved=is_moved, **fields)


@click.command("undo")
@click.argument("entry", required=False, shell_complete=complete)
@options.consultant_option("Whose last entry it is.")
@options.setting_options
def undo_command(entry: str | None, consultant: str | None, writing: Writing) -> int:
    """Take away a time entry that is on no protected branch yet: your last one, or ENTRY.

    ENTRY is an id such as 03-1-kfm, or a full name. With --commit or --branch, the commit that
    brought it is taken away if it has nothing else and is not pushed, else another one comes on
    top. What is on the protected branch stays; you are told how to correct it.

    \b
    Examples:
      punchcard undo
      punchcard undo 20-1 --commit
    """
    from ledger.writing.amendments import draft_removal

    customer, name = _find_entry(writing, entry, consultant)
    return writing.write(customer, draft_removal, entry=name)


def _find_entry(writing: Writing, entry: str | None, consultant: str | None) -> tuple[str, str]:
    """Return the customer and the full name of an entry, or of the consultant's last one."""
    from ledger.writing.entry_search import search_entry, search_last_entry

    with writing.open(()) as opened:
        is_full = entry is not None and "/" in entry
        handle = "" if is_full else options.find_handle(opened, consultant)
        search = search_last_entry if entry is None else partial(search_entry, wanted=entry)
        found = search(opened.ledger, handle=handle)
    return found.slug, found.name
