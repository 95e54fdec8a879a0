"""The guard of a shared repository: what may become of its protected branches.

A protected branch goes forward only, to commits whose ledger is right and alters nothing that was
recorded. Tags of publications are there for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

from ledger.check import CheckReport, check_ledger
from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.history.git_history import is_ancestor
from ledger.history.history_check import add_problems, check_history
from ledger.history.publication import TAG_PREFIX
from ledger.ledger import Ledger

PROTECTED_SETTING = "punchcard.protected"
_BRANCH_PREFIX = "refs/heads/"


class RefUpdate(NamedTuple):
    """What a push does to a branch or tag; an id of zeros stands for nothing."""

    old: str
    new: str
    ref: str

    @property
    def is_branch(self) -> bool:
        """Whether it is about a branch."""
        return self.ref.startswith(_BRANCH_PREFIX)

    @property
    def creates(self) -> bool:
        """Whether the branch or tag was not there before."""
        return not self.old.strip("0")

    @property
    def deletes(self) -> bool:
        """Whether the branch or tag is not there afterwards."""
        return not self.new.strip("0")

    @property
    def name(self) -> str:
        """The branch or tag as people call it."""
        return self.ref.removeprefix(_BRANCH_PREFIX).removeprefix("refs/tags/")


def parse_updates(text: str) -> list[RefUpdate]:
    """Return what Git tells a pre-receive hook on its standard input.

    Raises:
        LedgerError: it is something else.
    """
    updates = []
    for line in text.splitlines():
        fields = line.split(" ", 2)
        if len(fields) != len(RefUpdate._fields):
            raise LedgerError(
                f"{line!r} is not what Git tells a pre-receive hook",
                "let Git run this, or set it up with `punchcard hook install`",
            )
        updates.append(RefUpdate(*fields))
    return updates


def find_protected(repository: GitRepository, chosen: Sequence[str] = ()) -> tuple[str, ...]:
    """Return patterns of the names of protected branches.

    They are those that are ``chosen``, else those of the setting ``punchcard.protected``, else
    the branch that the repository's HEAD is on.
    """
    if chosen:
        return tuple(chosen)
    setting = repository.ask("config", "--get-all", PROTECTED_SETTING)
    if setting is not None:
        return tuple(setting.decode().split())
    head = repository.ask("symbolic-ref", "--quiet", "HEAD")
    return () if head is None else (head.strip().decode().removeprefix(_BRANCH_PREFIX),)


def list_guarded(updates: Iterable[RefUpdate], protected: Sequence[str]) -> Iterator[RefUpdate]:
    """Yield the updates of protected branches and of publications' tags."""
    for update in updates:
        is_named = any(fnmatchcase(update.name, pattern) for pattern in protected)
        is_publication = update.ref.startswith(f"refs/tags/{TAG_PREFIX}")
        if is_publication or (update.is_branch and is_named):
            yield update


def find_refusal(repository: GitRepository, update: RefUpdate) -> str | None:
    """Return why an update of a protected branch or tag is refused, whatever it brings."""
    if not update.is_branch:
        return None if update.creates else "a publication's tag is neither moved nor deleted"
    if update.deletes:
        return "the branch is protected: it is not deleted"
    if not update.creates and not is_ancestor(repository, update.old, update.new):
        return "the branch is protected: it goes forward only, without a forced push"
    return None


def check_update(ledger: Ledger, update: RefUpdate, as_of: date) -> CheckReport:
    """Check the ledger at the new commit, and its history since the old one."""
    report = check_ledger(ledger, as_of)
    bases = () if update.creates else (update.old,)
    return add_problems(report, check_history(ledger, bases, as_of))
