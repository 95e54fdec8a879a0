"""``punchcard hook``, ``merge-driver`` and ``resolve``: what Git runs, and what mends conflicts."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from ledger.cli import lazy
from ledger.cli.arguments import FILE
from ledger.cli.main import DATA_HAS_PROBLEMS, CommandGroup
from ledger.cli.options import as_of_option, find_named_folder, find_today, format_option
from ledger.cli.printing import print_answer, print_json, print_problems
from ledger.errors import LedgerError, Severity, naming_failure


@click.group("hook", cls=CommandGroup)
def hook() -> None:
    """Let Git check the ledger before it takes a commit or a push.

    \b
    Examples:
      punchcard hook install
    """


@hook.command("install", short_help="Set up the hook that fits this repository.")
@click.option("--force", is_flag=True, help="Replace a hook that somebody else made.")
@format_option("text", "json")
def install_command(force: bool, format_: str) -> None:
    """Set up the hook that fits: pre-commit, or pre-receive in a bare repository; and try it.

    In a work tree, Git is also told to merge files of the ledger record by record; the line in
    .gitattributes is to be committed.

    \b
    Examples:
      punchcard hook install
      punchcard --ledger /srv/git/ledger.git hook install
    """
    folder = find_named_folder()
    around = (folder or Path.cwd()).absolute()
    with lazy.git.GitRepository.open_around(around) as repository:
        _folder, prefix = lazy.ledger.find_folder(around, repository, is_named=folder is not None)
        _folder, usual = lazy.ledger.find_folder(around, repository, is_named=False)
        named = None if prefix == usual else prefix.rstrip("/") or "."
        file = lazy.hooks.install_hook(repository, named, force=force)
        attributes = lazy.hooks.install_merge_driver(repository, prefix)
    merged = f"\n{attributes} says how the ledger is merged: commit it" if attributes else ""
    print_answer(format_, {"file": str(file)}, f"{file} is set up{merged}")


@hook.command("pre-commit", short_help="Check the ledger as it is staged.")
@as_of_option
def pre_commit_command(as_of: date | None) -> int:
    """Check the ledger as it is staged, whatever the work tree holds.

    A merge also has to keep what either side had added.

    \b
    Examples:
      punchcard hook pre-commit
    """
    named = os.environ.get("GIT_INDEX_FILE")
    index = None if named is None else Path(named).absolute()
    with lazy.ledger.open_staged_ledger(find_named_folder(), index) as ledger:
        report = lazy.check.check_ledger(ledger, as_of or find_today(ledger))
        lost = lazy.history_check.find_staged_losses(ledger, report.as_of, index)
        if not any(each.severity is Severity.ERROR for each in (*report.problems, *lost)):
            return 0
        head = ledger.require_repository("no commits").find_head()
        report = lazy.history_check.add_history(report, ledger, [head] if head else [], lost)
    return _show(report, "the commit is refused")


@hook.command("pre-receive", short_help="Check what is pushed to protected branches.")
@click.option(
    "--protected",
    metavar="BRANCH",
    multiple=True,
    help="A branch to guard, or a pattern such as release/*; may be given more than once.  "
    "[default: git config punchcard.protected, else the repository's HEAD]",
)
@as_of_option
def pre_receive_command(protected: tuple[str, ...], as_of: date | None) -> int:
    """Check what is pushed to protected branches; Git says on standard input what that is.

    \b
    Examples:
      echo "$OLD $NEW refs/heads/main" | punchcard hook pre-receive
    """
    folder = find_named_folder()
    pushed = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    with lazy.git.GitRepository.open_around((folder or Path.cwd()).absolute()) as repository:
        pushes = [*lazy.hooks.judge_push(repository, pushed, protected)]
    status = 0
    for push in pushes:
        if push.refusal is not None:
            click.echo(f"punchcard: {push.name}: refused: {push.refusal}", err=True)
            status = DATA_HAS_PROBLEMS
            continue
        with lazy.ledger.open_ledger(folder, push.new) as ledger:
            report = lazy.hooks.check_push(ledger, push, as_of or find_today(ledger))
        if report.problems:
            verdict = "refused" if report.error_count else "taken, with warnings"
            status |= _show(report, f"{push.name}: the push is {verdict}")
    return status


def _show(report: lazy.check.CheckReport, what: str) -> int:
    """Show what was found, and return the status that follows from it."""
    print_problems(report.problems)
    click.echo(f"punchcard: {what}: {lazy.formats.format_summary(report)}", err=True)
    return DATA_HAS_PROBLEMS if report.error_count else 0


@click.command("merge-driver")
@click.argument("base", type=FILE)
@click.argument("ours", type=FILE)
@click.argument("theirs", type=FILE)
@click.argument("name", required=False)
def merge_driver_command(base: Path, ours: Path, theirs: Path, name: str | None) -> int:
    """Merge two versions of a file of the ledger record by record, for Git.

    BASE is the version that both were made from; what comes of the merge is written to OURS. NAME
    is what the file is called in messages. Exit status: 0 merged, 1 records are in conflict; they
    are in OURS between marker lines, each whole.

    \b
    Examples:
      git config merge.punchcard.driver "punchcard merge-driver %O %A %B %P"
      echo "customers/** merge=punchcard" >> .gitattributes
    """
    with naming_failure(f"cannot merge {name or ours}"):
        merged = lazy.merge.merge_files(base.read_bytes(), ours.read_bytes(), theirs.read_bytes())
        ours.write_bytes(merged.content)
    _show_conflicts(name or str(ours), merged.conflicts)
    return DATA_HAS_PROBLEMS if merged.conflicts else 0


@click.command("resolve")
@format_option("text", "json")
def resolve_command(format_: str) -> int:
    """Merge what Git has left in conflict, record by record.

    After a merge, rebase or cherry-pick that stopped: every file of the ledger that is in conflict
    is merged again, from the versions that Git keeps, and staged. Two records of one id that
    differ stay in conflict; they stand in the file between marker lines, each whole. A file that
    you have mended by hand is left as it is.

    \b
    Examples:
      git merge origin/main || punchcard resolve
      punchcard resolve && git rebase --continue
    """
    with lazy.ledger.open_ledger(find_named_folder()) as ledger:
        repository, root = ledger.require_repository("no conflicts"), ledger.root
        if root is None:
            raise LedgerError("a bare repository has no conflicts", "merge in a work tree")
        resolved = lazy.merge.resolve_conflicts(repository, root, ledger.files.prefix)
    left = [file for file in resolved if file.conflicts]
    if format_ == "json":
        print_json([{"file": x, "merged": not found, "conflicts": found} for x, found in resolved])
        return DATA_HAS_PROBLEMS if left else 0
    for path, conflicts in resolved:
        if not conflicts:
            click.echo(f"{path}: merged")
        _show_conflicts(path, conflicts)
    if left:
        return DATA_HAS_PROBLEMS
    done = "see punchcard check and git diff --cached, then go on with git"
    click.echo(done if resolved else "nothing of the ledger is in conflict")
    return 0


def _show_conflicts(name: str, conflicts: tuple[str, ...]) -> None:
    for conflict in conflicts:
        click.echo(f"punchcard: {name}: {conflict}", err=True)
