"""Whether a machine and a repository are set up for their work: what ``punchcard doctor`` says.

Each check looks at one thing and changes nothing. It says what is well, or raises a ``LedgerError``
that says what is not, and what to do.
"""

import platform
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from ledger.check import find_organization_problems
from ledger.errors import LedgerError
from ledger.git import FETCH_HINT, GitRepository
from ledger.history.commits import find_protected
from ledger.history.hooks import MERGE_DRIVER, find_hook, name_hook, try_hook
from ledger.history.publications import TAG_PREFIX
from ledger.intake.sign_ins import list_names, read_logs
from ledger.ledger import Ledger
from ledger.rules.catalogue import check_organization
from ledger.writing.commit import require_identity
from ledger.writing.draft import find_consultant

_FRESH = timedelta(days=2)
_CLOCKS_DIFFER = timedelta(minutes=5)
_COMPANY_IS_RIGHT = "provider.yml, terms.yml and consultants.yml are right"
_HOOK_HINT = "punchcard hook install"
OK, DOUBTFUL, WRONG = "ok", "doubtful", "wrong"


class Finding(NamedTuple):
    """What a check found; ``state``: ok, doubtful (it may be meant so) or wrong."""

    check: str
    state: str
    says: str
    hint: str = ""


@dataclass
class Setup:
    """What is looked at: web servers' logs, what they serve, ``now`` in the provider's zone."""

    ledger: Ledger
    repository: GitRepository
    now: datetime
    cache: Path
    logs: tuple[str, ...] = ()
    portals: Path | None = None
    _found: list[Finding] = field(default_factory=list)

    def examine(self) -> list[Finding]:
        """Return what each check finds."""
        self._look_at_people()
        self._look_at_git()
        self._look_at_company()
        self._look_at_server()
        return self._found

    @contextmanager
    def _check(self, name: str, weight: str = WRONG) -> Iterator[Callable[[str], None]]:
        """Give what says what is well; a LedgerError meanwhile says what is not, and what to do.

        ``weight``: how much that weighs.
        """
        try:
            yield lambda says: self._found.append(Finding(name, OK, says))
        except LedgerError as error:
            self._found.append(Finding(name, weight, error.message, error.hint))
        except OSError as error:
            says = f"{error.filename}: {error.strerror}"
            self._found.append(Finding(name, weight, says, "may you go there?"))

    def _look_at_people(self) -> None:
        with self._check("versions") as say:
            said = self.repository.run("version").decode().removeprefix("git version ").strip()
            if [int(part) for part in said.split(".")[:2]] < [2, 31]:
                raise LedgerError(f"this is Git {said}", "install Git 2.31 or newer")
            program = metadata.version("service-punchcards")
            say(f"punchcard {program}, Python {platform.python_version()}, Git {said}")
        with self._check("identity") as say:
            require_identity(self.repository)
            say("Git knows who you are")
        with self._check("consultant", DOUBTFUL) as say:
            today = self.now.date()
            consultant = find_consultant(self.ledger, None)
            if not consultant.works_on(today):
                raise LedgerError(f"{consultant.handle}'s last working day was {consultant.until}")
            say(f"you are {consultant.handle} ({consultant.name})")

    def _look_at_git(self) -> None:
        repository = self.repository
        with self._check("hook") as say:
            name, file = name_hook(repository), find_hook(repository)
            if file is None:
                raise LedgerError(f"no {name} hook checks what Git takes", _HOOK_HINT)
            try:
                try_hook(repository, name, file)
            except LedgerError as error:
                raise LedgerError(error.message, _HOOK_HINT) from error
            say(f"the {name} hook works")
        if repository.root is not None:
            with self._check("merging", DOUBTFUL) as say:
                if repository.ask("config", MERGE_DRIVER) is None:
                    raise LedgerError("Git does not merge the ledger record by record", _HOOK_HINT)
                say("Git merges the ledger record by record")
        with self._check("history") as say:
            if repository.is_shallow():
                raise LedgerError("not all of the history is here", FETCH_HINT)
            say("the whole history is here")
        with self._check("tags", DOUBTFUL) as say:
            tags = repository.run("for-each-ref", "--format=x", f"refs/tags/{TAG_PREFIX}").split()
            if not tags and repository.run("remote").strip():
                raise LedgerError("no publication is known here", "git fetch --tags")
            say(f"{len(tags) or 'no'} publications are known")
        with self._check("branch") as say:
            if not (protected := find_protected(repository)):
                hint = "git remote set-head origin --auto, or git config punchcard.protected BRANCH"
                raise LedgerError("no base branch is known: nothing counts as recorded", hint)
            say(f"what is on {', '.join(protected)} is recorded for good")
        with self._check("clock") as say:
            last = int(repository.ask("log", "-1", "--format=%ct") or 0)
            here = f"it is {self.now:%Y-%m-%d %H:%M} for the provider"
            if self.now + _CLOCKS_DIFFER < datetime.fromtimestamp(last, UTC):
                message = f"{here}, and the last commit is of a later time"
                raise LedgerError(message, "set the clock: timedatectl set-ntp true")
            say(here)

    def _look_at_company(self) -> None:
        read = self.ledger.organization
        for name, weight, problems, says in (
            ("company", WRONG, find_organization_problems(read), _COMPANY_IS_RIGHT),
            ("examples", DOUBTFUL, check_organization(read, "placeholder"), ""),
        ):
            with self._check(name, weight) as say:
                for problem in problems:
                    message = f"{problem.position.file}: {problem.message}"
                    raise LedgerError(message, problem.hint)
                if says:
                    say(says)

    def _look_at_server(self) -> None:
        if self.logs:
            with self._check("logs") as say:
                visits, warnings = read_logs(self.logs, self.ledger.organization.zone)
                if warnings:
                    raise LedgerError(warnings[0], "may you read it?")
                files = [Path(name) for log in self.logs for name in list_names(log)]
                since = datetime.fromtimestamp(max(each.stat().st_mtime for each in files), UTC)
                if self.now - since > _FRESH:
                    hint = "name the log that the web server writes"
                    raise LedgerError(f"no log was written to since {since:%Y-%m-%d}", hint)
                say(f"the logs tell of {len(visits)} days with sign-ins")
        if (folder := self.portals) is not None:
            with self._check("portals") as say:
                above = [*folder.resolve(strict=True).parents]
                for path in (*above, folder, *folder.rglob("*")):
                    needed = stat.S_IXOTH if path in above else stat.S_IROTH
                    needed |= stat.S_IXOTH if path.is_dir() else 0
                    if path.stat().st_mode & needed != needed:
                        hint = f"chmod o+rX {path}"
                        raise LedgerError(f"the web server cannot read {path}", hint)
                say(f"a web server can read {folder}")
        with self._check("cache", DOUBTFUL) as say:
            try:
                self.cache.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=self.cache):
                    say(f"checks are remembered in {self.cache}")
            except OSError as error:
                message = f"checks cannot be remembered in {self.cache}: {error.strerror}"
                raise LedgerError(message, "set PUNCHCARD_CACHE_DIR") from error
