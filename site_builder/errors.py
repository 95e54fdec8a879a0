"""What keeps portals from being built."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import LedgerError, Problem


class LedgerHasErrorsError(LedgerError):
    """A ledger with errors makes no portals: a figure in it could be wrong."""

    exit_status = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"the ledger has {count} error{'' if count == 1 else 's'}, so no portal is built",
            hint="mend them; punchcard check shows where they are",
        )
