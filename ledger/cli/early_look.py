"""What is started before the command line is read, which is when most of the program is loaded.

So little may be imported here; and nothing is decided: what nobody wants in the end is ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.default_folder import DEFAULT_FOLDER
from ledger.failed_operation import LedgerError
from ledger.git_repository import GitRepository
from ledger.work_tree_look import end_looks, look_ahead

_LEDGER_VARIABLE = "PUNCHCARD_LEDGER"
_LOOKS_ELSEWHERE = ("--rev", "--no-cache", "--list-rules", "--help")


@contextmanager
def looking_ahead(arguments: Sequence[str]) -> Iterator[None]:
    """Let Git look at the work tree if a command line seems to want it; end it with the context."""
    try:
        if _seems_to_look(arguments):
            with suppress(LedgerError, OSError):  # Who really looks will say it.
                _look()
        yield
    finally:
        end_looks()


def _seems_to_look(arguments: Sequence[str]) -> bool:
    is_elsewhere = _LEDGER_VARIABLE in os.environ or any(
        argument.startswith(_LOOKS_ELSEWHERE) for argument in arguments
    )
    return arguments[:1] == ["check"] and not is_elsewhere


def _look() -> None:
    with GitRepository.open_around(Path.cwd()) as repository:
        folder = None if repository.root is None else repository.root / DEFAULT_FOLDER
        if folder is not None and folder.is_dir() and not folder.is_symlink():
            look_ahead(repository, f"{DEFAULT_FOLDER}/")
