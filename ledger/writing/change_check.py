"""What a change does to a ledger: it is refused if an error would be there afterwards.

The customer's folder and the organization's files must be without error. Another customer's
errors are no obstacle: nobody has to wait for somebody else's mending.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity
from ledger.loader import Ledger

_Fingerprint = tuple[str, str, str]


class RefusedError(LedgerError):
    """There would be errors, so nothing was written.

    Attributes:
        problems: the errors, sorted.
    """

    exit_status = 1

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


def check_change(before: Ledger, after: Ledger, slug: str, as_of: date) -> tuple[Problem, ...]:
    """Return the warnings that a change brings.

    Raises:
        RefusedError: after the change there are errors.
    """
    found = check_ledger(after, as_of, (slug,)).problems
    known = {_fingerprint(problem) for problem in _find_problems(before, slug, as_of)}
    errors = list_errors(found)
    new = [problem for problem in errors if _fingerprint(problem) not in known]
    if new:
        raise RefusedError(f"{slug} would have {count(new)}, so nothing was written", new)
    if errors:
        message = f"{slug} has {count(errors)} already, so nothing was written"
        raise RefusedError(message, errors, "mend what is there first")
    return tuple(problem for problem in found if _fingerprint(problem) not in known)


def refuse_unreadable(ledger: Ledger, slug: str, as_of: date) -> RefusedError:
    """Return the refusal to change a file that cannot be read."""
    errors = list_errors(_find_problems(ledger, slug, as_of))
    message = f"{slug} has {count(errors)} already, so nothing was written"
    return RefusedError(message, errors, "mend what is there first")


def list_errors(problems: Sequence[Problem]) -> list[Problem]:
    """Return those of ``problems`` that are errors."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def count(errors: Sequence[Problem]) -> str:
    """Return ``1 error``, ``2 errors``."""
    return f"{len(errors)} error{'' if len(errors) == 1 else 's'}"


def _find_problems(ledger: Ledger, slug: str, as_of: date) -> tuple[Problem, ...]:
    return check_ledger(ledger, as_of, (slug,)).problems if slug in ledger.slugs else ()


def _fingerprint(problem: Problem) -> _Fingerprint:
    # Without the line: a record that comes in moves what stands below it.
    return problem.position.file, problem.rule, problem.message
