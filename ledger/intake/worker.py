"""Puts forms of a spool folder on record, one commit each, and keeps their branch up to date.

The branch has all that the main branch has, so that an answer finds its request. With a remote, a
form is removed from the folder when its commit is there. If another clone was first, our commits
are given up and made again after theirs: what is on record already is known by its message id.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from ledger.errors import LedgerError, UnknownNameError
from ledger.files.durable_files import hold_lock
from ledger.git import GitError, GitRepository
from ledger.history import commits
from ledger.intake.mail import read_request_mail
from ledger.intake.mailboxes import Spool
from ledger.intake.receive import Inbox, Received
from ledger.ledger import Ledger, open_ledger
from ledger.writing.write import Writer

_LOCK_NAME = "punchcard-intake.lock"
_MOST_AT_ONCE = 10
_TRIES = 5
_NO_QUESTIONS = {"GIT_TERMINAL_PROMPT": "0"}


@dataclass(frozen=True, slots=True)
class IntakeWorker:
    """Works on a spool folder."""

    spool: Spool
    folder: Path | None
    branch: str | None  # where the commits go; None is what is checked out
    is_pushed: bool  # whether they also go to the remote, if there is one
    # says which day it is; see ``ledger.writing.write.Writer``
    find_today: Callable[[Ledger], date]
    # how often each form was postponed; it comes after others
    tries: Counter[Path] = field(default_factory=Counter)

    def run(self) -> list[Received]:
        """Put the forms that wait on record, or postpone them; a LedgerError if none is taken."""
        waiting = self.spool.list_waiting()
        files = sorted(waiting, key=self.tries.__getitem__)[:_MOST_AT_ONCE]
        if not files:
            return []
        with open_ledger(self.folder) as ledger:
            repository = ledger.require_repository("no commits")
            line = CommitLine(repository, self.branch, self.is_pushed)
            with hold_lock(repository.git_folder / _LOCK_NAME):
                for _try in range(_TRIES):
                    line.update([file.stem for file in files])
                    done = [*self._record(files)]
                    if not line.push():
                        continue
                    for file, source, received in done:
                        if received.outcome == "postponed":
                            self.tries[file] += 1
                        else:
                            self.spool.finish(file, source, received)
                            del self.tries[file]
                    return [received for _file, _source, received in done]
        raise LedgerError("others push at the same time again and again", "it is tried again")

    def has_untried(self) -> bool:
        """Whether forms wait that were not postponed before."""
        return not self.tries.keys() >= {*self.spool.list_waiting()}

    def _record(self, files: Iterable[Path]) -> Iterator[tuple[Path, bytes, Received]]:
        write = Writer(self.folder, self.find_today, self.branch is None, self.branch).write
        reference = None if self.branch is None else f"refs/heads/{self.branch}"
        for file in files:
            slug = file.name.partition(".")[0]
            try:
                source = file.read_bytes()
                with open_ledger(self.folder, reference, (slug,)) as ledger:
                    inbox = Inbox(ledger, self.find_today(ledger), write, slug)
                    yield file, source, inbox.receive(source, read_request_mail)
            except FileNotFoundError:  # Another worker was faster.
                continue
            except UnknownNameError as error:
                yield file, source, Received("refused", "", slug, reason=error.message)


class CommitLine:
    """The branch that gets the commits, here and at the remote; None is what is checked out."""

    def __init__(self, repository: GitRepository, branch: str | None, is_pushed: bool) -> None:
        self._repository, self._is_head = repository, branch is None
        head = repository.ask("symbolic-ref", "--quiet", "--short", "HEAD") or b""
        current = head.decode().strip()
        if branch is not None and branch == current and repository.root is not None:
            raise LedgerError(f"the branch {branch} is checked out", "use --commit")
        self._name = branch or current
        if not self._name:
            raise LedgerError("HEAD is on no branch", "git switch to one")
        remotes = repository.run("remote").decode().split() if is_pushed else []
        self._remote = "origin" if "origin" in remotes else next(iter(remotes), None)

    def update(self, names: Sequence[str]) -> None:
        """Take in what the remote has, and for a branch of its own what the main branch has.

        Commits that the remote does not take any more are given up if all are of forms that still
        wait, those called ``names``.
        """
        is_ancestor, theirs = partial(commits.is_ancestor, self._repository), None
        if self._remote is not None:
            self._speak("fetch", "--quiet", self._remote)
            theirs = self._find(f"refs/remotes/{self._remote}/{self._name}")
        tip = self._find(f"refs/heads/{self._name}")
        if theirs is not None and (tip is None or not is_ancestor(theirs, tip)):
            if tip is not None and not is_ancestor(tip, theirs):
                self._require_waiting(tip, theirs, names)
            self._move(theirs, tip)
            tip = theirs
        if self._is_head:
            return
        base = self._find("HEAD@{upstream}") if self._remote else None
        base = base or self._repository.resolve_commit("HEAD")
        if tip is None or is_ancestor(tip, base):
            self._move(base, tip)
        elif not is_ancestor(base, tip):
            self._merge(base, tip)

    def push(self) -> bool:
        """Bring the commits to the remote, if there is one; False if others were first."""
        reference = f"refs/heads/{self._name}"
        if self._remote is None or self._find(reference) is None:
            return True
        try:
            self._speak("push", "--quiet", self._remote, f"{reference}:{reference}")
        except GitError as error:
            if "rejected]" in error.said or "failed to lock" in error.said:
                return False
            raise
        return True

    def _speak(self, *arguments: str) -> None:
        self._repository.run(*arguments, environment=_NO_QUESTIONS, runs_hooks=True)

    def _find(self, name: str) -> str | None:
        try:
            return self._repository.find_commit(name)
        except GitError:  # There is no upstream branch.
            return None

    def _move(self, to: str, tip: str | None) -> None:
        if to == tip:
            return
        if self._is_head:
            self._speak("reset", "--quiet", "--keep", to)
        else:
            where = f"refs/heads/{self._name}"
            self._repository.run("update-ref", "-m", "punchcard intake", where, to, tip or "0" * 40)

    def _require_waiting(self, tip: str, theirs: str, names: Sequence[str]) -> None:
        """Refuse to give up commits of anything else than forms that wait."""
        ids = [f"<{form}@intake.{slug}>" for slug, _, form in (x.partition(".") for x in names)]
        what = ("--no-merges", "--format=%x00%H", "--patch", f"{theirs}..{tip}", "^HEAD")
        for shown in self._repository.run("log", *what).decode(errors="replace").split("\0")[1:]:
            if not any(each in shown for each in ids):
                raise LedgerError(
                    f"{self._name} has commits that {self._remote} does not have, and lacks others",
                    f"bring them together with git: {shown.split()[0]}",
                )

    def _merge(self, base: str, tip: str) -> None:
        """Merge the main branch into ours, unless they contradict each other."""
        run = self._repository.run
        try:
            tree = run("merge-tree", "--write-tree", tip, base).split()[0].decode()
        except GitError as error:
            hint = f"merge them with git; what waits, waits until then ({error.message})"
            raise LedgerError(f"{self._name} and {base[:9]} change the same lines", hint) from error
        message = f"Take in {base[:9]}".encode()
        commit = run("commit-tree", "-p", tip, "-p", base, tree, stdin=message)
        self._move(commit.strip().decode(), tip)
