"""A timer that runs for a request: one a user, in a file, so that it outlives a reboot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.text import make_printable
from ledger.writing.files import hold_lock

_FILE = "timer.json"
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


def read_timer(folder: Path) -> Timer | None:
    """Return the timer that runs, from the user's folder; a LedgerError says it is damaged."""
    file = folder / _FILE
    try:
        return Timer.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise LedgerError(f"cannot read the timer in {file}", "delete the file") from error


@contextmanager
def hold_timer(folder: Path) -> Iterator[Path]:
    """Yield the timer's file in the user's folder, which is made if need be, held for us alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot make {folder}: {error.strerror}") from error
    with hold_lock(folder / "timer.lock"):
        yield folder / _FILE
