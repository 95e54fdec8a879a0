"""From the ledger to what a customer may see: only of a ledger without errors."""

from __future__ import annotations

from datetime import date

from ledger.check import check_ledger
from ledger.errors import LedgerError, Severity
from ledger.loader import Ledger
from ledger.reading.customer_folder import CustomerFolder
from site_builder.errors import LedgerHasErrorsError
from site_builder.portal import make_portal_view
from site_builder.portal_view import PortalView

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})


def require_no_errors(ledger: Ledger, as_of: date) -> None:
    """Refuse a ledger in which something is wrong; what is dated later does not count.

    Raises:
        LedgerHasErrorsError: with all its errors, sorted.
    """
    report = check_ledger(ledger, as_of, includes_future=False)
    if report.error_count:
        raise LedgerHasErrorsError(
            [problem for problem in report.problems if problem.severity is Severity.ERROR]
        )


def view_portal(ledger: Ledger, slug: str, as_of: date) -> PortalView:
    """Return what the customer ``slug`` may see.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
    return view_folder(ledger, ledger.read_customer(slug), as_of)


def view_folder(ledger: Ledger, folder: CustomerFolder, as_of: date) -> PortalView:
    """Return what the customer of a folder may see.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
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
    )
