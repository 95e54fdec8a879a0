"""One customer's portal in the browser, following the files of the ledger as they are edited."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ledger.check import find_organization_problems, find_problems_of
from ledger.errors import LedgerError, Severity
from ledger.ledger_files import FolderFiles
from ledger.loader import Ledger, open_ledger
from site_builder.configuration import find_configuration
from site_builder.errors import LedgerHasErrorsError
from site_builder.ledger_views import STATES_WITHOUT_PORTAL, view_portal
from site_builder.look import list_style_files, read_style
from site_builder.mkdocs_site.builder import SiteBuilder
from site_builder.mkdocs_site.server import serve_site
from site_builder.mkdocs_site.theme import forget_templates
from site_builder.pages.environment import forget_renderers
from site_builder.pages.portal_site import render_portal


class LivePreview:
    """A portal that is built anew from the files as they are."""

    def __init__(
        self, folder: Path | None, slug: str, choose_day: Callable[[Ledger], date]
    ) -> None:
        """Prepare the preview of one customer's portal.

        Args:
            folder: the ledger's, as ``open_ledger`` takes it.
            slug: the customer.
            choose_day: says which day's evening is shown.
        """
        self._folder = folder
        self._slug = slug
        self._choose_day = choose_day
        self._watched: tuple[Path, ...] = ()

    def serve(
        self,
        port: int,
        on_start: Callable[[str], None],
        on_error: Callable[[LedgerError], None],
    ) -> None:
        """Show the portal at ``port`` of this machine until interrupted.

        Args:
            port: 0 takes one that is free.
            on_start: called with the address.
            on_error: called when an edited file makes no portal; what was shown stays.

        Raises:
            LedgerHasErrorsError: the customer's files have errors to begin with.
            LedgerError: there is no such customer, ledger or portal, or the port is taken.
        """
        with tempfile.TemporaryDirectory(prefix="punchcard-preview-") as temporary:
            site = Path(temporary) / "site"
            self.build(site)

            def follow() -> None:
                try:
                    self.build(site)
                except LedgerError as error:
                    on_error(error)

            serve_site(site, follow, self._watched, port, on_start)

    def build(self, site: Path) -> None:
        """Build the portal into the folder ``site``; if it cannot be, leave what is there.

        Raises:
            LedgerHasErrorsError: the customer's files, or the provider's, have errors.
            LedgerError: the customer has no portal.
        """
        with open_ledger(self._folder, customers=[self._slug]) as ledger:
            configuration = find_configuration(ledger.root)
            self._watched = tuple(_list_sources(ledger, configuration))
            as_of = self._choose_day(ledger)
            _require_no_errors_of(ledger, self._slug, as_of)
            view = view_portal(ledger, self._slug, as_of)
        if view.balance.portal_state in STATES_WITHOUT_PORTAL:
            raise LedgerError(f"{self._slug} has no portal on {as_of}", "choose another day")
        forget_templates()
        forget_renderers()
        SiteBuilder(configuration).build(render_portal(view, read_style(configuration)), site)


def _list_sources(ledger: Ledger, configuration: Path) -> list[Path]:
    """Return what to watch: the whole ledger, as new files count too, and the portals' look."""
    folders = [ledger.files.folder] if isinstance(ledger.files, FolderFiles) else []
    return [*folders, configuration, *list_style_files(read_style(configuration))]


def _require_no_errors_of(ledger: Ledger, slug: str, as_of: date) -> None:
    """Refuse what is wrong with this customer; the others' files are not looked at."""
    problems = [
        *ledger.problems,
        *find_organization_problems(ledger.organization),
        *find_problems_of(ledger.organization, ledger.read_customer(slug), as_of),
    ]
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise LedgerHasErrorsError(errors)
