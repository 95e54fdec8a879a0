"""``punchcard changes``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ledger.cli.options import (
    OpenedLedger,
    as_of_option,
    format_option,
    open_ledger_of,
    rev_option,
)
from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.reporters.tabular import format_csv, format_table

if TYPE_CHECKING:
    from ledger.git_repository import GitRepository
    from ledger.history.changes import Change
    from ledger.history.publication import Publication


_COLUMNS = ("customer", "date", "kind", "reference", "request", "by", "minutes", "text", "late")
_HEADERS = ("date", "what", "reference", "who", "minutes", "text", "")
_LONGEST_TEXT = 60


class _Since(NamedTuple):
    """What is compared with: a commit, and what was published of it, if anything was."""

    commit: str
    publication: Publication | None


@click.command("changes")
@click.option(
    "--since",
    metavar="TAG|REV",
    help="What came in since this publication or revision.  [default: the last publication]",
)
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def changes_command(
    context: click.Context, since: str | None, as_of: date | None, rev: str | None, format_: str
) -> None:
    """Show what came in for each customer since a publication.

    New time, corrections, sales, requests and their events; what is dated on or before the day
    that was published then is marked as late.

    \b
    Examples:
      punchcard changes
      punchcard changes --since published/2026-11-16 --format json
      punchcard changes --since main~20
    """
    with open_ledger_of(context, as_of, rev) as opened:
        repository = opened.ledger.repository
        if repository is None:
            raise LedgerError("the ledger is in no Git repository, so it has no earlier state")
        chosen = _choose(repository, since)
        changes = _find_changes(opened, repository, chosen)
        if format_ == "json":
            answer = _to_json(opened, chosen, changes)
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        elif format_ == "csv":
            rows = (
                {"customer": slug, **_change_to_json(change)}
                for slug, of_customer in changes.items()
                for change in of_customer
            )
            click.echo(format_csv(_COLUMNS, rows), nl=False)
        else:
            _show(chosen, changes)


def _choose(repository: GitRepository, since: str | None) -> _Since:
    from ledger.history.publication import find_publication, read_publications

    if since is not None:
        publication = find_publication(repository, since)
        commit = None if publication is None else publication.commit
        return _Since(commit or repository.resolve_commit(since), publication)
    publications = read_publications(repository)
    if not publications:
        raise LedgerError(
            "nothing was published yet, so there is nothing to compare with",
            "name a revision with --since; `git fetch --tags` brings publications",
        )
    return _Since(publications[-1].commit, publications[-1])


def _find_changes(
    opened: OpenedLedger, repository: GitRepository, chosen: _Since
) -> dict[str, tuple[Change, ...]]:
    from ledger.history.changes import list_changes
    from ledger.history.comparison import compare_files, read_customers

    compared = compare_files(repository, chosen.commit, opened.ledger.files)
    previous = None if chosen.publication is None else chosen.publication.as_of
    changes = {
        now.slug: list_changes(then.records, now.records, opened.as_of, previous)
        for then, now in read_customers(compared)
    }
    return {slug: found for slug, found in sorted(changes.items()) if found}


def _to_json(
    opened: OpenedLedger, chosen: _Since, changes: dict[str, tuple[Change, ...]]
) -> dict[str, Any]:
    publication = chosen.publication
    return {
        "as_of": opened.as_of.isoformat(),
        "revision": opened.ledger.revision,
        "since": chosen.commit,
        "publication": None if publication is None else publication.tag,
        "published_as_of": None if publication is None else publication.as_of.isoformat(),
        "customers": [
            {"customer": slug, "changes": [_change_to_json(change) for change in found]}
            for slug, found in changes.items()
        ],
    }


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "date": change.date.isoformat(),
        "kind": change.kind.value,
        "reference": change.reference,
        "request": change.request,
        "by": change.by,
        "minutes": change.minutes,
        "text": change.text,
        "late": change.is_late,
    }


def _show(chosen: _Since, changes: dict[str, tuple[Change, ...]]) -> None:
    from ledger.cli.problem_output import paint
    from ledger.history.git_history import shorten_id

    for slug, found in changes.items():
        click.echo(paint(slug, "cyan"))
        click.echo(format_table(_HEADERS, [_make_row(change) for change in found], ["minutes"]))
        click.echo()
    since = shorten_id(chosen.commit)
    if chosen.publication is not None:
        since = f"{chosen.publication.tag}, as of {chosen.publication.as_of}"
    count = sum(map(len, changes.values()))
    click.echo(f"{count:,} change{'' if count == 1 else 's'} since {since}")


def _make_row(change: Change) -> Sequence[str]:
    from ledger.quotation import make_printable

    text = make_printable(" ".join((change.text or "").split()))
    return (
        change.date.isoformat(),
        change.kind.value,
        change.reference,
        change.by or "",
        "" if change.minutes is None else format_minutes(change.minutes),
        text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…",
        "late" if change.is_late else "",
    )
