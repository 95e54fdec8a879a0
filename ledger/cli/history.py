"""``punchcard changes``, ``audit`` and ``verify``: what the history of the ledger says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.main import COULD_NOT_WORK, DATA_HAS_PROBLEMS
from ledger.cli.options import (
    OpenedLedger,
    Reading,
    find_named_folder,
    format_option,
    reading_options,
    rev_option,
)
from ledger.cli.printing import paint, print_json, print_rows, show_progress
from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.text import make_printable

if TYPE_CHECKING:
    from ledger.git import GitRepository
    from ledger.history.audit import AuditedRange, Finding
    from ledger.history.changes import Change
    from ledger.history.publications import Publication
    from ledger.history.verification import Difference, Verification

_COLUMNS = ("customer", "date", "kind", "reference", "request", "by", "minutes", "text", "late")
_HEADERS = ("date", "what", "reference", "who", "minutes", "text", "")
_STATUSES = {"genuine": 0, "altered": DATA_HAS_PROBLEMS, "unknown": COULD_NOT_WORK}
_LONGEST_TEXT = 60


@click.command("changes")
@click.option(
    "--since",
    metavar="TAG|REV",
    help="What came in since this publication or revision.  [default: the last publication]",
)
@reading_options("table", "json", "csv")
def changes_command(since: str | None, reading: Reading) -> None:
    """Show what came in for each customer since a publication.

    New time, corrections, sales, requests and their events; what is dated on or before the day
    that was published then is marked as late.

    \b
    Examples:
      punchcard changes
      punchcard changes --since published/2026-11-16 --format json
      punchcard changes --since main~20
    """
    with reading.open() as opened:
        repository = opened.ledger.repository
        if repository is None:
            raise LedgerError("the ledger is in no Git repository, so it has no earlier state")
        commit, publication = _choose_base(repository, since)
        changes = _find_changes(opened, repository, commit, publication)
        if reading.format_ == "json":
            print_json(_changes_to_json(opened, commit, publication, changes))
            return
        rows = [
            {"customer": slug, **_change_to_json(change)}
            for slug, of_customer in changes.items()
            for change in of_customer
        ]
        table = _format_changes(commit, publication, changes)
        print_rows(reading.format_, rows, _COLUMNS, lambda: table)


def _choose_base(repository: GitRepository, since: str | None) -> tuple[str, Publication | None]:
    """Return the commit to compare with, and what was published of it, if anything was."""
    from ledger.history.publications import find_publication, read_publications

    if since is not None:
        publication = find_publication(repository, since)
        commit = None if publication is None else publication.commit
        return commit or repository.resolve_commit(since), publication
    publications = read_publications(repository)
    if not publications:
        raise LedgerError(
            "nothing was published yet, so there is nothing to compare with",
            "name a revision with --since; `git fetch --tags` brings publications",
        )
    return publications[-1].commit, publications[-1]


def _find_changes(
    opened: OpenedLedger,
    repository: GitRepository,
    commit: str,
    publication: Publication | None,
) -> dict[str, tuple[Change, ...]]:
    from ledger.history.changes import list_changes
    from ledger.history.comparison import compare_files, read_customers

    compared = compare_files(repository, commit, opened.ledger.files)
    previous = None if publication is None else publication.as_of
    changes = {
        now.slug: list_changes(then.records, now.records, opened.as_of, previous)
        for then, now in read_customers(compared)
    }
    return {slug: found for slug, found in sorted(changes.items()) if found}


def _changes_to_json(
    opened: OpenedLedger,
    commit: str,
    publication: Publication | None,
    changes: Mapping[str, Sequence[Change]],
) -> dict[str, Any]:
    return {
        "as_of": opened.as_of.isoformat(),
        "revision": opened.ledger.revision,
        "since": commit,
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


def _format_changes(
    commit: str, publication: Publication | None, changes: Mapping[str, Sequence[Change]]
) -> str:
    from ledger.output.tabular import format_table
    from ledger.text import shorten_id

    lines = []
    for slug, found in changes.items():
        rows = [_make_row(change) for change in found]
        lines += [paint(slug, "cyan"), format_table(_HEADERS, rows, ["minutes"]), ""]
    since = shorten_id(commit)
    if publication is not None:
        since = f"{publication.tag}, as of {publication.as_of}"
    count = sum(map(len, changes.values()))
    return "\n".join([*lines, f"{count:,} change{'' if count == 1 else 's'} since {since}"])


def _make_row(change: Change) -> Sequence[str]:
    text = make_printable(" ".join((change.text or "").split()))
    return (
        change.date.isoformat(),
        change.kind.value,
        change.reference,
        change.by or "",
        "" if change.minutes is None else format_minutes(change.minutes),
        _shorten(text),
        "late" if change.is_late else "",
    )


@click.command("audit")
@click.option(
    "--from", "start", metavar="REV", help="Begin after this revision.  [default: the beginning]"
)
@rev_option
@format_option("text", "json")
@click.pass_context
def audit_command(context: click.Context, start: str | None, rev: str | None, format_: str) -> int:
    """Find the commits that altered or removed what was recorded, and who made them.

    Each commit of the first-parent history is compared with the one before it, as `check --since`
    does. What is not committed is not looked at.

    \b
    Examples:
      punchcard audit
      punchcard audit --from published/2026-11-16
      punchcard audit --rev main --format json
    """
    from ledger.history.audit import audit, choose_commits
    from ledger.ledger import open_ledger

    with open_ledger(find_named_folder(context), "HEAD" if rev is None else rev) as ledger:
        repository = ledger.repository
        head = ledger.commit
        if repository is None or head is None:
            raise LedgerError("the ledger is in no Git repository, so it has no history")
        first = None if start is None else repository.resolve_commit(start)
        audited = choose_commits(repository, head, first)
        with show_progress("auditing", len(audited.commits)) as advance:
            findings = list(audit(repository, ledger.files.prefix, audited, advance))
    if format_ == "json":
        print_json(_audit_to_json(audited, first, findings))
    else:
        _show_audit(audited, findings)
    return DATA_HAS_PROBLEMS if any(finding.is_error for finding in findings) else 0


def _audit_to_json(
    audited: AuditedRange, start: str | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    from ledger.output.problems import problem_to_json
    from ledger.output.records import commit_to_json

    return {
        "from": start,
        "to": audited.head,
        "commits": len(audited.commits),
        "findings": [
            {
                **commit_to_json(finding.commit),
                "problems": [problem_to_json(problem) for problem in finding.problems],
            }
            for finding in findings
        ],
    }


def _show_audit(audited: AuditedRange, findings: Sequence[Finding]) -> None:
    from ledger.output.problems import format_problems
    from ledger.output.records import describe_commit

    for finding in findings:
        click.echo(paint(describe_commit(finding.commit), "yellow"))
        for line in format_problems(finding.problems, paint):
            click.echo(f"  {line}".rstrip())
        click.echo()
    altered = sum(finding.is_error for finding in findings)
    count = len(audited.commits)
    click.echo(
        f"{count:,} commit{'' if count == 1 else 's'}: {altered} altered recorded facts, "
        f"{len(findings) - altered} only texts"
    )


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@format_option("text", "json")
@click.pass_context
def verify_command(context: click.Context, file: Path, format_: str) -> int:
    """Say whether a JSON statement is genuine: rebuild it from the commit that it names.

    Exit status: 0 genuine, 1 altered, 2 from a commit that this repository does not have.

    \b
    Examples:
      punchcard verify acme-2026-11.json
    """
    from ledger.history.verification import read_statement, verify_statement

    statement = read_statement(file)
    verification = verify_statement(find_named_folder(context), statement)
    if format_ == "json":
        print_json(_verification_to_json(verification))
    else:
        _show_verification(verification, statement)
    return _STATUSES[verification.verdict.value]


def _verification_to_json(verification: Verification) -> dict[str, Any]:
    return {
        "verdict": verification.verdict.value,
        "commit": verification.commit,
        "in_history": verification.is_in_history,
        "differences": [
            {"place": item.place, "said": _name(item.said), "rebuilt": _name(item.rebuilt)}
            for item in verification.differences
        ],
    }


def _show_verification(verification: Verification, statement: dict[str, Any]) -> None:
    from ledger.history.verification import Verdict
    from ledger.text import shorten_id

    commit = make_printable(shorten_id(verification.commit))
    if verification.verdict is Verdict.UNKNOWN:
        click.echo(
            f"{paint('unknown', 'yellow')}: this repository has no commit {commit}; "
            "fetch all branches, and all history if the clone is shallow"
        )
        return
    if verification.verdict is Verdict.GENUINE:
        what = f"{statement['customer']}, {statement['from'] or 'the beginning'} to "
        click.echo(f"{paint('genuine', 'green')}: {what}{statement['to']}, at commit {commit}")
    else:
        click.echo(f"{paint('altered', 'red')}: not what commit {commit} says")
        for difference in verification.differences:
            click.echo(f"  {_describe_difference(difference)}")
    if not verification.is_in_history:
        click.echo(f"note: commit {commit} is not part of the history of HEAD")


def _describe_difference(difference: Difference) -> str:
    said, rebuilt = (_shorten(str(_name(x))) for x in (difference.said, difference.rebuilt))
    return make_printable(f"{difference.place}: says {said}, should be {rebuilt}")


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _name(value: object) -> object:
    """Return a JSON value, or the name of the marker for one that is not there."""
    is_json = value is None or isinstance(value, str | int | float | bool | list | dict)
    return value if is_json else repr(value)
