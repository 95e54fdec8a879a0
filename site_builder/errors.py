"""The refusal to build portals from a ledger with errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity
from ledger.ledger import Ledger


class LedgerHasErrorsError(LedgerError):
    """A ledger with errors makes no portals, because a figure could be wrong."""

    exit_status = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"the ledger has {count} error{'' if count == 1 else 's'}, so no portal is built",
            hint="mend them; punchcard check shows where they are",
        )


def require_no_errors(ledger: Ledger, as_of: date, jobs: int = 1) -> None:
    """Refuse a ledger with errors; records dated after ``as_of`` do not count.

    Raises:
        LedgerHasErrorsError: with all its errors, sorted.
    """
    report = check_ledger(ledger, as_of, includes_future=False, jobs=jobs)
    if report.error_count:
        raise LedgerHasErrorsError(
            [problem for problem in report.problems if problem.severity is Severity.ERROR]
        )
