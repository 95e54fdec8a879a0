"""Setting up Git's hooks, so that it asks ``punchcard`` before it takes a commit or a push."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ledger.errors import LedgerError
from ledger.git import GitRepository

_MARK = "# Made by `punchcard hook install`."
_SAYS = {
    "pre-commit": "# Checks the ledger as it is staged; `git commit --no-verify` leaves it out.",
    "pre-receive": "# Checks what is pushed to protected branches before it is taken.",
}


def choose_hook(repository: GitRepository) -> str:
    """Return the hook that fits: for who commits here, or for who pushes to a bare repository."""
    return "pre-receive" if repository.root is None else "pre-commit"


def install_hook(
    repository: GitRepository, name: str, ledger: str | None = None, *, force: bool = False
) -> Path:
    """Write the hook ``name`` and return its file.

    Args:
        repository: where to.
        name: ``pre-commit`` or ``pre-receive``.
        ledger: the ledger's folder from the root of the work tree, if it is not the usual one.
        force: replace a hook that somebody else made.

    Raises:
        LedgerError: there is a hook that somebody else made, or hooks are kept elsewhere.
    """
    _reject_other_folder(repository, name)
    file = repository.git_folder / "hooks" / name
    if not force and _is_foreign(file):
        raise LedgerError(
            f"there is a {name} hook already: {file}",
            f"add `{make_command(name, ledger)}` to it, or replace it with --force",
        )
    script = f"#!/bin/sh\n{_MARK}\n{_SAYS[name]}\nexec {make_command(name, ledger)}\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(script, encoding="utf-8")
        file.chmod(0o755)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {error.strerror}") from error
    return file


def make_command(name: str, ledger: str | None = None) -> str:
    """Return the shell command that a hook runs: this very installation, from any folder."""
    # -P: a folder called `ledger` in the repository must not be taken for this program.
    option = ["--ledger", ledger] if ledger is not None else []
    return shlex.join([sys.executable, "-P", "-m", "ledger.cli", *option, "hook", name])


def _reject_other_folder(repository: GitRepository, name: str) -> None:
    listed = repository.ask("config", "--show-scope", "--get-all", "core.hooksPath") or b""
    scopes = [line.partition("\t") for line in listed.decode().splitlines()]
    places = [place for scope, _tab, place in scopes if scope != "command"]
    if places:
        raise LedgerError(
            f"this repository's hooks are kept in {places[-1]} (core.hooksPath)",
            f"let the {name} hook there run `{make_command(name)}`",
        )


def _is_foreign(file: Path) -> bool:
    if file.is_symlink():
        return True
    try:
        return _MARK not in file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
