"""Whether a machine and a repository are set up for their work: what ``punchcard doctor`` says.

Each check of ``CHECKS`` looks at one thing and changes nothing. It returns what is well (None: it
has nothing to say), or raises a ``LedgerError`` that says what is not, and what to do.
"""

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
from ledger.errors import LedgerError, Problem
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
_HOOK_HINT = "punchcard hook install"
OK, DOUBTFUL, WRONG = "ok", "doubtful", "wrong"


class Finding(NamedTuple):
    """What a check found; ``state``: ok, doubtful (it may be meant so) or wrong."""

    check: str
    state: str
    says: str
    hint: str = ""


@dataclass(frozen=True)
class Setup:
    """What is looked at: web servers' logs, what they serve, ``now`` in the provider's zone."""

    ledger: Ledger
    repository: GitRepository
    now: datetime
    cache: Path
    logs: tuple[str, ...] = ()
    portals: Path | None = None


def examine(setup: Setup) -> Iterator[Finding]:
    """Yield what each check finds."""
    for name, weight, check in CHECKS:
        try:
            if says := check(setup):
                yield Finding(name, OK, says)
        except LedgerError as error:
            yield Finding(name, weight, error.message, error.hint)
        except OSError as error:
            yield Finding(name, weight, f"{error.filename}: {error.strerror}", "may you go there?")


def _check_versions(setup: Setup) -> str:
    said = setup.repository.run("version").decode().removeprefix("git version ").strip()
    if [int(part) for part in said.split(".")[:2]] < [2, 31]:
        raise LedgerError(f"this is Git {said}", "install Git 2.31 or newer")
    program = metadata.version("service-punchcards")
    return f"punchcard {program}, Python {platform.python_version()}, Git {said}"


def _check_identity(setup: Setup) -> str:
    require_identity(setup.repository)
    return "Git knows who you are"


def _check_consultant(setup: Setup) -> str:
    today = setup.now.date()
    consultant = find_consultant(setup.ledger, None)
    if not consultant.works_on(today):
        raise LedgerError(f"{consultant.handle}'s last working day was {consultant.until}")
    return f"you are {consultant.handle} ({consultant.name})"


def _check_hook(setup: Setup) -> str:
    name, file = name_hook(setup.repository), find_hook(setup.repository)
    if file is None:
        raise LedgerError(f"no {name} hook checks what Git takes", _HOOK_HINT)
    try:
        try_hook(setup.repository, name, file)
    except LedgerError as error:
        raise LedgerError(error.message, _HOOK_HINT) from error
    return f"the {name} hook works"


def _check_merge_driver(setup: Setup) -> str | None:
    if setup.repository.root is None:
        return None
    if setup.repository.ask("config", MERGE_DRIVER) is None:
        raise LedgerError("Git does not merge the ledger record by record", _HOOK_HINT)
    return "Git merges the ledger record by record"


def _check_history(setup: Setup) -> str:
    if setup.repository.is_shallow():
        raise LedgerError("not all of the history is here", FETCH_HINT)
    return "the whole history is here"


def _check_tags(setup: Setup) -> str:
    tags = setup.repository.run("for-each-ref", "--format=x", f"refs/tags/{TAG_PREFIX}").split()
    if not tags and setup.repository.run("remote").strip():
        raise LedgerError("no publication is known here", "git fetch --tags")
    return f"{len(tags) or 'no'} publications are known"


def _check_branch(setup: Setup) -> str:
    protected = find_protected(setup.repository)
    if not protected:
        hint = "git remote set-head origin --auto, or git config punchcard.protected BRANCH"
        raise LedgerError("no base branch is known: nothing counts as recorded", hint)
    return f"what is on {', '.join(protected)} is recorded for good"


def _check_clock(setup: Setup) -> str:
    last = int(setup.repository.ask("log", "-1", "--format=%ct") or 0)
    here = f"it is {setup.now:%Y-%m-%d %H:%M} for the provider"
    if setup.now + _CLOCKS_DIFFER < datetime.fromtimestamp(last, UTC):
        message = f"{here}, and the last commit is of a later time"
        raise LedgerError(message, "set the clock: timedatectl set-ntp true")
    return here


def _check_company(setup: Setup) -> str:
    _refuse_first([*find_organization_problems(setup.ledger.organization)])
    return "provider.yml, terms.yml and consultants.yml are right"


def _check_placeholders(setup: Setup) -> None:
    _refuse_first([*check_organization(setup.ledger.organization, "placeholder")])


def _refuse_first(problems: list[Problem]) -> None:
    for problem in problems:
        raise LedgerError(f"{problem.position.file}: {problem.message}", problem.hint)


def _check_logs(setup: Setup) -> str | None:
    if not setup.logs:
        return None
    visits, warnings = read_logs(setup.logs, setup.ledger.organization.zone)
    if warnings:
        raise LedgerError(warnings[0], "may you read it?")
    newest = max(Path(name).stat().st_mtime for log in setup.logs for name in list_names(log))
    since = datetime.fromtimestamp(newest, UTC)
    if setup.now - since > _FRESH:
        hint = "name the log that the web server writes"
        raise LedgerError(f"no log was written to since {since:%Y-%m-%d}", hint)
    return f"the logs tell of {len(visits)} days with sign-ins"


def _check_portals(setup: Setup) -> str | None:
    """Look at every folder above the portals, and at every file."""
    if (folder := setup.portals) is None:
        return None
    above = [*folder.resolve(strict=True).parents]
    for path in (*above, folder, *folder.rglob("*")):
        needed = stat.S_IXOTH if path in above else stat.S_IROTH
        needed |= stat.S_IXOTH if path.is_dir() else 0
        if path.stat().st_mode & needed != needed:
            raise LedgerError(f"the web server cannot read {path}", f"chmod o+rX {path}")
    return f"a web server can read {folder}"


def _check_cache(setup: Setup) -> str:
    try:
        setup.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=setup.cache):
            return f"checks are remembered in {setup.cache}"
    except OSError as error:
        message = f"checks cannot be remembered in {setup.cache}: {error.strerror}"
        raise LedgerError(message, "set PUNCHCARD_CACHE_DIR") from error


CHECKS: tuple[tuple[str, str, Callable[[Setup], str | None]], ...] = (
    ("versions", WRONG, _check_versions),
    ("identity", WRONG, _check_identity),
    ("consultant", DOUBTFUL, _check_consultant),
    ("hook", WRONG, _check_hook),
    ("merging", DOUBTFUL, _check_merge_driver),
    ("history", WRONG, _check_history),
    ("tags", DOUBTFUL, _check_tags),
    ("branch", WRONG, _check_branch),
    ("clock", WRONG, _check_clock),
    ("company", WRONG, _check_company),
    ("examples", DOUBTFUL, _check_placeholders),
    ("logs", WRONG, _check_logs),
    ("portals", WRONG, _check_portals),
    ("cache", DOUBTFUL, _check_cache),
)
"""The checks, and how much it weighs if one finds fault."""
