"""``punchcard check``."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date

import click

from ledger.check import CheckReport, check_ledger
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import OpenedLedger, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import paint
from ledger.cli.progress import show_progress
from ledger.reporters.problem_github import format_annotations
from ledger.reporters.problem_json import report_to_json
from ledger.reporters.problem_text import format_problems, format_summary
from ledger.rules.catalogue import RULE_NAMES, RULES


def _list_rules(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or context.resilient_parsing:
        return
    width = max(map(len, RULE_NAMES))
    for rule in RULES:
        click.echo(f"{rule.name:<{width}}  {rule.says}")
    context.exit()


@click.command("check")
@as_of_option
@rev_option
@format_option("text", "json", "github")
@click.option("--strict", is_flag=True, help="Let warnings fail the check, too.")
@click.option(
    "--only",
    metavar="RULE",
    multiple=True,
    type=click.Choice(RULE_NAMES),
    help="Show the problems of this rule only; may be given more than once.",
)
@click.option(
    "--list-rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_rules,
    help="List the rules and leave.",
)
@click.pass_context
def check_command(
    context: click.Context,
    as_of: date | None,
    rev: str | None,
    format_: str,
    strict: bool,
    only: tuple[str, ...],
) -> int:
    """Check the whole ledger and show every problem at once.

    \b
    Examples:
      punchcard check
      punchcard check --strict --format github
      punchcard check --only overdrawn --as-of 2026-11-20
    """
    started = time.perf_counter()
    with open_ledger_of(context, as_of, rev) as opened:
        report = _check(opened)
        if only:
            chosen = tuple(problem for problem in report.problems if problem.rule in only)
            report = replace(report, problems=chosen)
        if format_ == "json":
            answer = report_to_json(report, opened.ledger.revision)
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            _show(report, format_, time.perf_counter() - started)
    failed = report.error_count or (strict and report.warning_count)
    return DATA_HAS_PROBLEMS if failed else 0


def _check(opened: OpenedLedger) -> CheckReport:
    slugs = opened.ledger.slugs
    with show_progress("checking", len(slugs)) as advance:
        return check_ledger(opened.ledger, opened.as_of, on_customer=advance)


def _show(report: CheckReport, format_: str, seconds: float) -> None:
    if format_ == "github":
        lines = format_annotations(report.problems)
    else:
        lines = format_problems(report.problems, paint)
    for line in lines:
        click.echo(line)
    click.echo(format_summary(report, seconds), err=format_ == "github")
