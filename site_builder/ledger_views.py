"""From the ledger to what a customer may see: only of a ledger without errors."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ledger.check import check_ledger
from ledger.errors import LedgerError, Severity
from ledger.files.source import LedgerFiles
from ledger.loader import Ledger
from site_builder.errors import LedgerHasErrorsError
from site_builder.last_update import LastUpdate, LastUpdates

if TYPE_CHECKING:
    from ledger.figures.draw_down import DrawDown
    from ledger.reading.customer_folder import CustomerFolder
    from site_builder.portal_view import PortalView

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})

_PROVIDER_NAME = re.compile(rb"^name:[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)


def find_provider_name(files: LedgerFiles) -> str:
    """Return how the provider's file calls the provider, before anybody understands the file."""
    try:
        found = _PROVIDER_NAME.search(files.read("provider.yml"))
    except OSError:
        return ""
    return found[1].decode(errors="replace").strip("\"' ") if found else ""


def require_no_errors(ledger: Ledger, as_of: date, jobs: int = 1) -> None:
    """Refuse a ledger in which something is wrong; what is dated later does not count.

    Raises:
        LedgerHasErrorsError: with all its errors, sorted.
    """
    report = check_ledger(ledger, as_of, includes_future=False, jobs=jobs)
    if report.error_count:
        raise LedgerHasErrorsError(
            [problem for problem in report.problems if problem.severity is Severity.ERROR]
        )


def view_portal(ledger: Ledger, slug: str, as_of: date) -> PortalView:
    """Return what the customer ``slug`` may see.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
    last_update = LastUpdates(ledger, as_of).find(slug)
    return view_folder(ledger, ledger.read_customer(slug), as_of, last_update=last_update)


def view_folder(
    ledger: Ledger,
    folder: CustomerFolder,
    as_of: date,
    drawn: DrawDown | None = None,
    last_update: LastUpdate | None = None,
) -> PortalView:
    """Return what the customer of a folder may see; ``drawn`` if that is known already.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
    from site_builder.portal import make_portal_view  # a build with nothing to do does without

    organization = ledger.organization
    if organization.provider is None:
        raise LedgerError(
            "the ledger has no provider.yml, so the portals would not say whose they are",
            hint="add it: name, timezone, published_on, contacts, links",
        )
    return make_portal_view(
        folder.records,
        organization.provider,
        organization.terms,
        organization.consultants,
        as_of,
        ledger.revision,
        drawn,
        last_update,
    )
