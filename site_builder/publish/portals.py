"""The portals of a publication: whose data is in order, and portals built here or elsewhere.

What goes wrong with one customer's portal is a value, and the others go on.
"""

import os
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

from ledger.balance.summary import compute_balance
from ledger.check import find_organization_problems, sort_problems
from ledger.errors import LedgerError, Problem, Severity
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.comparison import compare_files
from ledger.history.publications import Publication
from ledger.ledger import Ledger
from ledger.workers import run_on_all_cores
from site_builder.build import Outcome, PortalWork
from site_builder.errors import LedgerHasErrorsError
from site_builder.look import CONFIGURATION_NAME, find_configuration
from site_builder.output import PortalRecord, hash_folder, is_write_error, link_tree, read_manifest
from site_builder.publish.journal import Edition

Published: TypeAlias = Publication | Edition

_HINT = "build the parts from a clean checkout of the commit with all tags, and with these versions"


def find_problems(
    ledger: Ledger,
    repository: GitRepository,
    publications: Sequence[Published],
    as_of: date,
    since: str | None = None,
) -> Mapping[str, Sequence[Problem]]:
    """Return the errors that are known before a portal is built, by customer.

    They are misplaced files, and facts that were altered or removed although they were published.
    Each customer is compared with what was published of it last; of one that was held back, that
    is an earlier publication. ``publications`` are all that there were, oldest first; with
    ``since`` everybody is compared with that commit instead.

    Raises:
        LedgerHasErrorsError: something is wrong that concerns everybody.
    """
    misplaced = [*ledger.problems, *find_organization_problems(ledger.organization)]
    found = _sort_by_customer(ledger, misplaced)
    newest = since or (publications[-1].commit if publications else None)
    if newest is None:
        return found
    shown: dict[str, str | None] = dict.fromkeys(ledger.slugs, since)
    if since is None:
        shown |= _find_shown(ledger, repository, publications)
    for base in dict.fromkeys((newest, *filter(None, shown.values()))):
        problems = compare_files(repository, base, ledger.files).find_problems(as_of)
        # The terms of sale are compared with what was published last.
        altered = (each for each in problems if shown.get(_find_slug(ledger, each), newest) == base)
        for slug, errors in _sort_by_customer(ledger, altered).items():
            found.setdefault(slug, []).extend(errors)
    return found


def _find_shown(
    ledger: Ledger, repository: GitRepository, publications: Sequence[Published]
) -> Iterator[tuple[str, str]]:
    """Yield customers and the commit that was published last of each, whatever its folder was."""
    prefix, now = ledger.files.prefix, {*ledger.slugs}
    wanted = {slug: slug for slug in now}
    for each in reversed(publications):
        if not wanted:
            return
        names = repository.list_entries(each.commit, prefix).keys()
        if (gone := names - now) and (new := wanted.keys() - names):
            keys = {ledger.read_customer(slug).records.customer.key: slug for slug in now & new}
            places = [f"{name}/customer.yml" for name in gone]
            then = Ledger(repository.open_commit(each.commit, prefix, places), repository)
            owners = {name: then.read_customer(name).records.customer.key for name in then.slugs}
            wanted |= {name: keys[key] for name, key in owners.items() if key in keys}
        shown = {wanted[name] for name in names & wanted.keys() - {*each.held_back}}
        yield from ((slug, each.commit) for slug in shown)
        wanted = {name: slug for name, slug in wanted.items() if slug not in shown}


def _sort_by_customer(ledger: Ledger, problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Return the errors by the customer in whose folder they are.

    Of customers who are not in the ledger any more nothing is said: they get no portal.

    Raises:
        LedgerHasErrorsError: one is in no customer's folder, so it may concern all of them.
    """
    found: dict[str, list[Problem]] = {}
    general = []
    for problem in problems:
        if problem.severity is Severity.ERROR:
            slug = _find_slug(ledger, problem)
            if slug in ledger.slugs:
                found.setdefault(slug, []).append(problem)
            elif not slug or problem.rule != CHANGED_HISTORY:
                general.append(problem)
    if general:
        raise LedgerHasErrorsError(sort_problems(general))
    return found


def _find_slug(ledger: Ledger, problem: Problem) -> str:
    """Return the customer in whose folder a problem is; empty if it is in nobody's."""
    path = problem.position.file.removeprefix(ledger.files.prefix)
    return path.partition("/")[0] if "/" in path else ""


def check_out_look(
    repository: GitRepository, commit: str, ledger_prefix: str, folder: Path
) -> Path:
    """Return the ``mkdocs.yml`` that the portals of a commit are built with.

    If the commit has one for us, it lies in ``folder`` with the commit's other files, all but the
    ledger's: nobody knows which of them it refers to. Links are left out.
    """
    found = repository.open_commit(commit, "").blobs
    blobs = {path: blob for path, blob in found.items() if blob.is_file}

    def check_out(paths: Iterable[str]) -> Path:
        for path in paths:
            file = Path(os.path.normpath(folder / path))
            if not file.is_relative_to(folder):
                raise LedgerError(f"{path!r} in {commit} is no path of a file", "take it out")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(repository.read_object(blobs[path].object_id))
        return find_configuration(folder)

    configuration = check_out({CONFIGURATION_NAME} & blobs.keys())
    if configuration.parent == folder:
        check_out(path for path in blobs if not path.startswith(ledger_prefix or "/"))
    return configuration


def make_portals(work: PortalWork, slugs: Sequence[str], jobs: int) -> Iterator[Outcome]:
    """Make portals and yield what became of each; a LedgerError if all of them fail alike."""
    made = []
    for each in run_on_all_cores(lambda slug: _make(work, slug), slugs, jobs):
        made.append(each)
        yield each
    failures = [each.failure for each in made if each.failure]
    if len(failures) > 1 and len(set(failures)) == 1 and not any(each.files for each in made):
        raise LedgerError(f"no portal can be made: {failures[0]}")


def _make(work: PortalWork, slug: str) -> Outcome:
    try:
        return work.build(slug)
    except LedgerError as error:
        return Outcome(slug, failure=error.message)
    except Exception as error:  # one page's bug is no reason to keep all others back
        if is_write_error(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
        failure = f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
        return Outcome(slug, failure=failure)


def find_day(parts: Sequence[Path]) -> date:
    """Return the day that the portals in some folders show; ``LedgerError`` if there are none."""
    for part in parts:
        for record in read_manifest(part).portals.values():
            return date.fromisoformat(record.as_of)
    raise LedgerError(f"there are no portals in {', '.join(map(str, parts))}", _HINT)


def take_parts(
    parts: Sequence[Path], ledger: Ledger, work: PortalWork, as_of: date, staged: Path
) -> Iterator[Outcome]:
    """Link the portals of parts below ``staged``; a LedgerError if one is not what is published."""
    built: dict[str, tuple[Path, PortalRecord]] = {}
    for part in parts:
        for slug, record in read_manifest(part).portals.items():
            fingerprint = work.fingerprints.find(slug) if slug in ledger.slugs else ""
            if fault := _find_fault(part / slug, record, ledger.revision, as_of, fingerprint):
                raise LedgerError(fault, _HINT)
            built[slug] = part / slug, record
    for slug in ledger.slugs:
        records = ledger.read_customer(slug).records
        portal = compute_balance(records, ledger.organization.terms, as_of).portal
        key = records.customer.key or ""
        outcome = Outcome(slug, portal.state.value, portal.last_day, key)
        if outcome.has_portal != (slug in built):
            there = "no portal" if outcome.has_portal else "a portal that is not to be"
            raise LedgerError(f"the folders have {there} of {slug}", _HINT)
        if outcome.has_portal:
            part, record = built[slug]
            link_tree(part, staged / slug)
            policy = record.content_security_policy
            outcome = replace(outcome, policy=policy, files=record.files)
        yield outcome


def _find_fault(
    portal: Path, record: PortalRecord, revision: str | None, as_of: date, fingerprint: str
) -> str:
    """Return why a part's portal is not what is to be published; empty if it is."""
    commits, days = (record.revision, revision), (record.as_of, as_of.isoformat())
    for what, (theirs, ours) in (("commit", commits), ("day", days)):
        if theirs != ours:
            wanted = "what is to be published"
            return f"the parts are of another {what} than {wanted}: {theirs} and {ours}"
    if record.fingerprint != fingerprint:
        other = "with another look, other versions or after another publication"
        return f"{portal} was built {other} than what is to be published"
    is_whole = record.files and hash_folder(portal) == record.files
    return "" if is_whole else f"{portal} is not as it was built"
