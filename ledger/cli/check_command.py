"""``punchcard check``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.cache_folder import find_cache_folder
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import OpenedLedger, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.progress import show_progress
from ledger.cli.rule_name import RULE, show_rules

if TYPE_CHECKING:
    from ledger.check import CheckReport
    from ledger.history.base_revision import BaseRevision


def _list_rules(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        show_rules()
        context.exit()


@click.command("check")
@as_of_option
@rev_option
@format_option("text", "json", "github")
@click.option(
    "--since",
    metavar="REV",
    help="Compare with where this parted from REV: what was recorded there stays as it was.  "
    "[default: in a CI job, the target of the request or what was there before the merge]",
)
@click.option("--no-since", is_flag=True, help="Compare with nothing, even in a CI job.")
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append a Markdown table of what became of each balance since the base to FILE.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check, too.")
@click.option(
    "--only",
    metavar="RULE",
    multiple=True,
    type=RULE,
    help="Show and count the problems of this rule only; may be given more than once.",
)
@click.option(
    "--list-rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_rules,
    help="List the rules and leave.",
)
@click.option("--no-cache", is_flag=True, help="Use and keep nothing of other checks.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a core]",
)
@click.pass_context
def check_command(  # noqa: PLR0913, PLR0917  # one parameter an option
    context: click.Context,
    as_of: date | None,
    rev: str | None,
    format_: str,
    since: str | None,
    no_since: bool,
    summary: Path | None,
    strict: bool,
    only: tuple[str, ...],
    no_cache: bool,
    jobs: int | None,
) -> int:
    """Check the whole ledger and show every problem at once.

    An error fails the check, a warning does so only with --strict. With --only, what is counted
    and what decides the exit status are the problems of the rules that are named; the summary
    says how many others there are.

    What a check finds is kept by the content that it was found in, in the folder that
    PUNCHCARD_CACHE_DIR names or the user's cache folder.

    \b
    Examples:
      punchcard check
      punchcard check --since origin/main
      punchcard check --format github --summary "$GITHUB_STEP_SUMMARY"
      punchcard check --only overdrawn --as-of 2026-11-20
    """
    started = time.perf_counter()
    if since is not None and no_since:
        raise click.UsageError("--since and --no-since are said at once")
    with open_ledger_of(context, as_of, rev) as opened:
        base = None if no_since else _choose_base(opened, since)
        full = _check(opened, base, jobs, use_cache=not no_cache)
        report = _choose(full, only)
        if summary is not None:
            _write_summary(summary, opened, full, base)
        if format_ == "json":
            _show_json(report, opened.ledger.revision, base)
        else:
            hidden = len(full.problems) - len(report.problems)
            _show(report, format_)
            _show_summary(report, time.perf_counter() - started, only, hidden, format_)
    failed = report.error_count or (strict and report.warning_count)
    return DATA_HAS_PROBLEMS if failed else 0


def _choose_base(opened: OpenedLedger, since: str | None) -> BaseRevision | None:
    """Return what to compare with, and say what it is where nobody named it."""
    if not _may_compare(since):
        return None
    from ledger.history.base_revision import is_ci
    from ledger.history.git_history import shorten_id
    from ledger.history.history_check import choose_base

    base = choose_base(opened.ledger, since, os.environ)
    if base is not None:
        click.echo(f"compared with {shorten_id(base.commit)}, {base.reason}", err=True)
    elif is_ci(os.environ):
        click.echo(
            "history is not compared: this is no request and HEAD is no merge; "
            "--since REV compares with a revision",
            err=True,
        )
    return base


def _may_compare(since: str | None) -> bool:
    from ledger.history.base_revision import may_name_base

    return since is not None or may_name_base(os.environ)


def _check(
    opened: OpenedLedger, base: BaseRevision | None, jobs: int | None, *, use_cache: bool
) -> CheckReport:
    from ledger.cache import CheckCache
    from ledger.check import check_ledger
    from ledger.cores import count_cores

    with ExitStack() as stack:
        report = check_ledger(
            opened.ledger,
            opened.as_of,
            start_progress=lambda count: stack.enter_context(show_progress("checking", count)),
            jobs=count_cores() if jobs is None else jobs,
            cache=CheckCache(find_cache_folder()) if use_cache else None,
        )
    if base is None:
        return report
    from ledger.history.history_check import add_problems, check_history

    return add_problems(report, check_history(opened.ledger, base.commits, opened.as_of))


def _choose(report: CheckReport, only: Collection[str]) -> CheckReport:
    if not only:
        return report
    chosen = tuple(problem for problem in report.problems if problem.rule in only)
    return replace(report, problems=chosen)


def _write_summary(
    file: Path, opened: OpenedLedger, report: CheckReport, base: BaseRevision | None
) -> None:
    from ledger.errors import LedgerError
    from ledger.history.balance_effects import find_effects_since
    from ledger.reporters.balance_summary import format_balance_summary

    commits = () if base is None else base.commits[:1]
    effects = [
        effect
        for commit in commits
        for effect in find_effects_since(opened.ledger, commit, opened.as_of)
    ]
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(format_balance_summary(report, effects))
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {error.strerror}") from error


def _show_json(report: CheckReport, revision: str | None, base: BaseRevision | None) -> None:
    from ledger.reporters.problem_json import report_to_json

    answer = report_to_json(report, revision, None if base is None else base.commit)
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def _show(report: CheckReport, format_: str) -> None:
    from ledger.cli.problem_output import paint
    from ledger.reporters.problem_github import format_annotations
    from ledger.reporters.problem_text import format_problems

    if format_ == "github":
        lines = format_annotations(report.problems)
    else:
        lines = format_problems(report.problems, paint)
    for line in lines:
        click.echo(line)


def _show_summary(
    report: CheckReport, seconds: float, only: Sequence[str], hidden: int, format_: str
) -> None:
    from ledger.reporters.problem_text import format_summary

    # What goes to standard output is for the workflow alone.
    click.echo(format_summary(report, seconds, only, hidden), err=format_ == "github")
