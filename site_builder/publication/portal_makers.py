"""Makes all portals, each for itself: what goes wrong with one is a value, and the others go on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.errors import LedgerError
from site_builder.build import Outcome, PortalWork
from site_builder.output import is_write_error
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
    made = {}
    for each in work.run(lambda slug: _make(work, slug, staged), slugs, jobs):
        made[each.outcome.slug] = each
        on_customer(each.outcome.slug)
    return made


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
