"""What a change does to a ledger: it is refused if an error would be there afterwards.

The customer's folder and the organization's files must be without error. Another customer's
errors are no obstacle: nobody has to wait until somebody else has mended them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.source import FileKind, LedgerFile, LedgerFiles
from ledger.ledger import Ledger, list_places


class RefusedError(LedgerError):
    """There would be errors, the ``problems``, so nothing was written."""

    exit_status = 1

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


class _ChangedFiles:
    """The files of a ledger with other content in one; see ``ledger.files.source.LedgerFiles``."""

    def __init__(self, files: LedgerFiles, path: str, content: bytes) -> None:
        self.prefix = files.prefix
        self._files = files
        self._changed = LedgerFile(path, FileKind.FILE, len(content))
        self._content = content

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        path = self._changed.path
        others = [file for file in self._files.list_files(under) if file.path != path]
        if under and not any(path == place or path.startswith(f"{place}/") for place in under):
            return others
        return sorted([*others, self._changed])

    def read(self, path: str) -> bytes:
        return self._content if path == self._changed.path else self._files.read(path)


def slug_of(path: str) -> str:
    """Return whose file ``path`` is, relative to the ledger's folder."""
    return path.partition("/")[0]


def change_ledger(ledger: Ledger, path: str, content: bytes) -> Ledger:
    """Return the part of ``ledger`` that a customer's file is in, with other content in it."""
    files = _ChangedFiles(ledger.files, path, content)
    listed = files.list_files(list_places((slug_of(path),)))
    return Ledger(files, listed, ledger.repository)


def check_change(before: Ledger, after: Ledger, slug: str, as_of: date) -> tuple[Problem, ...]:
    """Return the warnings that a change of a customer's files brings.

    Raises:
        RefusedError: after the change there are errors, new ones or others.
    """
    found = check_ledger(after, as_of, (slug,)).problems
    there = check_ledger(before, as_of, (slug,)).problems if slug in before.slugs else ()
    known = {_identify(problem) for problem in there}
    new = tuple(problem for problem in found if _identify(problem) not in known)
    if errors := _list_errors(new):
        message = f"{slug} would have {_count(errors)}, so nothing was written"
        raise RefusedError(message, errors)
    if errors := _list_errors(found):
        message = f"{slug} has {_count(errors)} already, so nothing was written"
        raise RefusedError(message, errors, "mend what is there first")
    return new


def _list_errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def _count(errors: Sequence[Problem]) -> str:
    return f"{len(errors)} error{'' if len(errors) == 1 else 's'}"


def _identify(problem: Problem) -> tuple[str, str, str]:
    # Without the line: a record that comes in moves what stands below it.
    return problem.position.file, problem.rule, problem.message
