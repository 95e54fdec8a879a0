"""Plain ``mkdocs serve`` and ``mkdocs build`` beside a ledger: they show one customer's portal.

This is the plugin that MkDocs finds by its name. While portals are built it does what it is
told; on its own it looks for a customer to show.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.dates import today_in
from ledger.errors import LedgerError
from ledger.loader import Ledger, open_ledger
from ledger.reading.file_layout import DEFAULT_FOLDER
from site_builder.configuration import find_configuration
from site_builder.ledger_views import STATES_WITHOUT_PORTAL, require_no_errors, view_portal
from site_builder.look import read_style
from site_builder.mkdocs_site.plugin import PortalPlugin
from site_builder.pages.portal_site import render_portal
from site_builder.pages.site import PortalSite
from site_builder.portal_view import PortalView


class PreviewPlugin(PortalPlugin):  # type: ignore[no-untyped-call]  # MkDocs is typed in part
    """Our plugin, with a customer of the ledger around it where no portal was chosen."""

    _folder: Path | None = None

    def find_site(self, root: Path) -> PortalSite:
        """Return the portal of the customer named in ``mkdocs.yml``, or of the first one.

        Raises:
            LedgerError: the ledger has errors, or nobody has a portal.
        """
        self._folder = root / DEFAULT_FOLDER
        with open_ledger(self._folder) as ledger:
            view = _find_view(ledger, self.config.preview)
        return render_portal(view, read_style(find_configuration(root)))

    def on_serve(self, server: Any, **_arguments: object) -> None:
        """Let the preview follow the ledger's files."""
        # The type is MkDocs's own, and only mkdocs_site imports MkDocs.
        if self._folder is not None:
            server.watch(str(self._folder))


def _find_view(ledger: Ledger, customer: str | None) -> PortalView:
    # Who previews wants today, as the command line does; there is nobody here to ask for a date.
    provider = ledger.organization.provider
    as_of = today_in(UTC if provider is None else provider.zone, datetime.now(UTC))
    require_no_errors(ledger, as_of)
    for slug in (customer,) if customer else ledger.slugs:
        view = view_portal(ledger, slug, as_of)
        if view.balance.portal_state not in STATES_WITHOUT_PORTAL:
            return view
    raise LedgerError("no customer has a portal to preview", "name another in mkdocs.yml")
