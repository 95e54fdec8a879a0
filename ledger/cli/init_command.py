"""``punchcard init``."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ledger.new_ledger import FirstConsultant

_DISTRIBUTION = "service-punchcards"


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--install",
    metavar="SPEC",
    help="What the workflows give to pip: a version, a path, a git+https address.  "
    f"[default: {_DISTRIBUTION}, this version]",
)
def init_command(folder: Path, install: str | None) -> None:
    """Start a new ledger: a Git repository in DIR with an example customer.

    It holds what is needed from the first day on: your company's files to fill in, the look of the
    portals, editor schemas, a pre-commit hook, workflows that check pull requests and build the
    portals every week, and a guide for the consultants.

    \b
    Examples:
      punchcard init ledger
      punchcard init ledger --install "git+https://git.example/tools/service-punchcards@main"
    """
    from ledger.new_ledger import make_new_ledger, write_new_ledger

    consultant = _find_consultant(folder)
    spec = install or _find_this_version()
    files = make_new_ledger(datetime.now(UTC).date(), consultant, spec)
    write_new_ledger(folder, files)
    _start_repository(folder)
    click.echo(f"a new ledger in {folder}: {len(files)} files, one example customer")
    click.echo(f"{consultant.name} <{consultant.email}> may log time as {consultant.handle}")
    click.echo(f"next: cd {folder} && punchcard check, then see README.md")


def _find_this_version() -> str:
    try:
        return f"{_DISTRIBUTION}=={metadata.version(_DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return _DISTRIBUTION


def _find_consultant(folder: Path) -> FirstConsultant:
    from ledger.git_repository import find_identity
    from ledger.new_ledger import make_first_consultant

    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    return make_first_consultant(*find_identity(existing))


def _start_repository(folder: Path) -> None:
    from ledger.repository_place import start_repository

    if not (folder / ".git").exists():
        start_repository(folder)
