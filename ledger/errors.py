"""What can go wrong, as values.

A ``Problem`` says that the data is wrong: it is collected, sorted and shown, never raised.
A ``LedgerError`` says that an operation could not do its work: it is raised, and the command
line turns it into one message and an exit status. Anything else that is raised is a bug.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

MOST_IN_FILE = 100
"""How many problems of a file are shown; of the others it is said how many there are."""


class Severity(StrEnum):
    """How much a problem weighs: an error fails the check, a warning does so only if strict."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class SourcePosition:
    """A place in a file: ``file`` from the root of the work tree, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class SourceExcerpt:
    """The source line a problem points at, and how many characters of it are marked."""

    text: str
    width: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the data, and how to correct it.

    ``rule`` is a name that ``punchcard check --list-rules`` has; ``hint`` is the next step, short
    enough to stand beside the mark; it may be empty. One that says how many more there are stands
    for a ``count``.
    """

    rule: str
    position: SourcePosition
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    excerpt: SourceExcerpt | None = None
    count: int = 1

    @property
    def sort_key(self) -> tuple[SourcePosition, bool, str, str]:
        """Problems are shown by file and line, then by rule, so that every run prints the same."""
        return (self.position, self.count > 1, self.rule, self.message)

    def __str__(self) -> str:
        return f"{self.position}: {self.severity}[{self.rule}]: {self.message}"

    def to_json(self) -> dict[str, Any]:
        """Return it as other programs read it."""
        start = {"rule": self.rule, "severity": self.severity.value, **asdict(self.position)}
        return {**start, "message": self.message, "hint": self.hint or None}


class LedgerError(Exception):
    """An operation could not do its work: one line that says why, and what to do about it."""

    exit_status = 2  # of the command line, unless a command documents another
    problems: tuple[Problem, ...] = ()  # why, if the data is wrong; shown before the message

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnknownNameError(LedgerError):
    """Somebody asked for a customer, request or record that the ledger does not have."""


@contextmanager
def naming_failure(what: str, hint: str = "") -> Iterator[None]:
    """Let a LedgerError say what the system refused: ``cannot write FILE: Permission denied``."""
    try:
        yield
    except OSError as error:
        raise LedgerError(f"{what}: {error.strerror}", hint) from error


def limit_problems(problems: Iterable[Problem], most: int, where: str) -> Iterator[Problem]:
    """Yield the first problems, errors before warnings, and then how many more there are there."""
    given = sorted(problems, key=lambda each: (each.count > 1, each.severity is not Severity.ERROR))
    is_few = sum(each.count == 1 for each in given) <= most
    shown = len(given) if is_few else most
    yield from given[:shown]
    for severity in Severity:
        left = [each for each in given[shown:] if each.severity is severity]
        if left:
            yield stand_for(left[0], sum(each.count for each in left), where)


def stand_for(problem: Problem, count: int, where: str = "in this file") -> Problem:
    """Return the problem that says that there are ``count`` more, of which this is the first."""
    if count == problem.count == 1:
        return problem
    message, hint = f"and {count:,} more {problem.severity}s {where}", "mend those shown first"
    return replace(problem, message=message, hint=hint, excerpt=None, count=count)
