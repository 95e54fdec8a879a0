"""``punchcard check`` and ``explain``."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ledger.cli import lazy, options, printing
from ledger.cli.arguments import FILE, RULE, complete_rule
from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.options import Reading, format_option, reading_options
from ledger.errors import naming_failure
from ledger.rules.explain import format_explanation, load_rule_texts
from ledger.text import shorten_id


def _list_rules(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        _show_rules()
        context.exit()


@click.command("check")
@reading_options("text", "json", "github")
@click.option(
    "--since",
    metavar="REV",
    help="Compare with where this parted from REV: what was recorded there stays as it was.  "
    "[default: in a CI job, the target of the request or what was there before the merge]",
)
@click.option("--no-since", is_flag=True, help="Compare with nothing, even in a CI job.")
@click.option(
    "--summary",
    type=FILE,
    help="Append a Markdown table of what became of each balance since the base to FILE.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check, too.")
@click.option(
    "--only",
    metavar="RULE",
    multiple=True,
    type=RULE,
    shell_complete=complete_rule,
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
@options.jobs_option
def check_command(
    reading: Reading,
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
    says how many others there are. Of warnings that were there at the base it says the number.

    What a check finds is kept by the content that it was found in, in the folder that
    PUNCHCARD_CACHE_DIR names or the user's cache folder.

    \b
    Examples:
      punchcard check
      punchcard check --since origin/main
      punchcard check --format github --summary "$GITHUB_STEP_SUMMARY"
      punchcard check --only overdrawn --as-of 2026-11-20
    """
    started, formats, history = time.perf_counter(), lazy.formats, lazy.history_check
    if since is not None and no_since:
        raise click.UsageError("--since and --no-since are said at once")
    how: dict[str, Any] = {
        "jobs": jobs or lazy.workers.count_cores(),
        "cache": None if no_cache else lazy.cache.CheckCache(options.find_user_folder("cache")),
    }
    with reading.open() as (ledger, as_of):
        chosen = None if no_since else history.choose_bases(ledger, since, os.environ)
        bases, reason = chosen or ((), "")
        if bases:
            click.echo(f"compared with {shorten_id(bases[0])}, {reason}", err=True)
        elif not no_since and history.is_ci(os.environ):
            click.echo(
                "history is not compared: this is no request and HEAD is no merge; "
                "--since REV compares with a revision",
                err=True,
            )
        progress = partial(printing.show_progress, "checking")
        full = lazy.check.check_ledger(ledger, as_of, progress=progress, **how)
        if bases:
            found = history.check_history(ledger, bases, as_of)
            full = history.add_history(full, ledger, bases, found, **how)
        if summary is not None:
            effects = lazy.comparison.find_effects_since(ledger, bases[0], as_of) if bases else ()
            text = formats.format_balance_summary(full, effects)
            with naming_failure(f"cannot write {summary}"), summary.open("ab") as file:
                file.write(text.encode())
        shown = [problem for problem in full.problems if not only or problem.rule in only]
        report = replace(full, problems=tuple(shown))
        if reading.format_ == "json":
            base = bases[0] if bases else None
            printing.print_json(formats.report_to_json(report, ledger.revision, base))
        else:
            # GitHub's standard output is for annotations alone.
            is_github = reading.format_ == "github"
            if is_github:
                lines = "".join(f"{line}\n" for line in formats.format_annotations(shown))
                printing.print_for_programs(lines)
            else:
                printing.print_problems(shown, err=False)
            hidden, seconds = len(full.problems) - len(shown), time.perf_counter() - started
            click.echo(formats.format_summary(report, seconds, only, hidden), err=is_github)
    failed = report.error_count or (strict and report.warning_count)
    return DATA_HAS_PROBLEMS if failed else 0


@click.command("explain")
@click.argument("rule", required=False, type=RULE, shell_complete=complete_rule)
@format_option("text", "json")
def explain_command(rule: str | None, format_: str) -> None:
    """Explain a rule of the check: why it is there, an example, and how to mend it.

    Without a rule, list all of them.

    \b
    Examples:
      punchcard explain
      punchcard explain overdrawn
    """
    rules = load_rule_texts()
    if format_ == "json":
        chosen = [asdict(each) for each in rules.values() if rule in {None, each.name}]
        printing.print_json([{"rule": each.pop("name"), **each} for each in chosen])
    elif rule is None:
        _show_rules()
    else:
        click.echo(format_explanation(rules[rule]))
    printing.require_output()


def _show_rules() -> None:
    """Print a line for each rule."""
    rules = load_rule_texts().values()
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.name:<{width}}  {rule.severity:<7}  {rule.says}")
