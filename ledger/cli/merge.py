"""``punchcard merge-driver`` and ``resolve``: merges record by record."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.options import find_named_folder, format_option
from ledger.cli.printing import print_json
from ledger.errors import LedgerError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("merge-driver")
@click.argument("base", type=_FILE)
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
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
    from ledger.writing.merge import merge_files

    try:
        merged = merge_files(base.read_bytes(), ours.read_bytes(), theirs.read_bytes())
        ours.write_bytes(merged.content)
    except OSError as error:
        raise LedgerError(f"cannot merge {name or ours}: {error.strerror}") from error
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
    from ledger.ledger import open_ledger
    from ledger.writing.resolve import resolve_conflicts

    with open_ledger(find_named_folder()) as ledger:
        repository, root = ledger.require_repository("no conflicts"), ledger.root
        if root is None:
            raise LedgerError("a bare repository has no conflicts", "merge in a work tree")
        resolved = resolve_conflicts(repository, root, ledger.files.prefix)
    left = [file for file in resolved if file.conflicts]
    if format_ == "json":
        print_json(
            [
                {"file": path, "merged": not conflicts, "conflicts": list(conflicts)}
                for path, conflicts in resolved
            ]
        )
        return DATA_HAS_PROBLEMS if left else 0
    for file in resolved:
        if not file.conflicts:
            click.echo(f"{file.path}: merged")
        _show_conflicts(file.path, file.conflicts)
    if left:
        return DATA_HAS_PROBLEMS
    done = "see punchcard check and git diff --cached, then go on with git"
    click.echo(done if resolved else "nothing of the ledger is in conflict")
    return 0


def _show_conflicts(name: str, conflicts: tuple[str, ...]) -> None:
    for conflict in conflicts:
        click.echo(f"punchcard: {name}: {conflict}", err=True)
