"""What Git was asked ahead of time: it is at work while something else is done."""

from __future__ import annotations

import os

from ledger.git_process import RunningGit


class ExpectedAnswers:
    """Git at work on questions whose answers will be wanted soon; each is taken once, or ended.

    A copy of the process knows of none: only who has started Git can wait for it.
    """

    def __init__(self) -> None:
        self._running: dict[tuple[str, ...], RunningGit] = {}
        self._process = os.getpid()

    def add(self, question: tuple[str, ...], running: RunningGit) -> None:
        """Keep what works on a question until somebody wants the answer."""
        self.end_one(question)
        self._running[question] = running

    def take(self, question: tuple[str, ...]) -> RunningGit | None:
        """Return what works on a question; None if nobody has asked it."""
        return self._running.pop(question, None) if os.getpid() == self._process else None

    def end_one(self, question: tuple[str, ...]) -> None:
        """End what works on a question, if anything does."""
        running = self.take(question)
        if running is not None:
            running.end()

    def end(self) -> None:
        """End all that nobody wanted."""
        for question in [*self._running]:
            self.end_one(question)
