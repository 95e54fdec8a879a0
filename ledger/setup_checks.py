"""Whether a machine and a repository are set up for their work: what ``punchcard doctor`` says.

Each check is a function in the tuple ``CHECKS``. It looks at one thing and changes nothing.
"""

from __future__ import annotations

import platform
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from ledger.check import find_organization_problems
from ledger.errors import LedgerError
from ledger.git import FETCH_HINT, GitRepository
from ledger.history.hooks import MERGE_DRIVER, find_hook, name_hook, try_hook
from ledger.history.protected import find_protected
from ledger.history.publications import TAG_PREFIX
from ledger.intake.access_log import list_names, read_logs
from ledger.ledger import Ledger
from ledger.rules.catalogue import check_placeholders
from ledger.writing.commit import require_identity
from ledger.writing.draft import WritingDesk, find_consultant

_OLDEST_GIT = (2, 31)
_FRESH = timedelta(days=2)
_CLOCKS_DIFFER = timedelta(minutes=5)
OK, DOUBTFUL, WRONG = "ok", "doubtful", "wrong"


class Finding(NamedTuple):
    """What a check found, and what to do about it; ``state``: ok, doubtful or wrong."""

    state: str
    says: str
    hint: str = ""


@dataclass(frozen=True)
class Setup:
    """What is looked at; ``logs`` are those of web servers, ``portals`` what they serve."""

    ledger: Ledger
    repository: GitRepository
    now: datetime
    cache: Path
    logs: tuple[str, ...] = ()
    portals: Path | None = None


def check_versions(setup: Setup) -> Iterator[Finding]:
    """Whether Git is new enough."""
    said = setup.repository.run("version").decode().removeprefix("git version ").strip()
    numbers = tuple(int(part) for part in said.split(".")[:2] if part.isdecimal())
    says = (
        f"punchcard {metadata.version('service-punchcards')}, "
        f"Python {platform.python_version()}, Git {said}"
    )
    is_old = numbers < _OLDEST_GIT
    yield Finding(WRONG if is_old else OK, says, "install Git 2.31 or newer" if is_old else "")


def check_identity(setup: Setup) -> Iterator[Finding]:
    """Whether Git knows who commits, and whose time it is."""
    try:
        require_identity(setup.repository)
    except LedgerError as error:
        yield Finding(WRONG, error.message, error.hint)
        return
    try:
        desk = WritingDesk((setup.ledger,), "", setup.now.date())
        consultant = find_consultant(desk, None)
    except LedgerError as error:
        hint = "punchcard consultant add, or git config user.email ADDRESS, if you log time"
        yield Finding(DOUBTFUL, error.message, hint)
        return
    if consultant.works_on(setup.now.date()):
        yield Finding(OK, f"you are {consultant.handle} ({consultant.name})")
    else:
        yield Finding(DOUBTFUL, f"{consultant.handle}'s last working day was {consultant.until}")


def check_hook(setup: Setup) -> Iterator[Finding]:
    """Whether Git checks what it takes, and merges record by record."""
    repository = setup.repository
    name, file, hint = name_hook(repository), find_hook(repository), "punchcard hook install"
    if file is None:
        yield Finding(WRONG, f"no {name} hook checks what Git takes", hint)
        return
    try:
        try_hook(repository, name, file)
    except LedgerError as error:
        yield Finding(WRONG, error.message, hint)
    else:
        yield Finding(OK, f"the {name} hook works")
    if repository.root is not None and repository.ask("config", MERGE_DRIVER) is None:
        yield Finding(DOUBTFUL, "Git does not merge the ledger record by record", hint)


def check_history(setup: Setup) -> Iterator[Finding]:
    """Whether all commits, the publications' tags and the base branch are here."""
    repository = setup.repository
    if repository.is_shallow():
        yield Finding(WRONG, "not all of the history is here", FETCH_HINT)
    tags = repository.run("for-each-ref", "--format=x", f"refs/tags/{TAG_PREFIX}").split()
    has_remote = bool(repository.run("remote").strip())
    if has_remote and not tags:
        yield Finding(DOUBTFUL, "no publication is known here", "git fetch --tags")
    elif not repository.is_shallow():
        yield Finding(OK, f"the whole history is here, and {len(tags)} publications")
    if protected := find_protected(repository):
        yield Finding(OK, f"what is on {', '.join(protected)} is recorded for good")
    else:
        hint = "git remote set-head origin --auto" if has_remote else "git switch -c main"
        yield Finding(WRONG, "no base branch is known: nothing counts as recorded", hint)


def check_clock(setup: Setup) -> Iterator[Finding]:
    """Whether the clock is not behind the last commit."""
    seconds = setup.repository.ask("log", "-1", "--format=%ct")
    last = datetime.fromtimestamp(int(seconds or 0), UTC)
    provider = setup.ledger.organization.provider
    here = setup.now if provider is None else setup.now.astimezone(provider.zone)
    if setup.now + _CLOCKS_DIFFER < last:
        says = f"the clock says {here:%Y-%m-%d %H:%M}, and the last commit is of a later time"
        yield Finding(WRONG, says, "set it: timedatectl set-ntp true")
    else:
        yield Finding(OK, f"it is {here:%Y-%m-%d %H:%M} for the provider")


def check_company(setup: Setup) -> Iterator[Finding]:
    """Whether the organization's files are right, and no more what ``init`` wrote."""
    organization = setup.ledger.organization
    problems = [*find_organization_problems(organization)]
    for problem in problems[:1]:
        yield Finding(WRONG, f"{problem.position.file}: {problem.message}", "punchcard check")
    left = [*check_placeholders(organization)]
    for problem in left:
        yield Finding(DOUBTFUL, f"{problem.position.file}: {problem.message}", problem.hint)
    if not problems and not left:
        yield Finding(OK, "provider.yml, terms.yml and consultants.yml are yours, and right")


def check_logs(setup: Setup) -> Iterator[Finding]:
    """Whether the web server's logs can be read, and are written."""
    hint = "name the log that the web server writes; may this user read it?"
    provider = setup.ledger.organization.provider
    for log in setup.logs:
        try:
            visits, warnings = read_logs([log], UTC if provider is None else provider.zone)
            newest = max(Path(name).stat().st_mtime for name in list_names(log))
        except (LedgerError, OSError) as error:
            yield Finding(WRONG, str(error), hint)
            continue
        since = datetime.fromtimestamp(newest, UTC)
        for warning in warnings:
            yield Finding(DOUBTFUL, warning)
        if setup.now - since > _FRESH:
            yield Finding(WRONG, f"nothing was written to {log} since {since:%Y-%m-%d}", hint)
        else:
            yield Finding(OK, f"{log} tells of {len(visits)} days with sign-ins")


def check_portals(setup: Setup) -> Iterator[Finding]:
    """Whether a web server can read the portals: every folder above them, and every file."""
    folder = setup.portals
    if folder is None:
        return
    try:
        above = [*folder.resolve(strict=True).parents]
        for path in (*above, folder, *folder.rglob("*")):
            needed = stat.S_IXOTH if path in above else stat.S_IROTH
            needed |= stat.S_IXOTH if path.is_dir() else 0
            if path.stat().st_mode & needed != needed:
                yield Finding(WRONG, f"the web server cannot read {path}", f"chmod o+rX {path}")
                return
    except OSError as error:
        yield Finding(WRONG, f"{error.filename or folder}: {error.strerror}", "publish into it")
        return
    yield Finding(OK, f"a web server can read {folder}")


def check_cache(setup: Setup) -> Iterator[Finding]:
    """Whether what was checked before can be remembered."""
    try:
        setup.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=setup.cache):
            yield Finding(OK, f"checks are remembered in {setup.cache}")
    except OSError as error:
        says = f"checks cannot be remembered in {setup.cache}: {error.strerror}"
        yield Finding(DOUBTFUL, says, "set PUNCHCARD_CACHE_DIR")


CHECKS: tuple[tuple[str, Callable[[Setup], Iterator[Finding]]], ...] = (
    ("versions", check_versions),
    ("identity", check_identity),
    ("hook", check_hook),
    ("history", check_history),
    ("clock", check_clock),
    ("company", check_company),
    ("logs", check_logs),
    ("portals", check_portals),
    ("cache", check_cache),
)
