"""Portals that other machines have built in parts, taken instead of building them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.figures.balance import compute_balance
from ledger.loader import Ledger
from site_builder.combination import combine_parts, read_parts
from site_builder.output_folder import read_manifest
from site_builder.part_record import PartRecord
from site_builder.portal_outcome import Outcome
from site_builder.portal_work import PortalWork
from site_builder.publication.generation import digest_files
from site_builder.publication.portal_makers import Candidate
from site_builder.versions import list_versions


def find_day(parts: Sequence[Path]) -> date:
    """Return the day that the portals of parts show.

    Raises:
        LedgerError: they are no parts.
    """
    for folder in parts:
        part = read_manifest(folder).part
        if part is not None:
            return date.fromisoformat(part.as_of)
    raise LedgerError(
        f"{', '.join(map(str, parts))} are no parts of the portals",
        "`punchcard portal build --shard 1/8` builds one",
    )


def take_parts(
    parts: Sequence[Path],
    ledger: Ledger,
    work: PortalWork,
    as_of: date,
    staged: Path,
    on_customer: Callable[[str], None],
) -> dict[str, Candidate]:
    """Bring the portals of parts below ``staged`` and return what became of each customer.

    Raises:
        LedgerError: they do not make a whole, are not as they were built, or are of something
            else than what is published.
    """
    whole = read_parts(parts)
    _require_match(read_manifest(parts[0]).part, ledger.revision, as_of, work)
    brought = staged / "parts"
    combine_parts(whole, brought)
    found = {}
    for slug in ledger.slugs:
        outcome = _find_outcome(ledger, slug, as_of)
        if outcome.has_portal != (slug in whole.places):
            raise LedgerError(
                f"the parts and the ledger do not agree whether {slug} has a portal",
                "build all parts again",
            )
        if outcome.has_portal:
            (brought / slug).rename(staged / slug)
            policy = whole.whole.portals[slug].content_security_policy
            outcome = replace(outcome, policy=policy)
        files = digest_files(staged / slug) if outcome.has_portal else {}
        found[slug] = Candidate(outcome, files)
        on_customer(slug)
    return found


def _require_match(
    part: PartRecord | None, commit: str | None, as_of: date, work: PortalWork
) -> None:
    expected = {
        "commit": (part and part.revision, commit),
        "day": (part and part.as_of, as_of.isoformat()),
        "previous publication": (part and (part.previous or "none"), work.previous or "none"),
        "look": (part and part.look, work.look),
        "versions": (part and dict(part.versions), list_versions()),
    }
    for what, (theirs, ours) in expected.items():
        if theirs != ours:
            raise LedgerError(
                f"the parts are of another {what.removesuffix('s')} than what is to be published: "
                f"{theirs} and {ours}",
                "build the parts from a clean checkout of the commit with all tags, and with these "
                "versions",
            )


def _find_outcome(ledger: Ledger, slug: str, as_of: date) -> Outcome:
    records = ledger.read_customer(slug).records
    portal = compute_balance(records, ledger.organization.terms, as_of).portal
    return Outcome(
        slug=slug,
        name=records.customer.name,
        state=portal.state.value,
        last_day=portal.last_day,
        key=records.customer.key or "",
    )
