"""Portals that other machines have built, taken instead of building them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError
from ledger.figures.balance import compute_balance
from ledger.loader import Ledger
from site_builder.build import Outcome, PortalWork
from site_builder.output import PortalRecord, hash_folder, link_tree, read_manifest
from site_builder.publication.generation import digest_files
from site_builder.publication.portal_makers import Candidate

_HINT = "build the parts from a clean checkout of the commit with all tags, and with these versions"


def find_day(parts: Sequence[Path]) -> date:
    """Return the day that the portals in some folders show; ``LedgerError`` if there are none."""
    for folder in parts:
        for record in read_manifest(folder).portals.values():
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
            _require_same("commit", record.revision, ledger.revision)
            _require_same("day", record.as_of, as_of.isoformat())
            fingerprint = work.fingerprints.find(slug) if slug in ledger.slugs else ""
            if record.fingerprint != fingerprint:
                raise LedgerError(
                    f"{part / slug} was built with another look, other versions or after another "
                    "publication than what is to be published",
                    _HINT,
                )
            if not record.files or hash_folder(part / slug) != record.files:
                raise LedgerError(f"{part / slug} is not as it was built", _HINT)
            built[slug] = part, record
    found = {}
    for slug in ledger.slugs:
        found[slug] = _take(slug, built, ledger, as_of, staged)
        on_customer(slug)
    return found


def _require_same(what: str, theirs: str | None, ours: str | None) -> None:
    if theirs != ours:
        raise LedgerError(
            f"the parts are of another {what} than what is to be published: {theirs} and {ours}",
            _HINT,
        )


def _take(
    slug: str,
    built: dict[str, tuple[Path, PortalRecord]],
    ledger: Ledger,
    as_of: date,
    staged: Path,
) -> Candidate:
    records = ledger.read_customer(slug).records
    portal = compute_balance(records, ledger.organization.terms, as_of).portal
    key = records.customer.key or ""
    outcome = Outcome(slug, portal.state.value, portal.last_day, key)
    if outcome.has_portal != (slug in built):
        there = "no portal" if outcome.has_portal else "a portal that is not to be"
        raise LedgerError(f"the folders have {there} of {slug}", _HINT)
    if not outcome.has_portal:
        return Candidate(outcome)
    part, record = built[slug]
    link_tree(part / slug, staged / slug)
    policy = record.content_security_policy
    outcome = Outcome(slug, portal.state.value, portal.last_day, key, policy)
    return Candidate(outcome, digest_files(staged / slug))
