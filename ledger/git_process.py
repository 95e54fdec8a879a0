"""Runs Git, with everything switched off that a repository's own settings could make it run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ledger.errors import LedgerError

GIT_IS_MISSING = ("git is not installed", "install git and try again")

_SAFE_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "log.showSignature=false",
)
_PROGRAM = ("git", *(part for option in _SAFE_CONFIG for part in ("-c", option)))
_ENVIRONMENT = {
    # A partial clone would run what its configuration fetches with.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


class GitError(LedgerError):
    """Git could not do what it was asked for.

    Attributes:
        status: what Git ended with.
        said: what it printed on standard error.
    """

    def __init__(self, message: str, hint: str = "", status: int = -1, said: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.said = said


def run_git(
    folder: Path,
    arguments: Sequence[str],
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    unset: Iterable[str] = (),
) -> bytes:
    """Run Git in a folder; return what it prints.

    Args:
        folder: of the work tree, or of a bare repository.
        arguments: options and ids; nothing that a user typed, but after ``--end-of-options``.
        stdin: what Git reads.
        environment: variables for this one run.
        unset: variables of the environment that Git must not see.

    Raises:
        GitError: Git failed.
        LedgerError: Git is not there.
    """
    left_out = set(unset)
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    try:
        done = subprocess.run(  # noqa: S603 - Git; what it is told is ours, see above
            [*_PROGRAM, *arguments],
            cwd=folder,
            env={**inherited, **_ENVIRONMENT, **(environment or {})},
            check=False,
            capture_output=True,
            input=stdin,
        )
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise LedgerError(f"there is no folder {folder} any more") from error
        raise LedgerError(*GIT_IS_MISSING) from error
    if done.returncode:
        raise _explain_failure(done.returncode, done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _explain_failure(status: int, said: str) -> GitError:
    if "dubious ownership" in said:
        return GitError(
            "the repository belongs to somebody else, so Git does not trust it",
            "git config --global --add safe.directory FOLDER, if you do",
            status,
            said,
        )
    line = said.partition("\n")[0].removeprefix("fatal: ")
    return GitError(line or f"git ended with status {status}", "", status, said)
