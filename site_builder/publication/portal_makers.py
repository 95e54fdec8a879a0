"""Makes all portals, each for itself: what goes wrong with one is a value, and the others go on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.errors import LedgerError
from ledger.workers import run_on_all_cores
from site_builder.output_folder import is_write_error
from site_builder.portal_outcome import Outcome
from site_builder.portal_work import PortalWork
from site_builder.publication.generation import digest_files


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


def make_portals(
    work: PortalWork,
    slugs: Sequence[str],
    staged: Path,
    jobs: int,
    on_customer: Callable[[str], None],
) -> dict[str, Candidate]:
    """Make the portals of some customers below ``staged`` and return what became of each.

    Raises:
        LedgerError: a process was killed.
        OSError: it cannot be written.
    """
    work.build_into(staged)
    made = {}
    for each in _make_all(work, slugs, staged, jobs):
        made[each.outcome.slug] = each
        on_customer(each.outcome.slug)
    return made


def _make_all(
    work: PortalWork, slugs: Sequence[str], staged: Path, jobs: int
) -> Iterator[Candidate]:
    def make(slug: str) -> Candidate:
        return _make(work, slug, staged)

    for number, slug in enumerate(slugs):
        if work.is_warm:
            # From here on, a fork has all it needs.
            yield from run_on_all_cores(make, slugs[number:], jobs)
            return
        yield make(slug)


def _make(work: PortalWork, slug: str, staged: Path) -> Candidate:
    try:
        outcome = work.build(slug)
        files = digest_files(staged / slug) if outcome.has_portal else {}
    except LedgerError as error:
        return Candidate(Outcome(slug), failure=error.message)
    except Exception as error:  # one page's bug is no reason to keep all others back
        if is_write_error(error):
            raise
        return Candidate(Outcome(slug), failure=_describe(error))
    return Candidate(outcome, files)


def _describe(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
