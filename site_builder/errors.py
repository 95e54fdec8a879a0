"""Refusals: a ledger with errors makes no portals, and a clock that jumped closes none."""

from collections.abc import Sequence
from datetime import date, timedelta

from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity
from ledger.ledger import Ledger

_LONGEST_PAUSE = timedelta(days=92)


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
    """Raise a LedgerHasErrorsError with all errors of a ledger, less those after ``as_of``."""
    report = check_ledger(ledger, as_of, includes_future=False, jobs=jobs)
    if report.error_count:
        raise LedgerHasErrorsError(
            [problem for problem in report.problems if problem.severity is Severity.ERROR]
        )


def refuse_jump(today: date, last: date | None, what: str) -> None:
    """Refuse a day of the clock that is months after the ``last`` one, which is named ``what``."""
    if last is not None and today - last > _LONGEST_PAUSE:
        raise LedgerError(
            f"{today} is {(today - last).days:,} days after {last}, {what}: is the clock right?",
            f"whatever ends by then would be closed; --as-of {today} if that is meant",
        )
