"""What is raised when an operation could not do its work; a part of ``ledger.errors``.

It is a file by itself for what is started before anything else is loaded: the values of
``ledger.errors`` are data classes, and what makes those takes long to load.
"""

from __future__ import annotations


class LedgerError(Exception):
    """An operation could not do its work.

    Attributes:
        message: one line that says what went wrong.
        hint: what to do about it; may be empty.
        exit_status: what the command line exits with; 2 unless a command documents another.
    """

    exit_status = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnknownNameError(LedgerError):
    """Somebody asked for a customer, request or record that the ledger does not have."""
