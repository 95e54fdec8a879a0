"""``punchcard audit``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import format_option, rev_option
from ledger.cli.progress import show_progress
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from ledger.history.audit import AuditedRange, Finding


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
    from ledger.loader import find_commit, open_ledger

    folder: Path | None = context.find_root().params.get("ledger")
    with open_ledger(folder, "HEAD" if rev is None else rev) as ledger:
        repository = ledger.repository
        head = None if repository is None else find_commit(ledger, repository)
        if repository is None or head is None:
            raise LedgerError("the ledger is in no Git repository, so it has no history")
        first = None if start is None else repository.resolve_commit(start)
        audited = choose_commits(repository, head, first)
        with show_progress("auditing", len(audited.commits)) as advance:
            findings = list(audit(repository, ledger.files.prefix, audited, advance))
    if format_ == "json":
        click.echo(json.dumps(_to_json(audited, first, findings), indent=2, ensure_ascii=False))
    else:
        _show(audited, findings)
    return DATA_HAS_PROBLEMS if any(finding.is_error for finding in findings) else 0


def _to_json(
    audited: AuditedRange, start: str | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    from ledger.reporters.commits import commit_to_json
    from ledger.reporters.problem_json import problem_to_json

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


def _show(audited: AuditedRange, findings: Sequence[Finding]) -> None:
    from ledger.cli.problem_output import paint
    from ledger.reporters.commits import describe_commit
    from ledger.reporters.problem_text import format_problems

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
