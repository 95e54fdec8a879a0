"""The portals of a publication: built here from the look of a commit, or taken from other machines.

What goes wrong with one customer's portal is a value, and the others go on.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ledger.balance.summary import compute_balance
from ledger.errors import LedgerError
from ledger.git import GitRepository, RevisionFiles
from ledger.ledger import Ledger
from site_builder.build import Outcome, PortalWork
from site_builder.look import CONFIGURATION_NAME, find_configuration
from site_builder.output import PortalRecord, hash_folder, is_write_error, link_tree, read_manifest
from site_builder.publish.editions import digest_files

_HINT = "build the parts from a clean checkout of the commit with all tags, and with these versions"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What became of one customer.

    Attributes:
        files: the SHA-256 of each file of the portal; empty if there is none.
        failure: why no page could be made, if none could.
    """

    outcome: Outcome
    files: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


@contextmanager
def check_out_look(repository: GitRepository, commit: str, ledger_prefix: str) -> Iterator[Path]:
    """Give the ``mkdocs.yml`` that the portals of a commit are built with.

    If the commit has one for us, it lies in a folder with the commit's other files, all but the
    ledger's: nobody knows which of them it refers to. Links are left out.
    """
    with tempfile.TemporaryDirectory(prefix="punchcard-look-") as name:
        folder = Path(name)
        files = repository.open_commit(commit, "")
        _check_out(repository, files, {CONFIGURATION_NAME} & files.blobs.keys(), folder)
        configuration = find_configuration(folder)
        if configuration.parent == folder:
            wanted = (path for path in files.blobs if not path.startswith(ledger_prefix or "/"))
            _check_out(repository, files, wanted, folder)
        yield configuration


def _check_out(
    repository: GitRepository, files: RevisionFiles, paths: Iterable[str], folder: Path
) -> None:
    blobs = {path: files.blobs[path] for path in paths if files.blobs[path].is_file}
    for path, blob in blobs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(repository.read_object(blob.object_id))


def make_portals(
    work: PortalWork,
    slugs: Sequence[str],
    staged: Path,
    jobs: int,
    on_customer: Callable[[str], None],
) -> dict[str, Candidate]:
    """Make the portals of some customers below ``staged`` and return what became of each."""
    made = {}
    for each in work.run(lambda slug: _make(work, slug, staged), slugs, jobs):
        made[each.outcome.slug] = each
        on_customer(each.outcome.slug)
    # If all portals fail alike, it is no single customer's affair.
    failures = [each.failure for each in made.values() if each.failure]
    has_any = any(each.files for each in made.values())
    if len(failures) > 1 and len(set(failures)) == 1 and not has_any:
        raise LedgerError(f"no portal can be made: {failures[0]}")
    return made


def _make(work: PortalWork, slug: str, staged: Path) -> Candidate:
    try:
        outcome = work.build(slug)
        return Candidate(outcome, digest_files(staged / slug) if outcome.has_portal else {})
    except LedgerError as error:
        return Candidate(Outcome(slug), failure=error.message)
    except Exception as error:  # one page's bug is no reason to keep all others back
        if is_write_error(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
        failure = f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
        return Candidate(Outcome(slug), failure=failure)


def find_day(parts: Sequence[Path]) -> date:
    """Return the day that the portals in some folders show; ``LedgerError`` if there are none."""
    for part in parts:
        for record in read_manifest(part).portals.values():
            return date.fromisoformat(record.as_of)
    raise LedgerError(f"there are no portals in {', '.join(map(str, parts))}", _HINT)


def take_parts(
    parts: Sequence[Path],
    ledger: Ledger,
    work: PortalWork,
    as_of: date,
    staged: Path,
    on_customer: Callable[[str], None],
) -> dict[str, Candidate]:
    """Link the portals of some folders below ``staged``; return what became of each customer.

    Raises:
        LedgerError: a portal is missing, damaged, or of something else than what is published.
    """
    built: dict[str, tuple[Path, PortalRecord]] = {}
    for part in parts:
        for slug, record in read_manifest(part).portals.items():
            days, commits = (record.as_of, as_of.isoformat()), (record.revision, ledger.revision)
            for what, (theirs, ours) in (("commit", commits), ("day", days)):
                if theirs != ours:
                    raise LedgerError(
                        f"the parts are of another {what} than what is to be published: "
                        f"{theirs} and {ours}",
                        _HINT,
                    )
            fingerprint = work.fingerprints.find(slug) if slug in ledger.slugs else ""
            if record.fingerprint != fingerprint:
                raise LedgerError(
                    f"{part / slug} was built with another look, other versions or after another "
                    "publication than what is to be published",
                    _HINT,
                )
            if not record.files or hash_folder(part / slug) != record.files:
                raise LedgerError(f"{part / slug} is not as it was built", _HINT)
            built[slug] = part / slug, record
    taken = {}
    for slug in ledger.slugs:
        records = ledger.read_customer(slug).records
        portal = compute_balance(records, ledger.organization.terms, as_of).portal
        policy = built[slug][1].content_security_policy if slug in built else ""
        key = records.customer.key or ""
        outcome = Outcome(slug, portal.state.value, portal.last_day, key, policy)
        if outcome.has_portal != (slug in built):
            there = "no portal" if outcome.has_portal else "a portal that is not to be"
            raise LedgerError(f"the folders have {there} of {slug}", _HINT)
        files = {}
        if outcome.has_portal:
            link_tree(built[slug][0], staged / slug)
            files = digest_files(staged / slug)
        taken[slug] = Candidate(outcome, files)
        on_customer(slug)
    return taken
