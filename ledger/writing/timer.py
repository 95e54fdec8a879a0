"""A timer that runs for a request: one a user, in a file, so that it outlives a reboot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.files.durable_files import replace_durably
from ledger.text import make_printable
from ledger.writing.files import hold_lock

_LONGEST_MINUTES = 12 * 60
_SAY_DURATION = "say how long it was: punchcard stop 45m; or punchcard stop --discard"


class Timer(BaseModel):
    """What runs since when; ``ledger`` is the path of the ledger's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ledger: str
    customer: str
    request: str
    title: str
    started: AwareDatetime
    note: str | None = None

    def count_minutes(self, now: datetime) -> int:
        """Return the minutes since the start, a begun one too."""
        return -(-int((now - self.started).total_seconds()) // 60)

    def measure(self, now: datetime) -> int:
        """Return the minutes to be logged; a LedgerError says why they cannot be right."""
        minutes = self.count_minutes(now)
        if minutes < 0:
            raise LedgerError("the clock was put back since the timer was started", _SAY_DURATION)
        if minutes > _LONGEST_MINUTES:
            hours = minutes // 60
            raise LedgerError(f"the timer has run for {hours} hours: forgotten?", _SAY_DURATION)
        return max(minutes, 1)

    def describe(self, now: datetime) -> str:
        """Return what runs since when, by the clock on the wall, and for how long."""
        started = self.started.astimezone(now.tzinfo)
        since = f"{started:%H:%M}" if started.date() == now.date() else f"{started:%Y-%m-%d %H:%M}"
        minutes = format_minutes(self.count_minutes(now))
        return f"{self.request} since {since}, {minutes}: {make_printable(self.title)}"

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return it as other programs read it."""
        minutes = self.count_minutes(now)
        return {**self.model_dump(mode="json", exclude={"ledger"}), "minutes": minutes}


class TimerFile(NamedTuple):
    """The file that the user's timer is in, while it runs."""

    path: Path

    @classmethod
    @contextmanager
    def hold(cls, folder: Path) -> Iterator[TimerFile]:
        """Hold the file in the user's folder, which is made if need be, while nobody else does."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"cannot make {folder}: {error.strerror}") from error
        with hold_lock(folder / "timer.lock"):
            yield cls(folder / "timer.json")

    def read(self) -> Timer | None:
        """Return the timer that runs; a LedgerError says that the file is damaged."""
        try:
            return Timer.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise LedgerError(f"cannot read the timer in {self.path}", "delete the file") from error

    def write(self, timer: Timer) -> None:
        """Let a timer run from now on."""
        replace_durably(self.path, timer.model_dump_json().encode(), mode=0o600)

    def remove(self) -> None:
        """Let no timer run any more."""
        self.path.unlink(missing_ok=True)
